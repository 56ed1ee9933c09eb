// @vitest-environment node
import { expect, it } from 'vitest';
import { createConsent } from '../../src/browser/consent.js';
import { readOptions } from '../../src/browser/options.js';
import { createOrigin } from '../helpers/fake-env.js';

const create = (options = {}) => {
  const origin = createOrigin();
  const dropped: unknown[] = [];
  const settings = readOptions({ companyId: 'AbC123', ...options });
  const gate = createConsent(origin.open().env, settings, (_, report) => dropped.push(report));
  return { origin, gate, dropped };
};

it('waits with a call until consent is settled, and then makes it or refuses it', async () => {
  for (const state of ['granted', 'denied'] as const) {
    const { gate, dropped } = create();
    gate.set('pending');
    const made: string[] = [];
    const answer = gate.admit({ uniqueId: 'a' }, async () => `${made.push('a')}`);
    expect(made).toEqual([]);
    expect(gate.set(state)).toBe(state);
    gate.settle();
    expect(await answer).toBe(state === 'granted' ? '1' : undefined);
    expect(made).toEqual(state === 'granted' ? ['a'] : []);
    expect(dropped).toEqual(state === 'granted' ? [] : [{ uniqueId: 'a', reason: 'consent' }]);
  }
});

it('makes the waiting calls in their order, before later ones', async () => {
  const { gate } = create();
  const made: number[] = [];
  const call = (n: number) =>
    gate.admit({ uniqueId: `${n}` }, async () => {
      made.push(n);
      return undefined;
    });
  void call(1);
  void call(2);
  gate.set('granted');
  gate.settle();
  void call(3);
  expect(made).toEqual([1, 2, 3]);
});

it('asks the browser anew each time that consent is said', () => {
  const { gate, origin } = create({ respectGpc: true });
  gate.set('granted');
  expect(gate.state()).toBe('granted');
  origin.page.gpc = true;
  gate.set('granted');
  expect(gate.state()).toBe('denied');
  origin.page.gpc = false;
  origin.page.cookie = '__kla_off=true';
  gate.set('pending');
  expect(gate.state()).toBe('denied');
});

it('ignores what is neither a yes nor a no', () => {
  const { gate } = create();
  for (const state of ['yes', '', undefined, null, 'GRANTED', {}]) {
    expect(gate.set(state as never)).toBeUndefined();
    expect(gate.state()).toBe('pending');
  }
});

it('gives up the oldest event when too much waits, never who the visitor is', async () => {
  const { gate, dropped } = create();
  const made: string[] = [];
  const call = (uniqueId: string, metric?: string) =>
    void gate.admit({ uniqueId, metric }, async () => `${made.push(uniqueId)}`);
  call('who');
  for (let n = 0; n < 100; n++) call(`e${n}`, 'A');
  expect(dropped).toEqual([{ uniqueId: 'e0', metric: 'A', reason: 'evicted' }]);
  gate.set('granted');
  gate.settle();
  expect(made.length).toBe(100);
  expect(made.slice(0, 2)).toEqual(['who', 'e1']);
});

it('has nothing to report of a call without a name', async () => {
  const { gate, dropped } = create();
  gate.set('denied');
  expect(await gate.admit({ uniqueId: '' }, async () => 'made')).toBeUndefined();
  expect(dropped).toEqual([]);
});
