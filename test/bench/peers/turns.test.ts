/** Whose figures depend on the machine must have it to themselves. */
import { expect, it } from 'vitest';
import { createTurns } from './turns.mjs';

/** Work that begins and ends when it is told to. */
const createWork = () => {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => (): Promise<void> => {
    begun.push(name);
    return new Promise((resolve) => ends.set(name, resolve));
  };
  return { begun, work, end: (name: string) => ends.get(name)?.() };
};

it('lets as many work as there are turns, in the order in which they came', async () => {
  const turn = createTurns(2);
  const { begun, work, end } = createWork();
  const all = ['a', 'b', 'c', 'd'].map((name) => turn(work(name)));
  await Promise.resolve();
  expect(begun).toEqual(['a', 'b']);
  end('b');
  await all[1];
  expect(begun).toEqual(['a', 'b', 'c']);
});

it('has nobody at work beside one who is alone, and nobody overtakes it', async () => {
  const turn = createTurns(2);
  const { begun, work, end } = createWork();
  const first = turn(work('first'));
  const alone = turn.alone(work('alone'));
  const last = turn(work('last'));
  await Promise.resolve();
  expect(begun).toEqual(['first']);
  end('first');
  await first;
  await Promise.resolve();
  expect(begun).toEqual(['first', 'alone']);
  end('alone');
  await alone;
  await Promise.resolve();
  expect(begun).toEqual(['first', 'alone', 'last']);
  end('last');
  await last;
});

it('gives a turn back when the work fails', async () => {
  const turn = createTurns(1);
  await expect(turn(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await turn.alone(() => 'done')).toBe('done');
});
