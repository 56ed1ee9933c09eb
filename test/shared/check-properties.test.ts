import { describe, expect, it } from 'vitest';
import { checkProperties } from '../../src/shared/check-properties.js';
import fc from '../helpers/fast-check.js';

const nest = (levels: number): unknown => (levels ? { a: nest(levels - 1) } : 1);
const fields = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, index]));

describe('properties', () => {
  it.each([
    ['none', {}],
    ['400 at the top', fields(400)],
    ['more than 400 further down', { a: fields(500) }],
    ['a string of 100 kB', { a: 'x'.repeat(100_000) }],
    ['an array of 4000', { a: Array(4000).fill(1) }],
    ['ten levels', nest(10)],
    ['the same object twice', { a: fields(2), b: fields(2) }],
    ['null, undefined and dates', { a: null, b: undefined, c: new Date(0) }],
  ])('may be %s', (_, value) => {
    expect(checkProperties(value)).toBeUndefined();
  });

  it.each([
    ['401 at the top', fields(401)],
    ['a string over 100 kB', { a: 'x'.repeat(100_001) }],
    ['such a string in a list in an object', { a: { b: ['x'.repeat(100_001)] } }],
    ['an array of 4001', { a: Array(4001).fill(1) }],
    ['twelve levels', nest(12)],
  ])('may not be %s', (_, value) => {
    expect(checkProperties(value)).toEqual(expect.any(String));
  });

  it('may not be circular', () => {
    const value: Record<string, unknown> = {};
    value.a = [value];
    expect(checkProperties(value)).toMatch(/circular/);
  });

  it('are never named in the answer', () => {
    const problem = checkProperties({ secret: 'garter'.repeat(20_000) });
    expect(problem).not.toMatch(/garter|secret/);
  });

  it('of any small JSON are fine', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        expect(checkProperties({ value })).toBeUndefined();
      }),
    );
  });
});
