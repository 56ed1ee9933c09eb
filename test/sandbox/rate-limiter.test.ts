import { describe, expect, it } from 'vitest';
import type { Endpoint, Sandbox } from '../../src/sandbox/index.js';
import { defaultOptions } from '../../src/sandbox/options.js';
import { createRateLimiter } from '../../src/sandbox/rate-limiter.js';
import { bulkOf, createClock, errorsOf, eventBody, post, startSandbox } from './requests.js';

const startOfMinute = Date.parse('2026-11-22T10:00:00Z');

describe('the limiter', () => {
  const create = (now: () => number) => createRateLimiter(() => ({ ...defaultOptions(), now }));
  const admitted = (limiter: ReturnType<typeof create>, endpoint: Endpoint, times: number) =>
    Array.from({ length: times }, () => limiter.admit('AbC123', endpoint)).filter(
      (admission) => admission.admitted,
    ).length;

  it.each<[Endpoint, number, number]>([
    ['events', 350, 3500],
    ['event-bulk-create', 10, 150],
    ['profiles', 350, 3500],
    ['subscriptions', 350, 750],
    ['back-in-stock-subscriptions', 350, 3500],
  ])('admits to %s the documented %i a second and %i a minute', (endpoint, burst, steady) => {
    const clock = createClock(startOfMinute);
    const limiter = create(clock.now);
    expect(admitted(limiter, endpoint, burst + 5)).toBe(burst);
    let total = burst;
    for (let second = 1; second < 60; second += 1) {
      clock.advance(1000);
      total += admitted(limiter, endpoint, burst + 5);
    }
    expect(total).toBe(steady);
    clock.advance(1000);
    expect(admitted(limiter, endpoint, burst + 5)).toBe(burst);
  });

  it('names whole seconds until both windows have room', () => {
    const clock = createClock(startOfMinute + 500);
    const limiter = create(clock.now);
    admitted(limiter, 'event-bulk-create', 10);
    expect(limiter.admit('AbC123', 'event-bulk-create').retryAfterSeconds).toBe(1);
    for (let second = 1; second < 15; second += 1) {
      clock.advance(1000);
      admitted(limiter, 'event-bulk-create', 10);
    }
    clock.advance(1000);
    // 15.5 s into the minute with all 150 used.
    expect(limiter.admit('AbC123', 'event-bulk-create').retryAfterSeconds).toBe(45);
  });

  it('counts days too, where the limit has one', () => {
    const clock = createClock(startOfMinute);
    const limit = { burst: 1, steady: 2, daily: 3 };
    const limits = { ...defaultOptions().limits, 'GET api/profiles': limit };
    const limiter = createRateLimiter(() => ({ ...defaultOptions(), limits, now: clock.now }));
    const admit = () => limiter.admit('AbC123', 'GET api/profiles');
    expect(admit().headers['RateLimit-Limit']).toBe('1, 1;w=1, 2;w=60, 3;w=86400');
    expect(admit().retryAfterSeconds).toBe(1);
    clock.advance(1000);
    expect(admit().admitted).toBe(true);
    clock.advance(1000);
    expect(admit().retryAfterSeconds).toBe(58);
    clock.advance(60_000);
    expect(admit().admitted).toBe(true);
    clock.advance(60_000);
    // 10:02:02 in the morning: the day has 13:57:58 left.
    expect(admit().retryAfterSeconds).toBe(13 * 3600 + 57 * 60 + 58);
    clock.advance(14 * 3_600_000);
    expect(admit().admitted).toBe(true);
  });

  it('tells a server of the window with the least room', () => {
    const clock = createClock(startOfMinute + 12_400);
    const limits = { ...defaultOptions().limits, 'GET api/profiles': { burst: 5, steady: 7 } };
    const limiter = createRateLimiter(() => ({ ...defaultOptions(), limits, now: clock.now }));
    const told = () => {
      const { headers } = limiter.admit('AbC123', 'GET api/profiles');
      return ['Limit', 'Remaining', 'Reset'].map((name) => headers[`RateLimit-${name}`]);
    };
    expect(told()).toEqual(['5, 5;w=1, 7;w=60', '4', '0']);
    told();
    told();
    clock.advance(1000);
    expect(told()).toEqual(['7, 5;w=1, 7;w=60', '3', '47']);
  });

  it('counts what is limited specially apart', () => {
    const limiter = create(() => startOfMinute);
    const special = { reason: 'profile_count', limit: { burst: 1, steady: 15 } };
    const admit = (one?: typeof special) =>
      limiter.admit('AbC123', 'GET api/profiles', one).admitted;
    expect([admit(special), admit(special), admit()]).toEqual([true, false, true]);
  });

  it('counts each account and each endpoint for itself', () => {
    const limiter = create(() => startOfMinute);
    expect(admitted(limiter, 'event-bulk-create', 11)).toBe(10);
    expect(limiter.admit('AbC123', 'events').admitted).toBe(true);
    expect(limiter.admit('XyZ789', 'event-bulk-create').admitted).toBe(true);
  });
});

const bulk = (sandbox: Sandbox, id: number) =>
  post(sandbox, 'event-bulk-create', bulkOf(`event-${id}`));

describe('the sandbox', () => {
  it('answers 429 with Retry-After and the seconds in its detail, and records nothing', async () => {
    const clock = createClock(startOfMinute);
    const sandbox = await startSandbox({ now: clock.now });
    for (let id = 0; id < 10; id += 1) expect((await bulk(sandbox, id)).status).toBe(202);
    const throttled = await bulk(sandbox, 10);
    expect(throttled.status).toBe(429);
    expect(throttled.headers.get('retry-after')).toBe('1');
    expect(throttled.headers.get('ratelimit-limit')).toBeNull();
    expect(await errorsOf(throttled)).toMatchObject([
      {
        code: 'throttled',
        detail: 'Request was throttled. Expected available in 1 second.',
      },
    ]);
    expect(sandbox.events()).toHaveLength(10);
    clock.advance(1000);
    expect((await bulk(sandbox, 10)).status).toBe(202);
  });

  it('reports the steady window on every other answer', async () => {
    const clock = createClock(startOfMinute + 12_400);
    const sandbox = await startSandbox({ now: clock.now });
    const read = (response: Response) =>
      ['limit', 'remaining', 'reset'].map((name) => response.headers.get(`ratelimit-${name}`));
    expect(read(await post(sandbox, 'events', eventBody()))).toEqual(['3500', '3499', '48']);
    expect(read(await post(sandbox, 'events', {}))).toEqual(['3500', '3498', '48']);
  });

  it('uses the limits and windows it is given', async () => {
    const clock = createClock(startOfMinute);
    const sandbox = await startSandbox({
      now: clock.now,
      limits: { events: { burst: 1, steady: 2 } },
      burstWindowMs: 100,
      steadyWindowMs: 3000,
    });
    const status = async () => (await post(sandbox, 'events', eventBody())).status;
    expect([await status(), await status()]).toEqual([202, 429]);
    clock.advance(100);
    expect(await status()).toBe(202);
    clock.advance(100);
    const response = await post(sandbox, 'events', eventBody());
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '3']);
  });

  it('does not throttle when that is switched off', async () => {
    const sandbox = await startSandbox({ now: () => startOfMinute, rateLimits: false });
    for (let id = 0; id < 12; id += 1) expect((await bulk(sandbox, id)).status).toBe(202);
  });
});
