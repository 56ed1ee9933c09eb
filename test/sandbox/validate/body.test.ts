import { describe, expect, it } from 'vitest';
import type { ClientEndpoint } from '../../../src/sandbox/endpoints.js';
import { clientBody } from '../../../src/sandbox/validate/body.js';
import { problemsOf } from '../../../src/sandbox/validate/check.js';
import {
  backInStockBody,
  bulkBody,
  eventAttributes,
  eventBody,
  profileBody,
  profileData,
  subscriptionBody,
} from '../requests.js';

const now = Date.parse('2026-11-22T10:00:00Z');
const check = (endpoint: ClientEndpoint, body: unknown) =>
  problemsOf(clientBody(endpoint, now), body);
const pointers = (endpoint: ClientEndpoint, body: unknown) =>
  check(endpoint, body).map((problem) => problem.pointer);
const event = (over: Record<string, unknown>, metric?: unknown) =>
  pointers('events', eventBody(over, metric));
const repeat = (count: number, make: (index: number) => unknown) =>
  Array.from({ length: count }, (_, index) => make(index));

describe('an event', () => {
  it('needs properties, a metric and a profile', () => {
    expect(pointers('events', { data: { type: 'event', attributes: {} } })).toEqual([
      '/data/attributes/properties',
      '/data/attributes/metric',
      '/data/attributes/profile',
    ]);
    expect(pointers('events', {})).toEqual(['/data']);
    expect(pointers('events', { data: {} })).toEqual(['/data/type', '/data/attributes']);
  });

  it('has a metric name of 1 to 127 characters', () => {
    const name = '/data/attributes/metric/data/attributes/name';
    expect(event({}, 'x'.repeat(127))).toEqual([]);
    expect(event({}, 'x'.repeat(128))).toEqual([name]);
    expect(event({}, '')).toEqual([name]);
    expect(event({}, 5)).toEqual([name]);
  });

  it('has a unique_id of 1 to 255 characters', () => {
    expect(event({ unique_id: 'x'.repeat(255) })).toEqual([]);
    expect(event({ unique_id: 'x'.repeat(256) })).toEqual(['/data/attributes/unique_id']);
    expect(event({ unique_id: '' })).toEqual(['/data/attributes/unique_id']);
  });

  it('has at most 400 properties', () => {
    const properties = (count: number) =>
      Object.fromEntries(repeat(count, (i) => [`p${i}`, i]) as []);
    expect(event({ properties: properties(400) })).toEqual([]);
    expect(event({ properties: properties(401) })).toEqual(['/data/attributes/properties']);
  });

  it('has strings of at most 100 KB, in bytes, however deep', () => {
    expect(event({ properties: { a: { b: ['x'.repeat(100_000)] } } })).toEqual([]);
    expect(event({ properties: { a: { b: ['é'.repeat(50_001)] } } })).toEqual([
      '/data/attributes/properties/a/b/0',
    ]);
  });

  it('has arrays of at most 4000 items', () => {
    expect(event({ properties: { list: repeat(4000, (i) => i) } })).toEqual([]);
    expect(event({ properties: { list: repeat(4001, (i) => i) } })).toEqual([
      '/data/attributes/properties/list',
    ]);
  });

  it('is nested at most 10 levels deep, properties being the first', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });
    expect(event({ properties: nested(10) })).toEqual([]);
    expect(event({ properties: nested(11) })).toEqual([
      `/data/attributes/properties${'/a'.repeat(10)}`,
    ]);
  });

  it.each([
    ['2026-11-22T10:00:00Z', true],
    ['2026-11-22T10:00:00.123456+05:30', true],
    ['1991-01-01T00:00:00Z', true],
    ['1990-12-31T23:59:59Z', false],
    ['2027-11-22T09:59:59Z', true],
    ['2027-11-22T10:00:01Z', false],
    ['2026-11-22T10:00:00', false],
    ['2026-11-22', false],
    ['2026-02-30T10:00:00Z', false],
    ['yesterday', false],
    ['1795341600', false],
  ])('has a time like %s: %s', (time, isValid) => {
    expect(event({ time })).toEqual(isValid ? [] : ['/data/attributes/time']);
  });

  it('has a number as value and an ISO 4217 code as its currency', () => {
    expect(event({ value: -0.5, value_currency: 'EUR' })).toEqual([]);
    expect(event({ value: '5' })).toEqual(['/data/attributes/value']);
    expect(event({ value_currency: 'euro' })).toEqual(['/data/attributes/value_currency']);
  });

  it('has no field Klaviyo does not know', () => {
    expect(check('events', eventBody({ uniqueId: 'a' }))).toEqual([
      {
        pointer: '/data/attributes/uniqueId',
        detail: "'uniqueId' is not a valid field for the resource 'event'.",
      },
    ]);
  });
});

