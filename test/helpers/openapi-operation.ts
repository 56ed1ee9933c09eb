// What Klaviyo's OpenAPI files say of an endpoint. The files are Klaviyo's and no part of this repository.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface OpenApiOperation {
  parameters?: {
    name: string;
    required?: boolean;
    schema: { enum?: string[]; items?: { enum?: string[] }; maximum?: number };
  }[];
  'x-klaviyo-ratelimit': { burst: string; steady: string; daily?: string };
  'x-klaviyo-scopes': string[];
  'x-klaviyo-filters'?: Record<
    string,
    {
      operators: Record<string, string[]>;
      value?: { type: string; format?: string; enum?: string[] };
    }
  >;
}

type Paths = Record<string, Record<string, OpenApiOperation>>;

const directory = process.env.KLAVIYO_OPENAPI_DIR;

let paths: Paths | undefined;

function readPaths(from: string): Paths {
  const whole = join(from, 'stable.json');
  const files = existsSync(whole)
    ? [whole]
    : readdirSync(from)
        .filter((name) => name.endsWith('.json'))
        .map((name) => join(from, name));
  return Object.assign({}, ...files.map((file) => JSON.parse(readFileSync(file, 'utf8')).paths));
}

/** Throws when there is none; to be called only with KLAVIYO_OPENAPI_DIR. */
export function openApiOperation(method: string, path: string): OpenApiOperation {
  if (!directory) throw new Error('KLAVIYO_OPENAPI_DIR is not set.');
  paths ??= readPaths(directory);
  // The files name the ids in paths differently.
  const named = Object.keys(paths).find((one) => one.replace(/\{\w+\}/, '{id}') === path);
  const operation = paths[named ?? '']?.[method.toLowerCase()];
  if (!operation) throw new Error(`The OpenAPI files have no ${method} ${path}.`);
  return operation;
}
