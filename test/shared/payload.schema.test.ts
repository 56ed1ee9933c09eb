// What the tracker sends is held against Klaviyo's own schema, see ../sandbox/openapi-schema.ts.
import type { ValidateFunction } from 'ajv';
import { describe, expect, it } from 'vitest';
import {
  asBackfill,
  bulkBody,
  eventBody,
  eventData,
  profileBody,
} from '../../src/shared/payload.js';
import type { Profile } from '../../src/shared/profile.js';
import { readIdentifiers } from '../../src/shared/profile.js';
import fc from '../helpers/fast-check.js';
import { compileRequestSchema, whySkipped } from '../sandbox/openapi-schema.js';

if (whySkipped) console.info(whySkipped);

const text = fc.string({ maxLength: 30, unit: 'grapheme' });
const json = fc.dictionary(text, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 });
const optional = <T extends Record<string, unknown>>(
  shape: { [K in keyof T]: fc.Arbitrary<T[K]> },
) => fc.record(shape, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;

const identifiers = optional({
  email: fc.oneof(fc.emailAddress(), text),
  phoneNumber: fc.oneof(fc.constant('+4930123456'), text),
  externalId: text,
  id: fc.stringMatching(/^[0-9A-Z]{26}$/),
  kx: fc.stringMatching(/^[\w-]{10,40}\.AbC123$/),
}).map((found) => readIdentifiers(found as Profile));

const profile = optional({
  ...{ firstName: text, lastName: text, organization: text, title: text, image: fc.webUrl() },
  locale: fc.constantFrom('en', 'de-DE'),
  location: optional({
    ...{ address1: text, address2: text, city: text, country: text, region: text, zip: text },
    timezone: fc.constant('Europe/Berlin'),
    latitude: fc.oneof(text, fc.double({ min: -90, max: 90, noNaN: true })),
    longitude: fc.oneof(text, fc.double({ min: -180, max: 180, noNaN: true })),
    ip: fc.ipV4(),
  }),
  properties: json,
  append: json,
  unappend: json,
  unset: fc.array(text, { minLength: 1, maxLength: 3 }),
}) as fc.Arbitrary<Profile>;

const event = fc
  .tuple(
    fc.string({ minLength: 1, maxLength: 127 }),
    json,
    fc.string({ minLength: 1, maxLength: 255 }),
    fc.integer({ min: Date.UTC(1990, 1), max: Date.UTC(2027, 0) }),
    fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: undefined }),
    fc.option(fc.constantFrom('EUR', 'USD'), { nil: undefined }),
  )
  .map((parts) => eventData(...parts));
const member = fc.oneof(event, event.map(asBackfill));

const check = (validate: ValidateFunction, body: string): void => {
  const isValid = validate(JSON.parse(body));
  expect(validate.errors ?? [], body).toEqual([]);
  expect(isValid).toBe(true);
};

describe.skipIf(whySkipped)("under Klaviyo's schema", () => {
  const schemaOf = (endpoint: Parameters<typeof compileRequestSchema>[0]) =>
    compileRequestSchema(endpoint)!;

  it('every body of one event is valid', () => {
    const validate = schemaOf('events');
    fc.assert(
      fc.property(fc.uuid(), identifiers, member, (anonymousId, who, one) =>
        check(validate, eventBody(profileBody(anonymousId, who), one)),
      ),
    );
  });

  it('every bulk body is valid', () => {
    const validate = schemaOf('event-bulk-create');
    const members = fc.array(member, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.uuid(), identifiers, members, (anonymousId, who, all) =>
        check(validate, bulkBody(profileBody(anonymousId, who), all)),
      ),
    );
  });

  it('every profile body is valid', () => {
    const validate = schemaOf('profiles');
    fc.assert(
      fc.property(fc.uuid(), identifiers, profile, (anonymousId, who, fields) =>
        check(validate, profileBody(anonymousId, who, fields)),
      ),
    );
  });

  it('a body without a metric is not valid, so this can fail', () => {
    const body = { data: { type: 'event', attributes: { properties: {} } } };
    expect(schemaOf('events')(body)).toBe(false);
  });
});
