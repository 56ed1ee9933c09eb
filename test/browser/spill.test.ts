// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { createSpill } from '../../src/browser/spill.js';
import { createOrigin } from '../helpers/fake-env.js';

const create = () => {
  const origin = createOrigin();
  origin.local.content.set('of the shop', '"cart"');
  return { origin, spill: createSpill(origin.open().env, 'test:') };
};
const records = ['a', 'b', 'c'].map((key) => ({ key, data: key }));

describe('the spill', () => {
  it('gives back what was written, to another page too', () => {
    const { origin, spill } = create();
    expect(spill.write(records)).toBe(true);
    expect(createSpill(origin.open().env, 'test:').read()).toEqual(records);
  });

  it('removes by key, and nothing of the shop', () => {
    const { origin, spill } = create();
    spill.write(records);
    spill.remove([{ key: 'a' }, { key: 'unknown' }]);
    expect(spill.read()).toEqual(records.slice(1));
    spill.remove(records);
    expect(spill.read()).toEqual([]);
    expect([...origin.local.content.keys()]).toEqual(['of the shop']);
  });

  it('says when something did not fit', () => {
    const { origin, spill } = create();
    origin.local.switches.quota = 60;
    expect(spill.write(records)).toBe(false);
    origin.local.switches.blocked = true;
    expect(spill.write(records)).toBe(false);
    expect(spill.read()).toEqual([]);
  });

  it('gives up only the record that is torn', () => {
    const { origin, spill } = create();
    spill.write(records);
    origin.local.content.set('test:b', '{"key":');
    expect(spill.read().filter(Boolean)).toEqual([records[0], records[2]]);
    expect(origin.local.content.has('test:b')).toBe(false);
  });

  it.each(['7', '{"key":"c"}', '{"key":{"toString":null}}'])(
    'gives up %s, which could not be removed by its key',
    (text) => {
      const { origin, spill } = create();
      spill.write(records);
      origin.local.content.set('test:b', text);
      expect(spill.read().filter(Boolean)).toEqual([records[0], records[2]]);
      expect(origin.local.content.has('test:b')).toBe(false);
    },
  );
});
