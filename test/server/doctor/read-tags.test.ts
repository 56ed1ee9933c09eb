import { describe, expect, it } from 'vitest';
import { readTags } from '../../../src/server/doctor/read-tags.js';
import fc from '../../helpers/fast-check.js';

describe('the tags of a page', () => {
  it.each([
    ['<script src="/a.js">', { src: '/a.js' }],
    ["<SCRIPT async SRC='/a.js'>", { async: '', src: '/a.js' }],
    ['<script src=/a.js defer>', { src: '/a.js', defer: '' }],
    ['<script\n  src = "/a.js"\n/>', { src: '/a.js' }],
    ['<script src="/a.js?x=1&amp;y=2&#38;&#x27;">', { src: "/a.js?x=1&y=2&'" }],
    ['<script data-x="a > b" src="/a.js">', { 'data-x': 'a > b', src: '/a.js' }],
    ['<script src="/a.js" src="/b.js">', { src: '/a.js' }],
    ['<script src="/a.js"', { src: '/a.js' }],
  ])('have their attributes: %s', (html, attributes) => {
    expect(readTags(html)).toEqual([{ name: 'script', attributes }]);
  });

  it.each([
    '<!-- <meta name="b"> --><meta name="a">',
    '<script>document.write("<meta name=b>")</script><meta name="a">',
    '<style>/* <meta name="b"> */</style ><meta name="a">',
    '<noscript><meta name="b"></noscript><meta name="a">',
    '</p><meta name="a">',
    '< 3 and <3 <meta name="a">',
  ])('are those a browser sees: %s', (html) => {
    const metas = readTags(html).filter(({ name }) => name === 'meta');
    expect(metas).toEqual([{ name: 'meta', attributes: { name: 'a' } }]);
  });

  it('end where the page does, whatever it is', () => {
    const part = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '=',
      '/',
      '!--',
      '-->',
      'script',
      'a',
      ' ',
      '&#x;',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        expect(readTags(parts.join('')).length).toBeLessThanOrEqual(parts.length);
      }),
      { numRuns: 2000 },
    );
  });

  it('are read in a time that goes with the length', () => {
    const hostile = `${'<a '.repeat(50_000)}${'<script '.repeat(50_000)}${'x='.repeat(50_000)}`;
    const startedAt = performance.now();
    readTags(hostile);
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});
