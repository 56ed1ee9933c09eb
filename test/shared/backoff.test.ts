import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../src/shared/backoff.js';
import fc from '../helpers/fast-check.js';

const failures = fc.integer({ min: 1, max: 10_000 });
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('backoff', () => {
  it('is at most 300 s', () => {
    fc.assert(
      fc.property(failures, chance, (n, random) => {
        expect(backoffMs(n, random)).toBeGreaterThanOrEqual(0);
        expect(backoffMs(n, random)).toBeLessThanOrEqual(300_000);
      }),
    );
  });

  it('grows with failures in a row, never falls', () => {
    fc.assert(
      fc.property(failures, chance, (n, random) => {
        expect(backoffMs(n + 1, random)).toBeGreaterThanOrEqual(backoffMs(n, random));
      }),
    );
  });

  it('doubles its ceiling from 2 s on', () => {
    const almostOne = 1 - Number.EPSILON;
    const ceilings = [1, 2, 3, 8, 9, 50, 5000].map((n) =>
      Math.round(backoffMs(n, almostOne) / 1000),
    );
    expect(ceilings).toEqual([2, 4, 8, 256, 300, 300, 300]);
  });

  it('has full jitter: anything from nothing to the ceiling', () => {
    expect(backoffMs(5, 0)).toBe(0);
    expect(backoffMs(5, 0.5)).toBe(16_000);
    expect(backoffMs(5, 0.25)).toBe(8000);
  });
});
