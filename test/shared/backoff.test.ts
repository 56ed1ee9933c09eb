import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../src/shared/backoff.js';
import fc from '../helpers/fast-check.js';

const failures = fc.integer({ min: 1, max: 10_000 });
const asked = fc.integer({ min: 0, max: 100_000_000 });
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('backoff', () => {
  it('is never shorter than what Klaviyo asked for', () => {
    fc.assert(
      fc.property(failures, asked, chance, (n, ms, random) => backoffMs(n, ms, random) >= ms),
    );
  });

  it('is at most 300 s where nothing was asked, and else at most ten more than the longer of both', () => {
    fc.assert(
      fc.property(failures, asked, chance, (n, ms, random) => {
        expect(backoffMs(n, 0, random)).toBeLessThanOrEqual(300_000);
        expect(backoffMs(n, ms, random)).toBeLessThanOrEqual(Math.max(ms, 300_000) + 10_000);
      }),
    );
  });

  it('grows with failures in a row, never falls', () => {
    fc.assert(
      fc.property(failures, asked, chance, (n, ms, random) => {
        expect(backoffMs(n + 1, ms, random)).toBeGreaterThanOrEqual(backoffMs(n, ms, random));
      }),
    );
  });

  it('doubles its ceiling from 2 s on', () => {
    const almostOne = 1 - Number.EPSILON;
    const ceilings = [1, 2, 3, 8, 9, 50].map((n) => Math.round(backoffMs(n, 0, almostOne) / 1000));
    expect(ceilings).toEqual([2, 4, 8, 256, 300, 300]);
  });

  it('has full jitter: anything from nothing to the ceiling', () => {
    expect(backoffMs(5, 0, 0)).toBe(0);
    expect(backoffMs(5, 0, 0.5)).toBe(16_000);
    expect(backoffMs(5, 0, 0.25)).toBe(8000);
  });

  it('spreads the end of a pause that was asked for', () => {
    expect(backoffMs(1, 60_000, 0)).toBe(60_000);
    expect(backoffMs(1, 60_000, 0.5)).toBe(65_000);
    expect(backoffMs(1, 1000, 0.5)).toBe(1500);
  });

  it('is a finite number', () => {
    fc.assert(
      fc.property(failures, asked, chance, (n, ms, r) => Number.isFinite(backoffMs(n, ms, r))),
    );
  });
});
