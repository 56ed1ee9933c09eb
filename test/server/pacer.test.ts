import { describe, expect, it } from 'vitest';
import { createPacer } from '../../src/server/pacer.js';

/** A clock, and a pacer that sends whenever it may. */
function create(rate = { burst: 350, steady: 3500 }) {
  let at = 5000;
  const pacer = createPacer(rate, () => at);
  const sent: number[] = [];
  return {
    pacer,
    sent,
    sendFor(durationMs: number) {
      const until = at + durationMs;
      for (; at < until; at += Math.max(1, pacer.waitMs())) {
        while (pacer.waitMs() === 0) {
          pacer.take();
          sent.push(at);
        }
      }
      at = until;
    },
    wait(ms: number) {
      at += ms;
    },
  };
}

/** The most that falls into any window of this length. */
const mostIn = (sent: number[], windowMs: number): number =>
  Math.max(
    ...sent.map((from, index) => {
      let end = index;
      while (end < sent.length && sent[end]! < from + windowMs) end += 1;
      return end - index;
    }),
  );

describe('the pacer', () => {
  it('never sends more than 350 in a second or 3500 in a minute, wherever they begin', () => {
    const { sent, sendFor } = create();
    sendFor(150_000);
    expect(mostIn(sent, 1000)).toBe(350);
    expect(mostIn(sent, 60_000)).toBe(3500);
    expect(sent.length).toBe(3 * 3500);
  });

  it('says how long until the next one', () => {
    const { pacer, wait } = create({ burst: 2, steady: 3 });
    pacer.take();
    wait(400);
    pacer.take();
    expect(pacer.waitMs()).toBe(600);
    wait(600);
    expect(pacer.waitMs()).toBe(0);
    pacer.take();
    expect(pacer.waitMs()).toBe(59_000);
  });

  it('stays away when an answer says that others have used the limit up', () => {
    const { pacer, wait } = create();
    pacer.heed(100, 30_000, 10);
    expect(pacer.waitMs()).toBe(0);
    pacer.heed(10, 30_000, 10);
    expect(pacer.waitMs()).toBe(30_000);
    wait(30_000);
    expect(pacer.waitMs()).toBe(0);
  });
});
