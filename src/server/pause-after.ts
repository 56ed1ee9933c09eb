import { backoffMs } from '../shared/backoff.js';
import { SPREAD_MAX_MS } from './limits.js';

/**
 * How long a server waits after a failure, in ms: the longer of what Klaviyo asked for and the backoff, plus a
 * spread in proportion to what was asked. A short one: few processes wait for the same.
 *
 * @param failures failures in a row, this one included (1 or more)
 * @param retryAfterMs what the answer asked for; 0 when it did not say
 * @param random a number in [0, 1)
 */
export const pauseAfter = (failures: number, retryAfterMs: number, random: number): number =>
  Math.max(retryAfterMs, backoffMs(failures, random)) +
  random * Math.min(SPREAD_MAX_MS, retryAfterMs);
