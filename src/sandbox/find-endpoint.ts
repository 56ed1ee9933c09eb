import type { Endpoint, PrivateEndpoint } from './endpoints.js';
import { isClientEndpoint, placeOf, privateEndpoints } from './endpoints.js';

/** Where a path of the private API leads. */
export interface PrivatePlace {
  /** What the path offers, by method. */
  byMethod: Map<string, PrivateEndpoint>;
  /** What stands in the path where the pattern has `{id}`, decoded. */
  id: string | undefined;
}

interface Pattern {
  parts: string[];
  byMethod: Map<string, PrivateEndpoint>;
}

const partsOf = (path: string) => path.replace(/\/$/, '').split('/').slice(1);

const patterns: Pattern[] = [];
for (const endpoint of privateEndpoints) {
  const { method, path } = placeOf(endpoint);
  const parts = partsOf(path);
  const same = patterns.find((pattern) => pattern.parts.join() === parts.join());
  if (same) same.byMethod.set(method, endpoint);
  else patterns.push({ parts, byMethod: new Map([[method, endpoint]]) });
}

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // not an encoded one: taken as it is, and then unknown
  }
};

/** The place a path of the private API (slash at the end or not) leads to; undefined when there is none. */
export function findPlace(path: string): PrivatePlace | undefined {
  const parts = partsOf(path);
  const found = patterns.find(
    (pattern) =>
      pattern.parts.length === parts.length &&
      pattern.parts.every((part, index) => part === '{id}' || part === parts[index]),
  );
  if (!found) return undefined;
  const part = parts[found.parts.indexOf('{id}')];
  return { byMethod: found.byMethod, id: part === undefined ? undefined : decode(part) };
}

/** The endpoint a request is for, client or private; undefined when there is none. */
export function findEndpoint(method: string, path: string): Endpoint | undefined {
  const name = /^\/client\/([^/]+)\/?$/.exec(path)?.[1];
  if (name !== undefined) return isClientEndpoint(name) ? name : undefined;
  return findPlace(path)?.byMethod.get(method);
}
