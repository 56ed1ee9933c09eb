import { describe, expect, it } from 'vitest';
import { filterParts } from '../../../src/server/klaviyo/find-members.js';
import fc from '../../helpers/fast-check.js';

describe('the parts of a long list of values', () => {
  it('have 100 values at the most, each once', () => {
    const values = Array.from({ length: 250 }, (_, n) => `p${n % 240}`);
    const parts = [...filterParts(values)];
    expect(parts.map((part) => part.length)).toEqual([100, 100, 40]);
    expect(new Set(parts.flat()).size).toBe(240);
    expect([...filterParts([])]).toEqual([]);
  });

  it('fit a URL, encoded and all', () => {
    const value = fc.string({ unit: 'grapheme', maxLength: 90 });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 200 }), (values) => {
        for (const part of filterParts(values)) {
          const filter = `any(email,[${part.map((each) => `"${each}"`).join(',')}])`;
          const { length } = encodeURIComponent(filter);
          expect(part.length === 1 || length < 6100).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });
});
