// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { CONCURRENCY } from '../../src/shared/limits.js';
import { createOrigin, type Origin } from '../helpers/fake-env.js';
import { start, startKnown, startOn } from '../helpers/start-client.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const names = (count: number) => Array.from({ length: count }, (_, index) => `Event ${index}`);
const sorted = (ids: unknown[]) => [...ids].sort();
const count = (origin: Origin) => origin.klaviyo.requests.length;

/** Moments, relative to now, at which requests leave within `ms`. */
const sentWithin = async (origin: Origin, ms: number): Promise<number[]> => {
  const before = count(origin);
  const now = origin.now();
  await origin.advance(ms);
  return origin.klaviyo.requests.slice(before).map(({ at }) => at - now);
};

describe('a pause', () => {
  it.each([
    ['the Retry-After header', { headers: { 'retry-after': '30' } }],
    ['the body', { body: '{"errors":[{"detail":"Expected available in 30 seconds."}]}' }],
    ['the longer of both', { headers: { 'retry-after': '5' }, body: 'available in 30 seconds' }],
  ])('lasts as long as %s asks, plus a spread', async (_, answer) => {
    const origin = createOrigin();
    const { client, reports } = await startKnown(origin);
    origin.klaviyo.answer({ status: 429, times: 1, ...answer });
    void client.track('Viewed Product');
    const sent = await sentWithin(origin, 60_000);
    expect(sent).toEqual([1000, 46_000]);
    expect(reports.paused).toEqual([
      expect.objectContaining({ untilAt: reports.paused[0]!.untilAt, reason: 'throttled' }),
    ]);
    expect(origin.klaviyo.metrics()).toEqual(['Viewed Product']);
  });

  it('holds in other tabs and on later pages, for flush() too', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    const other = start(origin);
    origin.klaviyo.answer({ status: 429, headers: { 'retry-after': '120' }, times: 1 });
    void client.track('One');
    await origin.advance(1000);
    const before = count(origin);
    const next = startOn(tab.navigate());
    void next.client.track('Two');
    void other.client.track('Three');
    await origin.advance(60_000);
    await Promise.all([next.client.flush(), other.client.flush()]);
    expect((await next.client.inspect()).pause?.reason).toBe('throttled');
    expect(count(origin)).toBe(before);
    await origin.advance(120_000);
    expect(origin.klaviyo.metrics()).toEqual(['One', 'Two', 'Three']);
  });

  it('ends with one request, and the others follow once that was let through', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    origin.klaviyo.options.latencyMs = 100;
    const answer = { status: 429, headers: { 'retry-after': '10' } };
    origin.klaviyo.answer({ ...answer, times: 6 });
    for (const name of names(8)) void client.track(name);
    // Five at first, side by side; after the pause one, which is refused; after the next one, and then the rest.
    const sent = await sentWithin(origin, 60_000);
    const moments = [...new Set(sent)];
    expect(moments.map((at) => sent.filter((other) => other === at).length)).toEqual([
      5, 1, 1, 5, 2,
    ]);
    expect(sorted(origin.klaviyo.metrics())).toEqual(names(8));
  });

  // Seven are left that never went out: worth a bulk request with (6 / 23)² = 6.8 % of the visitors.
  it.each([
    [0.067, 'event-bulk-create:7'],
    [0.069, 'events:1'],
    [0.999, 'events:1'],
  ])('is over when one request is let through (random %d: %s)', async (random, asked) => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    origin.page.random = random;
    const known = count(origin);
    const headers = { 'retry-after': '10' };
    origin.klaviyo.answer({ status: 429, headers, times: CONCURRENCY });
    for (const name of names(CONCURRENCY + 7)) void client.track(name);
    await origin.advance(5000);
    const before = count(origin);
    expect(before - known).toBe(CONCURRENCY);
    origin.klaviyo.answer({ lost: 'hang' });
    await origin.advance(20_000);
    expect(origin.klaviyo.shapes().slice(before)).toEqual([asked]);
  });

  it('counts one failure when many requests meet it at once', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    origin.klaviyo.answer({ status: 503 });
    for (const name of names(5)) void client.track(name);
    await origin.advance(1100);
    expect((await client.inspect()).pause?.failures).toBe(1);
  });

  it('grows with every failure in a row to at most 300 s, and begins anew after a success', async () => {
    const origin = createOrigin();
    origin.page.random = 0.999;
    const { client } = await startKnown(origin);
    origin.klaviyo.answer({ status: 500, times: 12 });
    void client.track('Viewed Product');
    const at = await sentWithin(origin, HOUR_MS);
    const waits = at.slice(1).map((moment, index) => moment - at[index]!);
    expect(waits.length).toBe(12);
    expect(waits.map((ms) => Math.round(ms / 1000))).toEqual([
      // From the sixth on a second later than it could: others come first.
      ...[2, 4, 8, 16, 32, 65, 129, 257, 301, 301, 301, 301],
    ]);
    origin.klaviyo.answer({ status: 500, times: 1 });
    void client.track('Viewed Product');
    const [first, second] = await sentWithin(origin, HOUR_MS);
    expect(second! - first!).toBeLessThan(2001);
  });

  it.each([
    ['a failed connection', { lost: 'before' as const }, 'network'],
    ['a request timeout', { lost: 'hang' as const }, 'network'],
    ['a 500', { status: 500 }, 'server'],
    ["Cloudflare's 524", { status: 524, body: '<html>' }, 'server'],
    ['a 408', { status: 408 }, 'server'],
  ])('follows %s, and the event is sent again', async (_, answer, reason) => {
    const origin = createOrigin();
    const { client, reports } = await startKnown(origin);
    origin.klaviyo.answer({ ...answer, times: 1 });
    const id = await client.track('Viewed Product');
    await origin.advance(30_000);
    expect(reports.paused.map((pause) => pause.reason)).toEqual([reason]);
    expect(origin.klaviyo.uniqueIds()).toEqual([id]);
    expect(reports.dropped).toEqual([]);
  });

  it('ends when the connection is back, if it was for the connection', async () => {
    const origin = createOrigin();
    origin.page.random = 0.9;
    const { client } = await startKnown(origin);
    origin.goOffline();
    void client.track('Viewed Product');
    await origin.advance(HOUR_MS);
    const { untilAt } = (await client.inspect()).pause!;
    expect(untilAt - origin.now()).toBeGreaterThan(1000);
    origin.goOnline();
    await origin.advance(1000);
    expect(origin.klaviyo.metrics()).toEqual(['Viewed Product']);
  });

  it('begun offline costs one event its place in a bulk request', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    const before = count(origin);
    origin.goOffline();
    for (const name of names(40)) {
      void client.track(name);
      // Long enough for many attempts in vain.
      await origin.advance(2000);
    }
    origin.goOnline();
    await origin.advance(5000);
    const sent = origin.klaviyo.requests.slice(before).map(({ metrics }) => metrics.length);
    expect(sent.filter((members) => members > 0)).toEqual([39, 1]);
    expect(sorted(origin.klaviyo.metrics())).toEqual(sorted(names(40)));
  });

  it('begun in a browser that is wrong to think itself offline, delivers all the same', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    origin.page.isOffline = true;
    const before = count(origin);
    for (const name of names(50)) void client.track(name);
    await origin.advance(2000);
    expect(sorted(origin.klaviyo.metrics())).toEqual(sorted(names(50)));
    // One to find out.
    expect(count(origin)).toBe(before + 2);
  });

  it('begun offline leaves a profile update before its events', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    origin.goOffline();
    void client.identify({ firstName: 'Ada' });
    await origin.advance(HOUR_MS);
    for (const name of names(40)) void client.track(name);
    await origin.advance(HOUR_MS);
    const before = count(origin);
    origin.goOnline();
    await origin.advance(5000);
    const sent = origin.klaviyo.requests.slice(before).map(({ metrics }) => metrics.length);
    expect(sent[0]).toBe(0);
    expect(sorted(origin.klaviyo.metrics())).toEqual(sorted(names(40)));
  });

  describe('does not let one event hold up the others, where it always breaks the server:', () => {
    const always500 = (metric: string) => ({ status: 500, metric, times: Infinity });

    it('in a batch', async () => {
      const origin = createOrigin();
      const { client } = await startKnown(origin);
      origin.klaviyo.answer(always500('Event 5'));
      for (const name of names(40)) void client.track(name);
      await origin.advance(3 * MINUTE_MS);
      expect(origin.klaviyo.metrics()).toHaveLength(39);
    });

    it('before a batch that fails once', async () => {
      const origin = createOrigin();
      const { client } = await startKnown(origin);
      origin.klaviyo.answer(always500('Poison'));
      void client.track('Poison');
      await origin.advance(5000);
      origin.klaviyo.answer({ status: 503, endpoint: 'event-bulk-create', times: 1 });
      for (const name of names(40)) void client.track(name);
      await origin.advance(HOUR_MS);
      expect(sorted(origin.klaviyo.metrics())).toEqual(sorted(names(40)));
    });

    it('where as many as go side by side do', async () => {
      const origin = createOrigin();
      const { client } = await startKnown(origin);
      origin.klaviyo.answer(always500('Poison'));
      for (let poison = 0; poison < 5; poison++) void client.track('Poison');
      await origin.advance(5000);
      for (const name of names(10)) void client.track(name);
      await origin.advance(HOUR_MS);
      expect(sorted(origin.klaviyo.metrics())).toEqual(sorted(names(10)));
    });

    it('later ones, or a profile update', async () => {
      const origin = createOrigin();
      const { client } = await startKnown(origin);
      origin.klaviyo.answer(always500('Poison'));
      void client.track('Poison');
      await origin.advance(HOUR_MS);
      void client.identify({ firstName: 'Ada' });
      void client.track('Viewed Product');
      await origin.advance(5000);
      expect(origin.klaviyo.metrics()).toEqual(['Viewed Product']);
      expect(origin.klaviyo.profiles).toHaveLength(2);
    });

    it('one that is tracked while it is tried', async () => {
      const origin = createOrigin();
      const { client } = await startKnown(origin);
      origin.klaviyo.answer({ ...always500('Poison'), latencyMs: 1000 });
      void client.track('Poison');
      await origin.advance(HOUR_MS);
      void client.flush();
      while (!origin.klaviyo.requests.some(({ at }) => at > origin.now() - 500)) {
        await origin.advance(100);
      }
      void client.track('Viewed Product');
      await origin.advance(6000);
      expect(origin.klaviyo.metrics()).toEqual(['Viewed Product']);
    });

    it('those of another tab', async () => {
      const origin = createOrigin();
      const { client } = await startKnown(origin);
      origin.klaviyo.answer(always500('Poison'));
      void client.track('Poison');
      const other = start(origin).client;
      await origin.advance(HOUR_MS);
      origin.klaviyo.answer({ status: 500, endpoint: 'event-bulk-create', times: 5 });
      for (const name of names(40)) void other.track(name);
      await origin.advance(HOUR_MS);
      expect(origin.klaviyo.metrics()).toHaveLength(40);
    });

    it('and has it wait, on the next pages too', async () => {
      const origin = createOrigin();
      const { client, tab } = await startKnown(origin);
      origin.klaviyo.answer(always500('Poison'));
      void client.track('Poison');
      await origin.advance(HOUR_MS);
      tab.close();
      const before = count(origin);
      for (let page = 0; page < 60; page++) {
        const next = start(origin);
        await origin.advance(MINUTE_MS);
        next.tab.close();
      }
      const asked = count(origin) - before;
      // At a page that comes after its pause, of at most 300 s.
      expect(asked).toBeGreaterThan(60 / 6);
      expect(asked).toBeLessThan(60 / 2);
    });

    it('where a third of all requests meet a 429', async () => {
      const origin = createOrigin();
      const { client } = await startKnown(origin);
      let seed = 4711;
      const draw = () => {
        seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
        return seed / 2 ** 31;
      };
      const headers = { 'retry-after': '5' };
      origin.klaviyo.answer({ status: 429, headers, when: () => draw() < 0.33, times: Infinity });
      origin.klaviyo.answer(always500('Poison'));
      void client.track('Poison');
      await origin.advance(HOUR_MS);
      const late: string[] = [];
      for (const name of names(60)) {
        void client.track(name);
        await origin.advance(MINUTE_MS);
        if (!origin.klaviyo.metrics().includes(name)) late.push(name);
        await origin.advance(MINUTE_MS);
      }
      expect(late).toEqual([]);
    });

    it('in a browser that is wrong to think itself offline', async () => {
      const origin = createOrigin();
      const { client } = await startKnown(origin);
      origin.page.isOffline = true;
      origin.klaviyo.answer(always500('Poison'));
      void client.track('Poison');
      for (const name of names(10)) void client.track(name);
      await origin.advance(HOUR_MS);
      expect(sorted(origin.klaviyo.metrics())).toEqual(sorted(names(10)));
    });
  });

  it('grows where the server is down and a batch is in pieces', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    const before = count(origin);
    let isDown = true;
    origin.klaviyo.answer({ status: 503, when: () => isDown, times: Infinity });
    for (const name of names(40)) void client.track(name);
    await origin.advance(HOUR_MS);
    // Five times together, then five at a time: on the way to 150 s, and 23 times in that.
    expect(count(origin) - before).toBeLessThan(5 + 5 * (4 + 24));
    isDown = false;
    await origin.advance(5 * MINUTE_MS);
    expect(origin.klaviyo.metrics()).toHaveLength(40);
  });

  it('of what fails begins anew once something of it is delivered', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    origin.klaviyo.answer({ status: 500, times: 14 });
    void client.track('One');
    await origin.advance(2 * HOUR_MS);
    expect(origin.klaviyo.metrics()).toEqual(['One']);
    origin.klaviyo.answer({ status: 500, times: Infinity });
    void client.track('Two');
    const at = await sentWithin(origin, HOUR_MS);
    expect(Math.round((at[6]! - at[5]!) / 1000)).toBe(33);
  });

  it('of what fails is forgotten once that is too old', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin, { maxAgeMs: HOUR_MS });
    origin.klaviyo.answer({ status: 500, times: Infinity });
    void client.track('One');
    await origin.advance(2 * HOUR_MS);
    const keys = [...origin.local.content.keys()];
    expect(keys.filter((key) => key.includes('failing'))).toEqual([]);
  });

  it('for single requests lets bulk ones through, whatever the browser thinks of the network', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    origin.page.isOffline = true;
    const headers = { 'retry-after': '60' };
    origin.klaviyo.answer({ status: 429, endpoint: 'events', headers, times: Infinity });
    for (const name of names(60)) void client.track(name);
    await origin.advance(HOUR_MS);
    // The one that was tried alone can join no bulk request.
    expect(origin.klaviyo.metrics()).toHaveLength(59);
  });

  it('for a profile update whose address is blocked holds up no event', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    origin.klaviyo.answer({ lost: 'before', endpoint: 'profiles', times: Infinity });
    void client.identify({ firstName: 'Ada' });
    void client.track('Viewed Product');
    await origin.advance(HOUR_MS);
    expect(origin.klaviyo.metrics()).toEqual(['Viewed Product']);
  });

  it.each([
    ['a 429', { status: 429, headers: { 'retry-after': '100' } }, 'throttled'],
    ['a 429 without a time', { status: 429 }, 'throttled'],
    ['a 503 that names a time', { status: 503, headers: { 'retry-after': '100' } }, 'server'],
    ['a 403', { status: 403 }, 'denied'],
  ])(
    'after %s is for everything, also where a profile update has failed often',
    async (_, answer, reason) => {
      const origin = createOrigin();
      const { client } = await startKnown(origin);
      origin.klaviyo.answer({ status: 500, endpoint: 'profiles', times: 6 });
      origin.klaviyo.answer({ ...answer, endpoint: 'profiles', times: 1 });
      void client.identify({ firstName: 'Ada' });
      const isAsked = () => origin.klaviyo.requests.at(-1)?.status === answer.status;
      while (!isAsked()) await origin.advance(1000);
      expect((await client.inspect()).pause?.reason).toBe(reason);
    },
  );

  it('that another page has met breaks up no batch', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    origin.klaviyo.answer({ status: 429, headers: { 'retry-after': '5' }, times: 8 });
    for (const name of names(40)) void client.track(name);
    await origin.advance(2000);
    tab.close();
    start(origin);
    await origin.advance(HOUR_MS);
    expect(origin.klaviyo.shapes().at(-1)).toBe('event-bulk-create:40');
    expect(origin.klaviyo.metrics()).toHaveLength(40);
  });

  it.each([
    ['throttled', { status: 429, headers: { 'retry-after': '100' } }],
    ['denied', { status: 403 }],
  ])('does not end when the connection is back, if it is %s', async (_, answer) => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    origin.klaviyo.answer({ ...answer, times: 1 });
    void client.track('Viewed Product');
    await origin.advance(2000);
    const before = count(origin);
    origin.goOnline();
    await origin.advance(60_000);
    expect(count(origin)).toBe(before);
  });

  it('that Klaviyo asked for is not shortened by a connection that fails under it', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    const headers = { 'retry-after': '100' };
    origin.klaviyo.answer({ metric: 'One', status: 429, headers, latencyMs: 100, times: 1 });
    origin.klaviyo.answer({ metric: 'Two', lost: 'before', latencyMs: 200, times: 1 });
    void client.track('One');
    void client.track('Two');
    await origin.advance(2000);
    const before = count(origin);
    origin.goOnline();
    await origin.advance(90_000);
    expect(count(origin)).toBe(before);
    await origin.advance(60_000);
    expect(sorted(origin.klaviyo.metrics())).toEqual(['One', 'Two']);
  });

  it('does not last for years when the device clock is put back', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    origin.klaviyo.answer({ status: 429, headers: { 'retry-after': '60' }, times: 1 });
    void client.track('One');
    await origin.advance(2000);
    origin.jump(-365 * 24 * HOUR_MS);
    void client.track('Two');
    await origin.advance(120_000);
    expect(sorted(origin.klaviyo.metrics())).toEqual(['One', 'Two']);
  });
});

