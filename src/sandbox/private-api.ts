import type { Answer } from './api-error.js';
import { refuse, throttle } from './api-error.js';
import { type PrivateRequest, refuseBody, refuseMethod, refuseRevision } from './check-request.js';
import { type PrivateEndpoint, scopesOf } from './endpoints.js';
import { findPlace } from './find-endpoint.js';
import type { PrivateKey, ResolvedOptions } from './options.js';
import { readQuery } from './query/read-query.js';
import type { RateLimiter } from './rate-limiter.js';
import { createRoutes } from './routes/routes.js';
import type { AnyRow, World } from './routes/row.js';

/**
 * Judges requests of a server, which name their account by a private key instead of a company id:
 * key, method, revision, scopes, query, rate, body, and then what the endpoint itself makes of it.
 */
export function createPrivateApi(world: World, rateLimiter: RateLimiter) {
  const { options } = world;
  const routes = createRoutes(world);

  function answer(request: PrivateRequest): Answer {
    const { url, method } = request;
    const place = findPlace(url.pathname);
    if (!place) return refuse(404, [{ detail: `There is no ${url.pathname}.` }]);
    const key = keyOf(request.authorization, options().privateKeys);
    if (!key) return refuseKey(request.authorization);
    const endpoint = place.byMethod.get(method);
    if (!endpoint) return refuseMethod(method, [...place.byMethod.keys()].join(', '));
    return (
      refuseRevision(request.revision) ??
      refuseScopes(endpoint, key) ??
      run(request, endpoint, { companyId: key.companyId, id: place.id ?? '' })
    );
  }

  function run(
    request: PrivateRequest,
    endpoint: PrivateEndpoint,
    at: { companyId: string; id: string },
  ): Answer {
    const row = routes[endpoint];
    const { url } = request;
    const query = readQuery(url.pathname, url.searchParams, row.query?.(at) ?? {});
    const special = 'problems' in query ? undefined : row.limit?.(query);
    const admission = rateLimiter.admit(at.companyId, endpoint, special);
    if (!admission.admitted) return throttle(admission.retryAfterSeconds);
    const outcome =
      'problems' in query
        ? refuse(
            400,
            query.problems.map(({ parameter, detail }) => ({ detail, source: { parameter } })),
          )
        : (refuseContent(request, row, options()) ??
          row.handle({ ...at, endpoint, url, query, body: request.body, at: options().now() }));
    return { ...outcome, headers: { ...outcome.headers, ...admission.headers } };
  }

  return { answer };
}

export type PrivateApi = ReturnType<typeof createPrivateApi>;

const scheme = 'Klaviyo-API-Key ';

function keyOf(
  authorization: string | undefined,
  keys: Record<string, string | PrivateKey>,
): PrivateKey | undefined {
  const key = authorization?.startsWith(scheme) ? authorization.slice(scheme.length) : '';
  const known = Object.hasOwn(keys, key) ? keys[key] : undefined;
  return typeof known === 'string' ? { companyId: known } : known;
}

function refuseKey(authorization: string | undefined): Answer {
  const detail = authorization
    ? 'Incorrect authentication credentials.'
    : `Missing or malformed private key: send 'Authorization: ${scheme}your-private-key'.`;
  return refuse(401, [{ detail }]);
}

function refuseScopes(endpoint: PrivateEndpoint, { scopes }: PrivateKey): Answer | undefined {
  const missing = scopesOf(endpoint).filter((scope) => scopes && !scopes.includes(scope));
  if (missing.length === 0) return undefined;
  return refuse(403, [
    { detail: `Your API key is missing required scopes: ${missing.join(', ')}` },
  ]);
}

function refuseContent(request: PrivateRequest, row: AnyRow, { now }: ResolvedOptions) {
  return row.body && refuseBody(request, row.body.maxBytes, row.body.check(now()));
}
