import type { Answer } from './api-error.js';
import { refuse, throttle } from './api-error.js';
import { type ApiRequest, refuseBody, refuseHead } from './check-request.js';
import type { ResolvedOptions } from './options.js';
import type { RateLimiter } from './rate-limiter.js';
import type { Recorder } from './recorder.js';

/** Judges client requests as the real API does, in its order: revision, account, rate, then the body. */
export function createClientApi(
  options: () => ResolvedOptions,
  recorder: Recorder,
  rateLimiter: RateLimiter,
) {
  function answer(request: ApiRequest): Answer {
    const { endpoint, companyId } = request;
    const refusedHead = refuseHead(request, 'POST, OPTIONS');
    if (refusedHead) return refusedHead;
    if (companyId === undefined || !options().companies.includes(companyId)) {
      return refuseCompany(companyId);
    }
    const admission = rateLimiter.admit(companyId, endpoint);
    if (!admission.admitted) return throttle(admission.retryAfterSeconds);
    const outcome =
      refuseBody(request, options().now()) ?? recorder.record(endpoint, companyId, request.body);
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
