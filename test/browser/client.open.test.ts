// @vitest-environment node
import { describe, expect, it, vi } from 'vitest';
import { createOrigin } from '../helpers/fake-env.js';
import { COMPANY, start, startKnown } from '../helpers/start-client.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const DATABASE = `klaviyo-storefront:${COMPANY}`;
const names = (count: number) => Array.from({ length: count }, (_, index) => `Event ${index}`);
const reasons = (dropped: { metric?: string | undefined; reason: string }[]) =>
  dropped.map(({ metric, reason }) => `${metric} ${reason}`);

describe('an event is given up', () => {
  it('as evicted when the queue holds too many, the oldest first', async () => {
    const origin = createOrigin();
    const { client, reports } = await startKnown(origin, { maxQueueEvents: 5 });
    origin.goOffline();
    for (const name of names(8)) await client.track(name);
    await origin.advance(5000);
    expect(reasons(reports.dropped).sort()).toEqual([
      'Event 0 evicted',
      'Event 1 evicted',
      'Event 2 evicted',
    ]);
    const { queue, counters } = await client.inspect();
    expect(queue.map(({ metric }) => metric)).toEqual(names(8).slice(3));
    expect(counters.dropped).toBe(3);
  });

  it('as evicted when the queue holds too many bytes, the oldest first', async () => {
    const origin = createOrigin();
    const { client, reports } = await startKnown(origin, { maxQueueBytes: 10_000 });
    origin.goOffline();
    for (const name of names(5)) await client.track(name, { text: 'x'.repeat(2500) });
    await origin.advance(5000);
    expect(reasons(reports.dropped).sort()).toEqual(['Event 0 evicted', 'Event 1 evicted']);
  });

  it('as evicted while it is held for a visitor whom nobody knows', async () => {
    const origin = createOrigin();
    const { client, reports } = start(origin, { maxQueueEvents: 2 });
    for (const name of names(3)) await client.track(name);
    await origin.advance(5000);
    expect(reasons(reports.dropped)).toEqual(['Event 0 evicted']);
  });

  it('as expired when it is older than maxAgeMs', async () => {
    const origin = createOrigin();
    const { client, tab } = start(origin, { maxAgeMs: DAY_MS });
    const id = await client.track('Old');
    tab.kill();
    await origin.advance(DAY_MS - HOUR_MS);
    const second = start(origin, { maxAgeMs: DAY_MS });
    const young = await second.client.track('Young');
    await origin.advance(5000);
    expect(second.reports.dropped).toEqual([]);
    second.tab.kill();
    await origin.advance(2 * HOUR_MS);
    const { client: last, reports } = start(origin, { maxAgeMs: DAY_MS });
    await origin.advance(5000);
    expect(reports.dropped).toEqual([{ uniqueId: id, metric: 'Old', reason: 'expired' }]);
    expect((await last.inspect()).queue.map(({ uniqueId }) => uniqueId)).toEqual([young]);
  });

  it('as invalid when its record is garbage, alone', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    origin.goOffline();
    const ids = [await client.track('One'), await client.track('Two')];
    tab.kill();
    const broken = [undefined, null, 7, 'text', {}, { key: 'x' }, { key: 'a', data: 5, who: {} }];
    for (const [index, value] of broken.entries()) {
      await origin.database.plant(DATABASE, `garbage ${index}`, value);
    }
    origin.local.content.set(`${DATABASE}:event:a`, '{"cut sho');
    origin.local.content.set(`${DATABASE}:event:b`, '[]');
    origin.goOnline();
    const next = start(origin);
    await origin.advance(60_000);
    expect(origin.klaviyo.uniqueIds()).toEqual(ids);
    expect(next.reports.dropped.map(({ reason }) => reason)).toEqual(broken.map(() => 'invalid'));
    expect(await origin.database.records(DATABASE)).toEqual([]);
    expect(origin.local.text()).not.toContain('cut sho');
  });

  it('as rejected with the words of the answer, and never again', async () => {
    const body = '{"errors":[]}';
    for (const status of [400, 404, 409, 415, 422, 413]) {
      const origin = createOrigin();
      const { client, reports } = await startKnown(origin);
      origin.klaviyo.answer({ status, body, times: 1 });
      const id = await client.track('Viewed Product');
      await origin.advance(HOUR_MS);
      expect(reports.dropped).toEqual([
        { uniqueId: id, metric: 'Viewed Product', reason: 'rejected', detail: body },
      ]);
      expect(origin.klaviyo.shapes()).toEqual(['profiles:0', 'events:1']);
    }
  });

  it('as rejected when its stored text is no JSON any more, alone', async () => {
    const origin = createOrigin();
    const { client, tab, reports: before } = await startKnown(origin);
    origin.goOffline();
    void client.identify({ firstName: 'Ada' });
    const id = await client.track('Two');
    tab.kill();
    const [profile] = (await origin.database.records(DATABASE)) as { key: string }[];
    await origin.database.plant(DATABASE, profile!.key, { ...profile, data: '{"attr' });
    origin.goOnline();
    const { reports } = start(origin);
    await origin.advance(60_000);
    expect(before.dropped).toEqual([]);
    expect(reports.dropped.length).toBe(1);
    expect(origin.klaviyo.uniqueIds()).toEqual([id]);
  });
});

