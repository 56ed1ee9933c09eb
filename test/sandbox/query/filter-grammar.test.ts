import { describe, expect, it } from 'vitest';
import {
  type FilterNode,
  FilterSyntaxError,
  parseFilter,
} from '../../../src/sandbox/query/filter-grammar.js';
import fc from '../../helpers/fast-check.js';

const condition = (operator: string, field: string, operand?: unknown) => ({
  operator,
  field,
  operand,
});
const text = (value: string) => ({ kind: 'string', value });

describe('a filter', () => {
  it.each<[string, unknown]>([
    ['equals(email,"a@b.c")', condition('equals', 'email', text('a@b.c'))],
    ["equals(email,'a@b.c')", condition('equals', 'email', text('a@b.c'))],
    ['equals( email , "a" )', condition('equals', 'email', text('a'))],
    [String.raw`equals(a,"say \"x\" \\ 'y'")`, condition('equals', 'a', text(`say "x" \\ 'y'`))],
    ['equals(a,"b),equals(c")', condition('equals', 'a', text('b),equals(c'))],
    ['any(id,["a", "b"])', condition('any', 'id', [text('a'), text('b')])],
    ['any(id,[])', condition('any', 'id', [])],
    ['has(profile)', condition('has', 'profile')],
    ['equals(is_active,true)', condition('equals', 'is_active', { kind: 'boolean', value: true })],
    [
      'greater-than(timestamp,-1.5)',
      condition('greater-than', 'timestamp', { kind: 'number', value: -1.5 }),
    ],
    [
      'less-than(created,2026-11-22T10:00:00+01:00)',
      condition('less-than', 'created', {
        kind: 'datetime',
        value: Date.parse('2026-11-22T09:00:00Z'),
        text: '2026-11-22T10:00:00+01:00',
      }),
    ],
    [
      'equals(a,"1"),not(equals(b,"2"))',
      {
        combine: 'and',
        of: [
          condition('equals', 'a', text('1')),
          { combine: 'not', of: [condition('equals', 'b', text('2'))] },
        ],
      },
    ],
    [
      'or(equals(a,"1"),and(equals(b,"2"),equals(c,"3")))',
      {
        combine: 'or',
        of: [
          condition('equals', 'a', text('1')),
          {
            combine: 'and',
            of: [condition('equals', 'b', text('2')), condition('equals', 'c', text('3'))],
          },
        ],
      },
    ],
  ])('is understood: %s', (written, understood) => {
    expect(parseFilter(written)).toEqual(understood);
  });

  it.each([
    ['equals(email,a@b.c)', /text in quotes.*character 14/],
    ['equals(email,"a', /closing "/],
    ['equals(email,"a\\', /after the backslash/],
    ['equals(email,"a"', /'\)'.*its end/],
    ['equals(email,"a") or', /comma or the end/],
    ['equals(,"a")', /a field/],
    ['', /an operator/],
    ['equals(created,2026-11-22T10:00:00 01:00)', /text in quotes/],
    ['equals(created,2026-11-22)', /text in quotes/],
    ['equals(created,2026-13-40T10:00:00Z)', /text in quotes/],
    ['any(id,["a"', /'\]'/],
    ['not(equals(a,"1"),equals(b,"2"))', /one condition/],
    [`${'and('.repeat(30)}`, /fewer brackets/],
  ])('is not understood: %s', (written, message) => {
    expect(() => parseFilter(written)).toThrow(FilterSyntaxError);
    expect(() => parseFilter(written)).toThrow(message);
  });

  it('is understood as it was meant, whatever text is in it', () => {
    const word = fc
      .stringMatching(/^[a-z_][a-z_.-]{0,8}$/)
      .filter((one) => !/^(and|or|not)$/.test(one));
    const leaf = fc.record({
      operator: word,
      field: word,
      operand: fc.oneof(
        fc.string().map((value) => ({ kind: 'string' as const, value })),
        fc.integer().map((value) => ({ kind: 'number' as const, value })),
        fc.boolean().map((value) => ({ kind: 'boolean' as const, value })),
      ),
    });
    const value = (operand: unknown) => {
      const { value: given } = operand as { value: unknown };
      return typeof given === 'string' ? `"${given.replace(/["\\]/g, '\\$&')}"` : given;
    };
    const write = (node: FilterNode): string =>
      'combine' in node
        ? `${node.combine}(${node.of.map(write).join(',')})`
        : `${node.operator}(${node.field},${value(node.operand)})`;
    fc.assert(
      fc.property(fc.array(leaf, { minLength: 2, maxLength: 4 }), (of) => {
        const node: FilterNode = { combine: 'and', of };
        expect(parseFilter(write(node))).toEqual(node);
      }),
    );
  });

  it('never fails in another way, whatever is written', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (written) => {
        try {
          parseFilter(written);
        } catch (error) {
          expect(error).toBeInstanceOf(FilterSyntaxError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
