// Klaviyo's OpenAPI files as JSON Schemas. The files are Klaviyo's and no part of this repository.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { isClientEndpoint, isPrivateEndpoint, placeOf } from '../../src/sandbox/endpoints.js';
import type { Endpoint } from '../../src/sandbox/index.js';

/** What this reads of an OpenAPI 3.0 schema; after `resolve`, without `$ref` and `nullable`. */
export interface Schema {
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  oneOf?: Schema[];
  allOf?: Schema[];
  format?: string;
  example?: unknown;
  anyOf?: Schema[];
  nullable?: boolean;
  maximum?: number;
  $ref?: string;
  definitions?: Record<string, Schema>;
}

interface Content {
  content?: Record<string, { schema: Schema }>;
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema: Schema;
}

/** What this reads of an operation. */
export interface Operation {
  parameters?: Parameter[];
  requestBody?: Content;
  responses: Record<string, Content>;
  'x-klaviyo-ratelimit'?: { burst: string; steady: string; daily?: string };
  'x-klaviyo-scopes'?: string[];
  'x-klaviyo-filters'?: Record<string, { operators: Record<string, string[]>; value?: Schema }>;
}

interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

const directory = process.env.KLAVIYO_OPENAPI_DIR;

/** Why there is no schema to check against, and how to get one; undefined when there is. */
export const whySkipped = directory
  ? undefined
  : 'Skipped: nothing is held against Klaviyo’s OpenAPI file. To do that, clone klaviyo/openapi ' +
    'from GitHub and set KLAVIYO_OPENAPI_DIR to its folder openapi (the one with stable.json).';

/** Klaviyo's repository has everything in one file; a copy may have been cut up by API. */
function readFile(from: string, api: string): OpenApi {
  const paths = [`${api}.json`, 'stable.json'].map((name) => join(from, name));
  const found = paths.find((path) => existsSync(path));
  if (!found) throw new Error(`KLAVIYO_OPENAPI_DIR has none of ${paths.join(', ')}.`);
  return JSON.parse(readFileSync(found, 'utf8')) as OpenApi;
}

const files: Record<string, OpenApi> = {};

