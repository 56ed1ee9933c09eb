import type { Answer } from './api-error.js';
import { refuse, throttle } from './api-error.js';
import { type ClientRequest, refuseBody, refuseMethod, refuseRevision } from './check-request.js';
import { maxBodyBytes, maxProfileBodyBytes } from './limits.js';
import type { ResolvedOptions } from './options.js';
import type { RateLimiter } from './rate-limiter.js';
import type { Recorder } from './recorder.js';
import { clientBody } from './validate/body.js';

/** Judges client requests as the real API does, in its order: revision, account, rate, then the body. */
export function createClientApi(
  options: () => ResolvedOptions,
  recorder: Recorder,
  rateLimiter: RateLimiter,
) {
  function answer(request: ClientRequest): Answer {
    const { endpoint, companyId } = request;
    if (request.method !== 'POST') return refuseMethod(request.method, 'POST, OPTIONS');
    const refusedRevision = refuseRevision(request.revision);
    if (refusedRevision) return refusedRevision;
    if (companyId === undefined || !options().companies.includes(companyId)) {
      return refuseCompany(companyId);
    }
    const admission = rateLimiter.admit(companyId, endpoint);
    if (!admission.admitted) return throttle(admission.retryAfterSeconds);
    const maxBytes = endpoint === 'profiles' ? maxProfileBodyBytes : maxBodyBytes;
    const outcome =
      refuseBody(request, maxBytes, clientBody(endpoint, options().now())) ??
      recorder.record(endpoint, companyId, request.body);
    return { ...outcome, headers: { ...outcome.headers, ...admission.headers } };
  }

  return { answer };
}

function refuseCompany(companyId: string | undefined): Answer {
  const source = { parameter: 'company_id' };
  const detail = companyId
    ? 'The company id provided is invalid.'
    : "The 'company_id' query parameter is required.";
  return refuse(400, [{ detail, source }]);
}
