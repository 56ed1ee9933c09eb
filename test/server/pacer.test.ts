import { describe, expect, it } from 'vitest';
import { createPacer, type Rate } from '../../src/server/pacer.js';
import fc from '../helpers/fast-check.js';

/** A clock, and a pacer that sends whenever it may. */
function create(rate: Rate = { burst: 350, steady: 3500 }) {
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
          pacer.take()();
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
    pacer.take()();
    wait(400);
    pacer.take()();
    expect(pacer.waitMs()).toBe(600);
    wait(600);
    expect(pacer.waitMs()).toBe(0);
    pacer.take()();
    expect(pacer.waitMs()).toBe(59_000);
  });

  it('counts a request from its answer on, and one under way all the time', () => {
    const { pacer, wait } = create({ burst: 1, steady: 100 });
    const answered = pacer.take();
    wait(5000);
    expect(pacer.waitMs()).toBe(1000);
    answered();
    wait(400);
    expect(pacer.waitMs()).toBe(600);
  });

  it('keeps a limit of a day', () => {
    const { pacer, wait } = create({ burst: 10, steady: 150, daily: 2 });
    pacer.take()();
    pacer.take()();
    wait(86_399_000);
    expect(pacer.waitMs()).toBe(1000);
    wait(1000);
    expect(pacer.waitMs()).toBe(0);
  });

  it('passes no fixed window of Klaviyo’s, however long requests are on their way', () => {
    const delay = fc.tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 900 }));
    const start = fc.integer({ min: 0, max: 999 });
    fc.assert(
      fc.property(start, fc.array(delay, { minLength: 30, maxLength: 60 }), (startAt, delays) => {
        let at = startAt;
        const pacer = createPacer({ burst: 5, steady: 12 }, () => at);
        const arrivals: number[] = [];
        const underWay: { at: number; answered: () => void }[] = [];
        const toSend = [...delays];
        while (toSend.length > 0) {
          for (const one of underWay.filter((each) => each.at <= at)) {
            one.answered();
            underWay.splice(underWay.indexOf(one), 1);
          }
          for (let next = toSend[0]; next && pacer.waitMs() === 0; next = toSend[0]) {
            toSend.shift();
            const [there, back] = next;
            arrivals.push(at + there);
            underWay.push({ at: at + there + back, answered: pacer.take() });
          }
          at += 50;
        }
        const fullest = (lengthMs: number): number => {
          const counts = new Map<number, number>();
          for (const arrival of arrivals) {
            const window = Math.floor(arrival / lengthMs);
            counts.set(window, (counts.get(window) ?? 0) + 1);
          }
          return Math.max(...counts.values());
        };
        expect(fullest(1000)).toBeLessThanOrEqual(5);
        expect(fullest(60_000)).toBeLessThanOrEqual(12);
      }),
      { numRuns: 200 },
    );
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

  it('stays away when it was asked to', () => {
    const { pacer, wait } = create();
    pacer.close(7000);
    expect(pacer.waitMs()).toBe(7000);
    wait(7000);
    expect(pacer.waitMs()).toBe(0);
  });
});
