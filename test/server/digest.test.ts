import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { digestOf } from '../../src/server/digest.js';

it('is the SHA-256 of the content, whatever the order of its names', () => {
  const expected = createHash('sha256')
    .update('{"a":[1,{"b":null,"c":"é"}],"d":true}')
    .digest('hex');
  expect(digestOf({ d: true, a: [1, { c: 'é', b: null }], e: undefined })).toBe(expected);
  expect(digestOf({ a: [{ c: 'é', b: null }, 1], d: true })).not.toBe(expected);
});
