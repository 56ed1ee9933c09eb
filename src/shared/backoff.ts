import { BACKOFF_BASE_MS, BACKOFF_MAX_MS } from './limits.js';

/**
 * How long to wait after a failure, in ms: an exponential backoff with full jitter. What the answer asked for is
 * the caller's to add: how far that is to be spread depends on how many others wait for the same.
 *
 * @param failures failures in a row, this one included (1 or more)
 * @param random a number in [0, 1)
 */
export const backoffMs = (failures: number, random: number): number =>
  random * Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** failures);
