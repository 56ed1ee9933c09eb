import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pauseAfter } from '../../src/server/pause-after.js';

const failures = fc.integer({ min: 1, max: 10_000 });
const asked = fc.integer({ min: 0, max: 100_000_000 });
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the pause after a failure', () => {
  it('is never shorter than what Klaviyo asked for, and at most ten seconds longer than it or the backoff', () => {
    fc.assert(
      fc.property(failures, asked, chance, (n, ms, random) => {
        expect(pauseAfter(n, ms, random)).toBeGreaterThanOrEqual(ms);
        expect(pauseAfter(n, ms, random)).toBeLessThanOrEqual(Math.max(ms, 300_000) + 10_000);
      }),
    );
  });

  it('grows with failures in a row, never falls', () => {
    fc.assert(
      fc.property(failures, asked, chance, (n, ms, random) => {
        expect(pauseAfter(n + 1, ms, random)).toBeGreaterThanOrEqual(pauseAfter(n, ms, random));
      }),
    );
  });

  it('spreads the end of what was asked for', () => {
    expect(pauseAfter(1, 60_000, 0)).toBe(60_000);
    expect(pauseAfter(1, 60_000, 0.5)).toBe(65_000);
    expect(pauseAfter(1, 1000, 0.5)).toBe(1500);
  });
});
