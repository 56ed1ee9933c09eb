import type { Answer } from './api-error.js';
import { refuse, throttle } from './api-error.js';
import { type ApiRequest, refuseBody, refuseHead } from './check-request.js';
import type { ResolvedOptions } from './options.js';
import type { RateLimiter } from './rate-limiter.js';
import type { Recorder } from './recorder.js';

/** Judges requests of a server, which name their account by a private key instead of a company id. */
export function createPrivateApi(
  options: () => ResolvedOptions,
  recorder: Recorder,
  rateLimiter: RateLimiter,
) {
  function answer(request: ApiRequest): Answer {
    const { endpoint, authorization } = request;
    const companyId = companyOf(authorization, options().privateKeys);
    if (companyId === undefined) return refuseKey(authorization);
    const refusedHead = refuseHead(request, 'POST');
    if (refusedHead) return refusedHead;
    const admission = rateLimiter.admit(companyId, endpoint);
    if (!admission.admitted) return throttle(admission.retryAfterSeconds);
    const outcome =
      refuseBody(request, options().now()) ?? recorder.record(endpoint, companyId, request.body);
    return { ...outcome, headers: { ...outcome.headers, ...admission.headers } };
  }

  return { answer };
}

const scheme = 'Klaviyo-API-Key ';

function companyOf(authorization: string | undefined, keys: Record<string, string>) {
  const key = authorization?.startsWith(scheme) ? authorization.slice(scheme.length) : '';
  return Object.hasOwn(keys, key) ? keys[key] : undefined;
}

function refuseKey(authorization: string | undefined): Answer {
  const detail = authorization
    ? 'Incorrect authentication credentials.'
    : `Missing or malformed private key: send 'Authorization: ${scheme}your-private-key'.`;
  return refuse(401, [{ detail }]);
}
