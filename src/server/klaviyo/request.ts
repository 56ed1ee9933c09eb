/** `request`: the way to every endpoint that has no function of its own. */
import type { Rate } from '../pacer.js';
import type { CallEndpoint, CallOptions, Reply } from './call.js';
import { DEFAULT_RATE, type Endpoint, endpointOf, METHODS, type Method } from './endpoints.js';
import { isText, KlaviyoInputError } from './input-error.js';
import { type QueryValue, toQuery } from './to-query.js';

export interface RequestOptions extends CallOptions {
  /** Such as `{ 'page[size]': 10 }`. Encoded here. */
  query?: Record<string, QueryValue>;
  /** JSON:API, as the reference says. */
  body?: unknown;
  /** The endpoint's documented limit, if it is not 10 a second and 150 a minute. */
  rate?: Rate;
  /**
   * Whether sending it twice does what sending it once does: then it is also repeated after no answer or a
   * 5xx. Default: false for POST and PATCH, true for the others.
   */
  isRepeatable?: boolean;
}

/** What `request` calls: a path of the private API. */
export type ApiPath = `/api/${string}`;

/** Calls an endpoint that has no function of its own. */
export type RequestEndpoint = <Body = unknown>(
  method: Method,
  path: ApiPath,
  options?: RequestOptions,
) => Promise<Reply<Body>>;

const isSameRate = (a: Rate, b: Rate): boolean =>
  a.burst === b.burst && a.steady === b.steady && a.daily === b.daily;

export const createRequest =
  (call: CallEndpoint): RequestEndpoint =>
  async <Body>(
    method: Method,
    path: ApiPath,
    { query = {}, body, rate, isRepeatable, signal }: RequestOptions = {},
  ) => {
    if (!METHODS.includes(method)) {
      throw new KlaviyoInputError(`method must be one of ${METHODS.join(', ')}.`);
    }
    if (!isText(path) || !path.startsWith('/api/') || /[?#\s]/.test(path)) {
      throw new KlaviyoInputError(
        "path must begin with /api/ and have no query: that goes into 'query'.",
      );
    }
    const known = endpointOf(method, path);
    const usual = known?.rate ?? DEFAULT_RATE;
    const endpoint: Endpoint = {
      method,
      // One lane for all its ids: `/api/tags/17` is `/api/tags/{id}`.
      path: path.replace(/^(\/api\/[^/]+\/)[^/]+/, '$1{id}'),
      scopes: known?.scopes ?? [],
      rate: rate ?? usual,
      // A lane of its own: the one that others wait in has its own limit.
      ...(rate && { variant: isSameRate(rate, usual) ? '' : JSON.stringify(rate) }),
      // Of a body nobody here knows whether it appends something, or has a unique id.
      isRepeatable: isRepeatable ?? !['POST', 'PATCH'].includes(method),
    };
    return call<Body>(endpoint, { path, query: toQuery(query), body, signal });
  };