const page = { 'content-type': 'text/html; charset=utf-8' };
describe.each([
  ...[401, 403, 404, 405, 410].map((status) => [status, 'not of Klaviyo', {}] as const),
  ...[200, 202, 400, 404, 422].map((status) => [status, 'with a page', page] as const),
])('after a %i %s', (status, _, headers) => {
  it('keeps everything, warns once, and asks again after a quarter of an hour', async () => {
    const origin = createOrigin();
    const { client, reports } = await startKnown(origin);
    origin.klaviyo.answer({ status, headers, body: '<html>challenge</html>', times: 2 });
    const ids = await Promise.all(names(3).map((name) => client.track(name)));
    const sent = await sentWithin(origin, 890_000);
    expect(sent.length).toBe(3);
    const { queue, pause } = await client.inspect();
    expect(pause?.reason).toBe('denied');
    expect(queue.length).toBe(2);
    expect(reports.dropped).toEqual([]);
    expect(origin.warnings.length).toBe(1);
    expect(origin.warnings[0]).toMatch(/companyId.*apiHost/);
    await origin.advance(HOUR_MS);
    expect(sorted(origin.klaviyo.uniqueIds())).toEqual(sorted(ids));
    expect(origin.warnings.length).toBe(1);
  });
});

it('does not give up the queue for a mistyped company id (400 about a parameter)', async () => {
  const origin = createOrigin();
  const { client, reports } = await startKnown(origin);
  const body = '{"errors":[{"source":{"parameter":"company_id"}}]}';
  origin.klaviyo.answer({ status: 400, body, times: 1 });
  const id = await client.track('Viewed Product');
  await origin.advance(5000);
  expect(reports.dropped).toEqual([]);
  await origin.advance(HOUR_MS);
  expect(origin.klaviyo.uniqueIds()).toEqual([id]);
});
