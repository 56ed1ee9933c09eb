// Makes bodies from a schema: one that has everything, every way to break it in one place, and
// random ones. Values are chosen so that the prose around the schema (an email is an email) is kept too.
import fc from '../helpers/fast-check.js';
import type { Schema } from './openapi-schema.js';

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** A body that differs from a valid one in one place. */
export interface Variant {
  /** What was done, for the message of a failed test. */
  name: string;
  /** Where, as a JSON pointer. */
  pointer: string;
  body: Json;
}

// What the prose asks of a string beyond being one, by the field's name.
const texts: Record<string, string> = {
  email: 'ada@shop.test-mail.net',
  phone_number: '+4915112345678',
  time: '2026-06-01T10:00:00Z',
  value_currency: 'EUR',
  // What they name is there: see openapi-world.ts.
  id: 'text',
  external_id: 'text',
  _kx: 'text',
  conversion_metric_id: 'text',
  endpoint_url: 'https://shop.test-mail.net/k',
  start: '2026-05-01T00:00:00Z',
  end: '2026-07-01T00:00:00Z',
  filter: 'equals(send_channel,"email")',
};

// The reference: an error unless the import is historical, for which the client endpoint has no flag.
const consentedAt = '2026-06-01T10:00:00Z';
const isHistorical = (root: Schema) => JSON.stringify(root).includes('"historical_import"');

const typesOf = ({ type }: Schema): string[] => (Array.isArray(type) ? type : type ? [type] : []);

/** A valid body with every field there is. */
export function fullBody(schema: Schema, name = '', root = schema): Json {
  if (name === 'consented_at') return isHistorical(root) ? consentedAt : null;
  if (schema.enum) return schema.enum[0] as Json;
  if (schema.oneOf?.[0]) return fullBody(schema.oneOf[0], name, root);
  switch (typesOf(schema)[0]) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([key, inner]) => [
          key,
          fullBody(inner, key, root),
        ]),
      );
    case 'array':
      if (schema.items?.enum) return schema.items.enum as Json[];
      return schema.items ? [fullBody(schema.items, name, root)] : [];
    case 'number':
      return 24.5;
    case 'boolean':
      return true;
    default:
      return schema.format === 'date' ? '1990-01-01' : (texts[name] ?? 'text');
  }
}

// Examples name things that are not there.
const isName = (name: string) => /^(id|_kx|external_id|conversion_metric_id)$/.test(name);

/** The full body with the values that the file has as examples. */
export function exampleBody(schema: Schema, body = fullBody(schema), name = ''): Json {
  const { example, properties = {}, items, oneOf } = schema;
  if (oneOf?.[0]) return exampleBody(oneOf[0], body, name);
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
    return Object.fromEntries(
      Object.entries(body).map(([key, inner]) => [
        key,
        exampleBody(properties[key] ?? {}, inner, key),
      ]),
    );
  }
  if (Array.isArray(example)) return example as Json;
  if (Array.isArray(body)) return body.map((one) => exampleBody(items ?? {}, one, name));
  return typeof example === typeof body && !isName(name) ? (example as Json) : body;
}

const samples: Json[] = [null, true, 7, 'text', ['text'], {}];
const kindOf = (value: Json) =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;

/** A copy with the value at the path replaced, or taken out when undefined. */
function withValue(body: Json, path: (string | number)[], value: Json | undefined): Json {
  const copy = structuredClone(body);
  if (path.length === 0) return value ?? null;
  let place = copy as Record<string | number, Json>;
  for (const key of path.slice(0, -1)) place = place[key] as Record<string | number, Json>;
  const last = path.at(-1) as string | number;
  if (value === undefined) delete place[last];
  else place[last] = value;
  return copy;
}

/** Every body with one field taken out, of another type, or of a value that is not allowed. */
export function* variants(
  schema: Schema,
  body: Json,
  path: (string | number)[] = [],
  inner: Schema = schema,
): Generator<Variant> {
  const pointer = path.map((key) => `/${key}`).join('');
  const value = path.reduce<Json>(
    (at, key) => (at as Record<string | number, Json>)[key] ?? null,
    body,
  );
  for (const sample of samples) {
    if (kindOf(sample) === kindOf(value)) continue;
    const name = `${pointer || 'the body'} is ${JSON.stringify(sample)}`;
    yield { name, pointer, body: withValue(body, path, sample) };
  }
  if (inner.enum || inner.format) {
    const name = `${pointer} is not an allowed value`;
    yield { name, pointer, body: withValue(body, path, 'NOT-ALLOWED') };
  }
  for (const [key, field] of Object.entries(inner.properties ?? {})) {
    const at = [...path, key];
    const name = `${pointer}/${key} is missing`;
    yield { name, pointer: `${pointer}/${key}`, body: withValue(body, at, undefined) };
    yield* variants(schema, body, at, field);
  }
  if (inner.items) {
    yield { name: `${pointer} is empty`, pointer, body: withValue(body, path, []) };
    yield* variants(schema, body, [...path, 0], inner.items);
  }
}

/** Random valid bodies: optional fields come and go, nullable ones are null at times. */
export function anyBody(schema: Schema, name = ''): fc.Arbitrary<Json> {
  if (name === 'consented_at') return fc.constant(null);
  if (schema.enum) return fc.constantFrom(...(schema.enum as Json[]));
  if (schema.oneOf) return fc.oneof(...schema.oneOf.map((one) => anyBody(one, name)));
  return fc.oneof(...typesOf(schema).map((type) => anyOfType(type, schema, name)));
}

function anyOfType(type: string, schema: Schema, name: string): fc.Arbitrary<Json> {
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'array':
      return fc.array(anyBody(schema.items ?? {}, name), { maxLength: 3 });
    case 'object':
      return schema.properties ? anyRecord(schema) : anyProperties;
    default: {
      const text = schema.format === 'date' ? '1990-01-01' : texts[name];
      return text === undefined ? fc.string({ minLength: 1, maxLength: 40 }) : fc.constant(text);
    }
  }
}

function anyRecord({ properties = {}, required = [] }: Schema): fc.Arbitrary<Json> {
  const fields = Object.fromEntries(
    Object.entries(properties).map(([key, inner]) => [key, anyBody(inner, key)]),
  );
  return fc.record(fields, { requiredKeys: required }) as fc.Arbitrary<Json>;
}

// A shop's own properties: any JSON, within the documented nesting. `__proto__` as a key does not
// survive being put into an object literal, so it would not be what the server reads.
const anyProperties = fc.dictionary(
  fc.string({ maxLength: 12 }).filter((key) => key !== '__proto__'),
  fc.jsonValue({ maxDepth: 3, noUnicodeString: false }) as fc.Arbitrary<Json>,
  { maxKeys: 5 },
) as fc.Arbitrary<Json>;

/** Any JSON value, to be put where it may not belong. */
export const anyJson = fc.jsonValue({ maxDepth: 1 }) as fc.Arbitrary<Json>;

/** The pointers of everything in a body. */
export function pathsOf(body: Json, path: (string | number)[] = []): (string | number)[][] {
  if (typeof body !== 'object' || body === null) return [path];
  const entries = Array.isArray(body) ? body.entries() : Object.entries(body);
  return [path, ...[...entries].flatMap(([key, value]) => pathsOf(value, [...path, key]))];
}

export { withValue };