/** Which of the cut-up files a path is in, by its first part. */
const apis: [RegExp, string][] = [
  [/^\/client\//, 'client'],
  [/-reports$/, 'reporting'],
  [/^\/api\/profile/, 'profiles'],
  [/^\/api\/event/, 'events'],
  [/^\/api\/metric/, 'metrics'],
  [/^\/api\/list/, 'lists'],
  [/^\/api\/segment/, 'segments'],
  [/^\/api\/campaign/, 'campaigns'],
  [/^\/api\/flow/, 'flows'],
  [/^\/api\/webhook/, 'webhooks'],
];

function placeIn(endpoint: Endpoint): { method: string; path: string } {
  if (isPrivateEndpoint(endpoint)) return placeOf(endpoint);
  return { method: 'POST', path: `/client/${endpoint}` };
}

function find(endpoint: Endpoint): { file: OpenApi; operation: Operation } | undefined {
  if (!directory) return undefined;
  const { method, path } = placeIn(endpoint);
  const api = apis.find(([pattern]) => pattern.test(path))?.[1] ?? '';
  files[api] ??= readFile(directory, api);
  const file = files[api];
  // The files name the ids in paths differently.
  const named = Object.keys(file.paths).find((one) => one.replace(/\{\w+\}/, '{id}') === path);
  const operation = named && file.paths[named]?.[method.toLowerCase()];
  if (!operation) throw new Error(`The OpenAPI file has no ${method} ${path}.`);
  return { file, operation };
}

/** What the file says of the endpoint; undefined without the directory. */
export const operationOf = (endpoint: Endpoint): Operation | undefined => find(endpoint)?.operation;

const mediaType = 'application/vnd.api+json';

/** Whether the endpoint takes a body. */
export const hasBody = (endpoint: Endpoint): boolean =>
  isClientEndpoint(endpoint) || !/^(GET|DELETE api\/\w+\/\{id\}$)/.test(endpoint);

/** The request body's schema in the `application/vnd.api+json` form; undefined without the directory. */
export function requestSchema(endpoint: Endpoint): Schema | undefined {
  const found = find(endpoint);
  if (!found) return undefined;
  const schema = found.operation.requestBody?.content?.[mediaType]?.schema;
  if (!schema) throw new Error(`The OpenAPI file has no request body for ${endpoint}.`);
  return resolve(schema, found.file.components.schemas);
}

/**
 * Follows references and turns `nullable` into a union with null. OpenAPI 3.0 ignores what stands
 * beside a `$ref`; Klaviyo's file writes `nullable` there and means it.
 */
function resolve(schema: Schema, named: Record<string, Schema>): Schema {
  const target = schema.$ref ? named[nameIn(schema.$ref)] : undefined;
  if (schema.$ref && !target) throw new Error(`The OpenAPI file lacks ${schema.$ref}.`);
  const isNullable = schema.nullable ?? target?.nullable ?? false;
  return convert(target ?? schema, isNullable, (inner) => resolve(inner, named));
}

const nameIn = (ref: string) => ref.split('/').at(-1) ?? '';
const nothing: Schema = { type: 'null' };

/** One level of a schema, with what is below it as `below` makes it. */
function convert(
  { type, properties, required, items, enum: values, oneOf, allOf, format, example }: Schema,
  isNullable: boolean,
  below: (inner: Schema) => Schema,
): Schema {
  return {
    ...(type !== undefined && { type: isNullable && !oneOf ? [`${type}`, 'null'] : type }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, inner]) => [name, below(inner)]),
      ),
    }),
    ...(required && { required }),
    ...(items && { items: below(items) }),
    ...(values && { enum: isNullable ? [...values, null] : values }),
    ...(oneOf && { oneOf: [...oneOf.map(below), ...(isNullable ? [nothing] : [])] }),
    ...(allOf && { allOf: allOf.map(below) }),
    ...(format && { format }),
    ...(example !== undefined && { example }),
  };
}

/**
 * The same with references left in, as the schemas of answers are too large to be written out. Where
 * the file has `oneOf` some of its choices are the same: an answer has to be of any of them.
 */
function refer(schema: Schema): Schema {
  if (schema.$ref) {
    const $ref = `#/definitions/${nameIn(schema.$ref)}`;
    return schema.nullable ? { anyOf: [{ $ref }, nothing] } : { $ref };
  }
  const { oneOf, ...converted } = convert(schema, schema.nullable ?? false, refer);
  return { ...converted, ...(oneOf && { anyOf: oneOf }) };
}

function compile(schema: Schema | undefined): ValidateFunction | undefined {
  if (!schema) return undefined;
  const ajv = new Ajv({ strict: false, allErrors: true });
  // CommonJS: under Node's resolution the types put the function under `default`.
  addFormats.default(ajv);
  return ajv.compile(schema);
}

/** Ajv's verdict on a body sent to the endpoint; undefined without KLAVIYO_OPENAPI_DIR. */
export const compileRequestSchema = (endpoint: Endpoint): ValidateFunction | undefined =>
  compile(requestSchema(endpoint));

/** Ajv's verdict on an answer; undefined when it has no body, or without the directory. */
export function compileResponseSchema(
  endpoint: Endpoint,
  status: number,
): ValidateFunction | undefined {
  const found = find(endpoint);
  if (!found) return undefined;
  const response = found.operation.responses[status];
  if (!response) throw new Error(`The OpenAPI file has no ${status} for ${endpoint}.`);
  const schema = response.content?.[mediaType]?.schema;
  if (!schema) return undefined;
  const named = Object.entries(found.file.components.schemas);
  const definitions = Object.fromEntries(named.map(([name, one]) => [name, refer(one)]));
  return compile({ ...refer(schema), definitions });
}
