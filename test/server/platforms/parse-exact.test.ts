import { describe, expect, it } from 'vitest';
import { parseExact } from '../../../src/server/platforms/parse-exact.js';
import fc from '../../helpers/fast-check.js';

describe('JSON with ids of 64 bits', () => {
  it.each([
    ['820982911946154508', '820982911946154508'],
    ['[-9007199254740993,1]', ['-9007199254740993', 1]],
    ['{"id":9223372036854775807}', { id: '9223372036854775807' }],
    // Not integers, or not numbers: as they are.
    ['3.3333333333333335', 3.3333333333333335],
    ['1234567890123456.5', 1234567890123456.5],
    ['1e1234567890123456', Number.POSITIVE_INFINITY],
    ['2e-1234567890123456', 0],
    ['"id 820982911946154508"', 'id 820982911946154508'],
    ['"a \\" 820982911946154508"', 'a " 820982911946154508'],
    ['{"820982911946154508":"\\\\"}', { '820982911946154508': '\\' }],
  ])('%s is read as %j', (text, expected) => {
    expect(parseExact(text)).toEqual(expected);
  });

  it('is what JSON.parse makes of it where no integer is that large', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, name) => {
        const text = JSON.stringify({ [name]: value, long: '1234567890123456789' });
        const isLarge = /\d{16}/.test(JSON.stringify(value));
        if (!isLarge) expect(parseExact(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('is an error where it is none, and soon', () => {
    expect(() => parseExact(`"${'\\"'.repeat(400_000)}1234567890123456`)).toThrow(SyntaxError);
    expect(() => parseExact('{"id":01}')).toThrow(SyntaxError);
  });
});
