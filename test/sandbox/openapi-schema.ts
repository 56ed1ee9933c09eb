// Klaviyo's OpenAPI file as JSON Schemas. The file is Klaviyo's and no part of this repository.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { Endpoint } from '../../src/sandbox/index.js';
import { isPrivateEndpoint } from '../../src/sandbox/options.js';

/** What this reads of an OpenAPI 3.0 schema; after `resolve`, without `$ref` and `nullable`. */
export interface Schema {
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  oneOf?: Schema[];
  format?: string;
  nullable?: boolean;
  $ref?: string;
}

interface OpenApi {
  paths: Record<
    string,
    { post?: { requestBody?: { content: Record<string, { schema: Schema }> } } }
  >;
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

/** The request body's schema in the `application/vnd.api+json` form; undefined without the directory. */
export function requestSchema(endpoint: Endpoint): Schema | undefined {
  if (!directory) return undefined;
  const path = isPrivateEndpoint(endpoint) ? `/${endpoint}` : `/client/${endpoint}`;
  const api = isPrivateEndpoint(endpoint) ? 'events' : 'client';
  files[api] ??= readFile(directory, api);
  const file = files[api];
  const body = file.paths[path]?.post?.requestBody;
  const schema = body?.content['application/vnd.api+json']?.schema;
  if (!schema) throw new Error(`The OpenAPI file has no request body for ${path}.`);
  return resolve(schema, file.components.schemas);
}

/**
 * Follows references and turns `nullable` into a union with null. OpenAPI 3.0 ignores what stands
 * beside a `$ref`; Klaviyo's file writes `nullable` there and means it.
 */
function resolve(schema: Schema, named: Record<string, Schema>): Schema {
  const target = schema.$ref ? named[schema.$ref.split('/').at(-1) ?? ''] : undefined;
  if (schema.$ref && !target) throw new Error(`The OpenAPI file lacks ${schema.$ref}.`);
  const { type, properties, required, items, enum: values, oneOf, format } = target ?? schema;
  const isNullable = schema.nullable ?? target?.nullable ?? false;
  const nothing = { type: 'null' };
  return {
    ...(type !== undefined && { type: isNullable && !oneOf ? [`${type}`, 'null'] : type }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, inner]) => [name, resolve(inner, named)]),
      ),
    }),
    ...(required && { required }),
    ...(items && { items: resolve(items, named) }),
    ...(values && { enum: isNullable ? [...values, null] : values }),
    ...(oneOf && {
      oneOf: [...oneOf.map((one) => resolve(one, named)), ...(isNullable ? [nothing] : [])],
    }),
    ...(format && { format }),
  };
}

/** Ajv's verdict on a body sent to the endpoint; undefined without KLAVIYO_OPENAPI_DIR. */
export function compileRequestSchema(endpoint: Endpoint): ValidateFunction | undefined {
  const schema = requestSchema(endpoint);
  if (!schema) return undefined;
  const ajv = new Ajv({ strict: false, allErrors: true });
  // CommonJS: under Node's resolution the types put the function under `default`.
  addFormats.default(ajv);
  return ajv.compile(schema);
}
