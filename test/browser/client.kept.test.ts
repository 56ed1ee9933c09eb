// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { createOrigin } from '../helpers/fake-env.js';
import { COMPANY, start, startKnown, startOn } from '../helpers/start-client.js';

const DATABASE = `klaviyo-storefront:${COMPANY}`;
const names = (count: number) => Array.from({ length: count }, (_, index) => `Event ${index}`);

describe('an event whose promise has resolved', () => {
  it('is delivered by the next page when its own is killed at once', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    const id = await client.track('Viewed Product');
    tab.kill();
    expect(origin.klaviyo.events).toEqual([]);
    start(origin);
    await origin.advance(3000);
    expect(origin.klaviyo.uniqueIds()).toEqual([id]);
  });

  it('is kept with a hundred others through offline and a kill, in the order of tracking', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    origin.goOffline();
    const ids = await Promise.all(names(100).map((name) => client.track(name)));
    tab.kill();
    origin.goOnline();
    start(origin);
    await origin.advance(600_000);
    expect(origin.klaviyo.uniqueIds()).toEqual(ids);
    expect(new Set(ids).size).toBe(100);
  });

  it('keeps its own time, not that of its delivery', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    const trackedAt = origin.now();
    await client.track('Viewed Product');
    tab.kill();
    await origin.advance(7_200_000);
    start(origin);
    await origin.advance(3000);
    const { attributes } = origin.klaviyo.events[0]!;
    expect(attributes.time).toBe(new Date(trackedAt).toISOString());
    expect(attributes).not.toHaveProperty('backfill');
  });

  it('is marked as backfill once it is older than staleAfterMs', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    await client.track('Started Checkout');
    tab.kill();
    await origin.advance(86_400_001);
    start(origin);
    await origin.advance(3000);
    expect(origin.klaviyo.events[0]!.attributes.backfill).toBe(true);
  });

  it('is stored before the request that carries it leaves', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    const id = client.track('Viewed Product');
    origin.setOnStep((tab, name) => {
      if (name.startsWith('fetch ')) tab.kill();
    });
    await origin.advance(3000);
    expect(origin.klaviyo.events).toEqual([]);
    origin.setOnStep(() => undefined);
    start(origin);
    await origin.advance(3000);
    expect(origin.klaviyo.uniqueIds()).toEqual([await id]);
  });

  it('stays stored until the answer is there', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    origin.klaviyo.answer({ lost: 'before', latencyMs: 8000 });
    const id = await client.track('Viewed Product');
    await origin.advance(5000);
    expect(origin.klaviyo.metrics()).toEqual([]);
    tab.kill();
    origin.klaviyo.heal();
    start(origin);
    await origin.advance(3000);
    expect(origin.klaviyo.uniqueIds()).toEqual([id]);
  });

  it('leaves nothing behind once it is delivered', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    await client.track('Viewed Product');
    tab.hide();
    await origin.advance(3000);
    expect(origin.klaviyo.metrics()).toEqual(['Viewed Product']);
    expect(await origin.database.records(DATABASE)).toEqual([]);
    expect([...origin.local.content.keys()]).toEqual([`${DATABASE}:identity`]);
  });
});