describe('reports', () => {
  it('tell of queued, delivered, flushed and the counters', async () => {
    const origin = createOrigin();
    const { client, reports } = await startKnown(origin);
    const id = await client.track('Viewed Product');
    expect(reports.queued.at(-1)).toEqual({ uniqueId: id, metric: 'Viewed Product' });
    await origin.advance(2000);
    expect(reports.delivered.at(-1)).toEqual({ uniqueId: id, metric: 'Viewed Product' });
    expect(reports.flushed.at(-1)).toEqual({ delivered: 1, remaining: 0 });
    expect((await client.inspect()).counters).toEqual({ queued: 2, delivered: 2, dropped: 0 });
  });

  it('go to all listeners though one of them throws, and to none that has left', async () => {
    const origin = createOrigin();
    const thrown: unknown[] = [];
    vi.stubGlobal('reportError', (error: unknown) => thrown.push(error));
    const { client } = await startKnown(origin);
    const got: string[] = [];
    const mistake = new Error('of the page');
    client.on('queued', () => {
      throw mistake;
    });
    const off = client.on('queued', () => got.push('left'));
    client.on('queued', ({ uniqueId }) => got.push(uniqueId));
    off();
    const id = await client.track('Viewed Product');
    await origin.advance(2000);
    vi.unstubAllGlobals();
    expect(got).toEqual([id]);
    expect([...thrown, ...origin.errors]).toEqual([mistake]);
    expect(origin.klaviyo.uniqueIds()).toEqual([id]);
  });

  it('tell how many events a flush left behind', async () => {
    const origin = createOrigin();
    const { client, reports } = start(origin);
    void client.track('Held');
    await client.flush();
    await origin.settle();
    expect(reports.flushed.at(-1)).toEqual({ delivered: 0, remaining: 1 });
  });
});

describe('inspect()', () => {
  it('shows held events, attempts, batches and nothing personal', async () => {
    const origin = createOrigin();
    const { client } = start(origin);
    const id = await client.track('Seen', { secret: 'garter' }, { uniqueId: 'mine' });
    const held = await client.inspect();
    expect(held).toMatchObject({ companyId: COMPANY, consent: 'granted', identity: 'anonymous' });
    expect(held.storage).toBe('indexeddb');
    expect(held.pause).toBeUndefined();
    expect(held.queue).toEqual([
      expect.objectContaining({ uniqueId: id, metric: 'Seen', attempts: 0, held: true }),
    ]);
    expect(held.queue[0]!.createdAt).toBe(origin.now());
    origin.goOffline();
    void client.identify({ email: 'ada@shop.example' });
    await origin.advance(1000);
    const tried = await client.inspect();
    expect(tried.identity).toBe('identified');
    expect(tried.queue.map(({ held }) => held)).toEqual([false, false]);
    expect(tried.pause).toMatchObject({ reason: 'network', failures: 1 });
    expect(JSON.stringify(tried)).not.toMatch(/ada|garter/);
  });

  it('counts one attempt for each time that an event was sent', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    origin.klaviyo.answer({ status: 500 });
    void client.track('Viewed Product');
    const before = origin.klaviyo.requests.length;
    await origin.advance(60_000);
    const [event] = (await client.inspect()).queue;
    expect(event!.attempts).toBe(origin.klaviyo.requests.length - before);
    expect(event!.attempts).toBeGreaterThan(2);
  });
});