describe('a profile', () => {
  const profile = (attributes: Record<string, unknown>) =>
    pointers('profiles', profileBody(attributes));

  it('needs at least one identifier, and null or "" is none', () => {
    for (const attributes of [{}, { first_name: 'Ada' }, { email: null, external_id: '' }]) {
      expect(profile(attributes)).toEqual(['/data/attributes']);
    }
    for (const name of ['external_id', 'anonymous_id', '_kx'])
      expect(profile({ [name]: 'x' })).toEqual([]);
    expect(pointers('profiles', profileBody({}, { id: '01ABC' }))).toEqual([]);
    const nobody = eventBody({}, 'Viewed', profileData({}));
    expect(pointers('events', nobody)).toEqual(['/data/attributes/profile/data/attributes']);
    const crowd = bulkBody([eventAttributes()], profileData({}));
    expect(pointers('event-bulk-create', crowd)).toEqual([
      '/data/attributes/profile/data/attributes',
    ]);
  });

  it.each(['ada', 'ada@shop', '@shop.net', 'a b@shop.net', 'a@b@shop.net', ''])(
    'has no email like "%s"',
    (email) => expect(profile({ email })).toEqual(['/data/attributes/email']),
  );

  it('has an email shorter than 100 characters', () => {
    expect(profile({ email: `${'a'.repeat(90)}@shop.net` })).toEqual([]);
    expect(profile({ email: `${'a'.repeat(91)}@shop.net` })).toEqual(['/data/attributes/email']);
  });

  it.each(['015112345678', '+0151123456', '+49 151 123', '+49123456789012345', ''])(
    'has no phone number like "%s"',
    (phone_number) => expect(profile({ phone_number })).toEqual(['/data/attributes/phone_number']),
  );

  it('has a location whose coordinates are strings or numbers', () => {
    const at = (location: unknown) => profile({ external_id: 'x', location });
    expect(at({ latitude: 51.5, longitude: '-0.12', city: 'London', ip: null })).toEqual([]);
    expect(at({ latitude: true })).toEqual(['/data/attributes/location/latitude']);
    expect(at('London')).toEqual(['/data/attributes/location']);
  });

  it('has its `meta` inside the attributes in an event, beside them elsewhere', () => {
    const meta = { patch_properties: { append: { seen: 'mug' }, unset: ['size'] } };
    const inside = profileData({ external_id: 'x', meta });
    const beside = profileData({ external_id: 'x' }, { meta });
    const place = '/data/attributes/profile/data';
    expect(pointers('events', eventBody({}, 'Viewed', inside))).toEqual([]);
    expect(pointers('events', eventBody({}, 'Viewed', beside))).toEqual([`${place}/meta`]);
    const events = [eventAttributes()];
    expect(pointers('event-bulk-create', bulkBody(events, beside))).toEqual([]);
    expect(pointers('event-bulk-create', bulkBody(events, inside))).toEqual([
      `${place}/attributes/meta`,
    ]);
    expect(pointers('profiles', { data: beside })).toEqual([]);
    expect(pointers('profiles', { data: inside })).toEqual(['/data/attributes/meta']);
  });
});

describe('a subscription', () => {
  it('needs a list and an email or a phone number', () => {
    expect(pointers('subscriptions', subscriptionBody())).toEqual([]);
    const { relationships: _left_out, ...data } = subscriptionBody().data;
    expect(pointers('subscriptions', { data })).toEqual(['/data/relationships']);
    expect(pointers('subscriptions', subscriptionBody({ external_id: 'x' }))).toEqual([
      '/data/attributes/profile/data/attributes',
    ]);
  });

  it('needs neither when it is for push alone', () => {
    const push = { marketing: { consent: 'SUBSCRIBED' }, anonymous_id: 'browser-1' };
    expect(pointers('subscriptions', subscriptionBody({ subscriptions: { push } }))).toEqual([]);
  });

  it('has SUBSCRIBED as its consent, and no time of it', () => {
    const place = '/data/attributes/profile/data/attributes/subscriptions/email/marketing';
    const marketing = (value: unknown) =>
      pointers(
        'subscriptions',
        subscriptionBody({ email: 'ada@shop.net', subscriptions: { email: { marketing: value } } }),
      );
    expect(marketing({ consent: 'SUBSCRIBED', consented_at: null })).toEqual([]);
    expect(marketing({ consent: 'UNSUBSCRIBED' })).toEqual([`${place}/consent`]);
    expect(marketing({})).toEqual([`${place}/consent`]);
    const consented_at = '2026-11-22T10:00:00Z';
    expect(marketing({ consent: 'SUBSCRIBED', consented_at })).toEqual([`${place}/consented_at`]);
  });

  it('to a product needs its variant, known channels and a profile', () => {
    const endpoint = 'back-in-stock-subscriptions';
    expect(pointers(endpoint, backInStockBody())).toEqual([]);
    expect(pointers(endpoint, backInStockBody({ email: 'a@b.net' }, ['EMAIL', 'FAX']))).toEqual([
      '/data/attributes/channels/1',
    ]);
    expect(pointers(endpoint, backInStockBody({}))).toEqual([
      '/data/attributes/profile/data/attributes',
    ]);
    const { relationships: _left_out, ...data } = backInStockBody().data;
    expect(pointers(endpoint, { data })).toEqual(['/data/relationships']);
  });
});
