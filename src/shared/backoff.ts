import { BACKOFF_BASE_MS, BACKOFF_MAX_MS, SPREAD_MAX_MS } from './limits.js';

/**
 * How long to wait after a failure, in ms: the longer of what Klaviyo asked for and an exponential
 * backoff with full jitter, plus a spread in proportion to what was asked.
 *
 * @param failures failures in a row, this one included (1 or more)
 * @param retryAfterMs what the answer asked for; 0 when it did not say
 * @param random a number in [0, 1)
 */
export const backoffMs = (failures: number, retryAfterMs: number, random: number): number => {
  const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** Math.min(failures, 20));
  const spread = random * Math.min(SPREAD_MAX_MS, retryAfterMs);
  return Math.max(retryAfterMs, random * ceiling) + spread;
};