describe('a page that leaves in the task of track()', () => {
  it('sends the event itself, the profile first', async () => {
    const origin = createOrigin();
    const { client, tab } = start(origin);
    void client.identify({ email: 'ada@shop.example' });
    void client.track('Viewed Product');
    tab.close();
    await origin.settle();
    expect(origin.klaviyo.shapes()).toEqual(['profiles:0', 'events:1']);
    expect(origin.klaviyo.requests.every(({ keepalive }) => keepalive)).toBe(true);
    expect(origin.klaviyo.metrics()).toEqual(['Viewed Product']);
  });

  it('spills what it could not send, and the next page delivers it', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    origin.goOffline();
    void client.track('Added to Cart');
    void client.track('Started Checkout');
    const next = tab.navigate('https://shop.example/checkout');
    expect(await origin.database.records(DATABASE)).toEqual([]);
    origin.goOnline();
    startOn(next);
    await origin.advance(60_000);
    expect(origin.klaviyo.metrics()).toEqual(['Added to Cart', 'Started Checkout']);
    expect(origin.local.text()).not.toContain('Checkout');
  });

  it.each([1, 2])(
    'loses and doubles nothing when it is told %i times that it is hidden',
    async (n) => {
      const origin = createOrigin();
      const { client, tab } = await startKnown(origin);
      const id = client.track('Viewed Product');
      for (let i = 0; i < n; i++) tab.hide();
      await origin.advance(2000);
      expect(origin.klaviyo.shapes().slice(1)).toEqual(['events:1']);
      expect(origin.klaviyo.uniqueIds()).toEqual([await id]);
    },
  );

  it('goes on delivering when it is shown again', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    void client.track('One');
    tab.hide();
    await origin.advance(2000);
    tab.show();
    void client.track('Two');
    await origin.advance(2000);
    expect(origin.klaviyo.metrics()).toEqual(['One', 'Two']);
    expect(origin.klaviyo.duplicates).toEqual([]);
  });

  it.each(['discard', 'refuse', 'fail'] as const)(
    'sends of 200 events what fits into 64 KiB, and the next visit the rest (bulk rule: %s)',
    async (bulkRule) => {
      const origin = createOrigin();
      origin.klaviyo.options.bulkRule = bulkRule;
      const { client, tab } = await startKnown(origin, { flushAt: 1000 });
      const before = origin.klaviyo.requests.length;
      const text = 'x'.repeat(600);
      const ids = names(200).map((name) => client.track(name, { text }));
      tab.close();
      const sent = origin.klaviyo.requests.slice(before);
      expect(sent.length).toBeGreaterThan(0);
      expect(sent.length).toBeLessThanOrEqual(5);
      expect(sent.every(({ keepalive }) => keepalive)).toBe(true);
      expect(sent.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(65_536);
      expect(origin.klaviyo.events.length).toBeGreaterThan(50);
      await origin.advance(60_000);
      start(origin);
      await origin.advance(60_000);
      expect(origin.klaviyo.events.length).toBe(200);
      // The promises died with their page; the ids are told by the order of the names.
      expect(new Set(origin.klaviyo.metrics())).toEqual(new Set(names(200)));
      expect(ids.length).toBe(200);
    },
  );

  it('sends nothing while a pause is in force, and keeps all', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    origin.klaviyo.answer({ status: 429, headers: { 'retry-after': '60' }, times: 1 });
    await client.track('One');
    await origin.advance(2000);
    const before = origin.klaviyo.requests.length;
    void client.track('Two');
    tab.close();
    await origin.settle();
    expect(origin.klaviyo.requests.length).toBe(before);
    start(origin);
    await origin.advance(90_000);
    expect(origin.klaviyo.metrics()).toEqual(['One', 'Two']);
  });

  it('delivers once when its answers never reach it', async () => {
    const origin = createOrigin();
    origin.klaviyo.options.latencyMs = 400;
    const { client, tab } = await startKnown(origin);
    for (const name of names(30)) void client.track(name);
    const next = tab.navigate();
    await origin.settle();
    expect(origin.klaviyo.events.length).toBe(30);
    startOn(next);
    await origin.advance(30_000);
    expect(origin.klaviyo.events.length).toBe(30);
    expect((await startOn(origin.open()).client.inspect()).queue).toEqual([]);
  });
});

describe('close()', () => {
  it('sends what it can, and leaves the rest to the next client', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    origin.goOffline();
    const id = client.track('Viewed Product');
    await client.close();
    origin.goOnline();
    await origin.advance(60_000);
    expect(origin.klaviyo.events).toEqual([]);
    startOn(tab);
    await origin.advance(60_000);
    expect(origin.klaviyo.uniqueIds()).toEqual([await id]);
  });

  it('takes no call any more', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    await client.close();
    const id = client.track('Late');
    await origin.advance(5000);
    expect(await id).toBeUndefined();
    expect(origin.klaviyo.events).toEqual([]);
  });
});
