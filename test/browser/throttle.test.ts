// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { createThrottle } from '../../src/browser/throttle.js';
import { readOutcome } from '../../src/shared/outcome.js';
import { createOrigin } from '../helpers/fake-env.js';

const KEY = 'test:pause';
const create = () => {
  const origin = createOrigin();
  const open = () => createThrottle(origin.open().env, KEY);
  return { origin, open, throttle: open() };
};
const MINUTE_MS = 60_000;

describe('a pause', () => {
  it('is absent at first, in force until its end, then over', () => {
    const { origin, throttle } = create();
    expect(throttle.pause()).toBeUndefined();
    const { untilAt } = throttle.fail('throttled', 10_000);
    expect(untilAt).toBe(origin.now() + 15_000);
    origin.jump(14_999);
    expect(throttle.pause()).toMatchObject({ untilAt, reason: 'throttled', failures: 1 });
    origin.jump(1);
    expect(throttle.pause()).toBeUndefined();
  });

  it('ends at any time from what was asked for to as long again', () => {
    for (const [random, ms] of [
      [0, 40_000],
      [0.25, 50_000],
      [0.75, 70_000],
    ] as const) {
      const { origin, throttle } = create();
      origin.page.random = random;
      expect(throttle.fail('throttled', 40_000).untilAt).toBe(origin.now() + ms);
    }
  });

  it('is remembered by its reason after its end, on other pages too, until something is delivered', () => {
    const { origin, throttle, open } = create();
    expect(throttle.reason()).toBeUndefined();
    throttle.fail('throttled', 10_000);
    origin.jump(MINUTE_MS);
    expect(throttle.pause()).toBeUndefined();
    expect(open().reason()).toBe('throttled');
    throttle.succeed();
    expect(open().reason()).toBeUndefined();
    throttle.fail('server', 10_000);
    expect(throttle.reason()).toBe('server');
  });

  it('holds on another page', () => {
    const { throttle, open } = create();
    throttle.fail('server', MINUTE_MS);
    expect(open().pause()).toEqual(throttle.pause());
    expect(open().pause()?.failures).toBe(1);
  });

  it('is never shortened by a later failure under it', () => {
    const { throttle, open } = create();
    const { untilAt } = throttle.fail('throttled', 10 * MINUTE_MS);
    expect(open().fail('server', 0).untilAt).toBe(untilAt);
    expect(throttle.pause()?.failures).toBe(1);
  });

  it('counts failures in a row over pages, and forgets them with a success', () => {
    const { origin, throttle, open } = create();
    for (const failures of [1, 2, 3]) {
      expect(open().fail('server', 0).failures).toBe(failures);
      origin.jump(10 * MINUTE_MS);
    }
    throttle.succeed();
    expect(open().fail('server', 0).failures).toBe(1);
  });

  it('is not ended by a success that was under way when it began', () => {
    const { throttle } = create();
    throttle.fail('throttled', MINUTE_MS);
    throttle.succeed();
    expect(throttle.pause()?.reason).toBe('throttled');
  });

  it('lasts a quarter of an hour when it is denied', () => {
    const { origin, throttle } = create();
    expect(throttle.fail('denied', 0).untilAt).toBe(origin.now() + 15 * MINUTE_MS);
  });

  it.each([
    ['network', false],
    ['server', true],
    ['throttled', true],
    ['denied', true],
  ] as const)('for %s outlives coming online: %s', (reason, isPaused) => {
    const { throttle, open } = create();
    throttle.fail(reason, MINUTE_MS);
    throttle.online();
    expect(!!throttle.pause()).toBe(isPaused);
    expect(!!open().pause()).toBe(isPaused);
  });

  it('ends when the device clock is put back before its beginning', () => {
    const { origin, throttle } = create();
    throttle.fail('throttled', MINUTE_MS);
    origin.jump(-1);
    expect(throttle.pause()).toBeUndefined();
  });

  it('is two hours at most, whatever an answer asks for, and one over a day is not believed', () => {
    const { origin, throttle, open } = create();
    origin.page.random = 1 - Number.EPSILON;
    const { retryAfterMs } = readOutcome(429, 1e12);
    const { untilAt } = throttle.fail('throttled', retryAfterMs);
    expect(untilAt).toBeLessThanOrEqual(origin.now() + 2 * 60 * MINUTE_MS);
    expect(throttle.pause()).toMatchObject({ untilAt });
    const tab = origin.open();
    tab.env.local.write(KEY, { untilAt: 9e15, setAt: 0, reason: 'server', failures: 1 });
    expect(open().pause()).toBeUndefined();
  });

  it('holds in its own page where nothing can be stored', () => {
    const { origin, throttle } = create();
    origin.local.switches.blocked = true;
    throttle.fail('throttled', MINUTE_MS);
    expect(throttle.pause()?.reason).toBe('throttled');
    origin.jump(10 * MINUTE_MS);
    expect(throttle.fail('throttled', MINUTE_MS).failures).toBe(2);
  });

  it.each([
    ...['', '{', 'null', '7', '[]', '{}', '{"untilAt":"soon"}'],
    '{"untilAt":[{"toString":null}],"setAt":0,"failures":0}',
    '{"untilAt":9e15,"setAt":{"valueOf":1},"failures":0}',
  ])('is absent when what is stored is %j', (text) => {
    const { origin, throttle } = create();
    origin.local.content.set(KEY, text);
    expect(throttle.pause()).toBeUndefined();
    expect(throttle.fail('server', 1000).failures).toBe(1);
    expect(throttle.pause()).toBeDefined();
  });
});
