// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { createOrigin, type Origin } from '../helpers/fake-env.js';
import { start, startKnown, startOn, within } from '../helpers/start-client.js';

const sorted = (ids: unknown[]) => [...ids].sort();
const noLocal = (origin: Origin) => {
  origin.local.switches.blocked = true;
};
const noDatabase = (origin: Origin) => {
  origin.database.setState('missing');
};

describe.each(['missing', 'blocked', 'full'] as const)('with IndexedDB %s', (state) => {
  it('keeps events in localStorage, over a kill too', async () => {
    const origin = createOrigin();
    origin.database.setState(state);
    const { client, tab } = await startKnown(origin);
    origin.goOffline();
    const pending = [client.track('One'), client.track('Two')];
    await origin.advance(4000);
    const ids = await Promise.all(pending);
    expect((await within(origin, 4000, client.inspect())).storage).toBe('localstorage');
    expect(
      (await within(origin, 4000, client.inspect())).queue.map(({ uniqueId }) => uniqueId),
    ).toEqual(ids);
    tab.kill();
    origin.goOnline();
    start(origin);
    await origin.advance(60_000);
    expect(origin.klaviyo.uniqueIds()).toEqual(ids);
    expect(origin.local.text()).not.toContain(ids[0]!);
  });

  it('keeps events in memory where localStorage is blocked as well, and delivers them', async () => {
    const origin = createOrigin();
    origin.database.setState(state);
    noLocal(origin);
    const { client } = start(origin);
    void client.identify({ email: 'ada@shop.example' });
    const pending = client.track('One');
    origin.goOffline();
    await origin.advance(10_000);
    expect((await within(origin, 4000, client.inspect())).storage).toBe('memory');
    expect(
      (await within(origin, 4000, client.inspect())).queue.map(({ metric }) => metric),
    ).toEqual([undefined, 'One']);
    origin.goOnline();
    await origin.advance(10_000);
    expect(origin.klaviyo.uniqueIds()).toEqual([await pending]);
    expect((await within(origin, 4000, client.inspect())).queue).toEqual([]);
  });

  it('keeps in memory what cannot be stored while the page is hidden', async () => {
    const origin = createOrigin();
    origin.database.setState(state);
    noLocal(origin);
    const { client, tab } = await startKnown(origin);
    origin.goOffline();
    const pending = client.track('One');
    await origin.advance(10_000);
    tab.hide();
    await origin.advance(10_000);
    tab.show();
    origin.goOnline();
    await origin.advance(20_000);
    expect(origin.klaviyo.uniqueIds()).toEqual([await pending]);
  });

  it('keeps a pause', async () => {
    const origin = createOrigin();
    origin.database.setState(state);
    noLocal(origin);
    const { client } = await startKnown(origin);
    await origin.advance(10_000);
    origin.klaviyo.answer({ status: 429, headers: { 'retry-after': '100' }, times: 1 });
    void client.track('One');
    await origin.advance(10_000);
    const before = origin.klaviyo.requests.length;
    await within(origin, 8000, client.flush());
    await origin.advance(70_000);
    expect(origin.klaviyo.requests.length).toBe(before);
    await origin.advance(100_000);
    expect(origin.klaviyo.metrics()).toEqual(['One']);
  });
});

describe('with IndexedDB', () => {
  it('is what is used when nothing is wrong', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    await client.track('One');
    expect((await client.inspect()).storage).toBe('indexeddb');
    expect(origin.local.text()).not.toContain('One');
  });

  it('loses nothing when the connection is lost in mid-session', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    origin.goOffline();
    const ids = [await client.track('One')];
    tab.loseDatabase();
    ids.push(await client.track('Two'));
    const third = client.track('Three');
    tab.loseDatabase();
    ids.push(await third);
    expect((await client.inspect()).storage).toBe('indexeddb');
    tab.kill();
    origin.goOnline();
    start(origin);
    await origin.advance(60_000);
    expect(origin.klaviyo.uniqueIds()).toEqual(ids);
  });

  it('loses nothing when the disk is full in mid-session, and goes back when there is room', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    origin.goOffline();
    const ids = [await client.track('One')];
    origin.database.setState('full');
    ids.push(await client.track('Two'));
    expect((await client.inspect()).storage).toBe('localstorage');
    origin.database.setState('ok');
    ids.push(await client.track('Three'));
    expect((await client.inspect()).storage).toBe('indexeddb');
    origin.goOnline();
    await origin.advance(60_000);
    expect(origin.klaviyo.uniqueIds()).toEqual(ids);
    expect((await client.inspect()).queue).toEqual([]);
  });

  it('loses nothing when it is blocked in mid-session', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    origin.goOffline();
    const ids = [await client.track('One')];
    origin.database.setState('blocked');
    const second = client.track('Two');
    await origin.advance(10_000);
    ids.push(await second);
    tab.kill();
    origin.database.setState('ok');
    origin.goOnline();
    start(origin);
    await origin.advance(60_000);
    expect(sorted(origin.klaviyo.uniqueIds())).toEqual(sorted(ids));
  });

  it.each([true, false])('needs no localStorage for delivery (Web Locks: %s)', async (locks) => {
    const origin = createOrigin({ locks });
    noLocal(origin);
    const { client, tab } = start(origin, { anonymous: 'send' });
    const ids = [await client.track('One')];
    await origin.advance(5000);
    ids.push(await client.track('Two'));
    tab.kill();
    const next = start(origin, { anonymous: 'send' });
    await origin.advance(180_000);
    ids.push(await next.client.track('Three'));
    await origin.advance(5000);
    expect(origin.klaviyo.uniqueIds()).toEqual(ids);
  });
});

describe('with localStorage full', () => {
  it('loses nothing that IndexedDB has when the page is hidden', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    origin.local.switches.quota = 0;
    origin.goOffline();
    const id = await client.track('One');
    const next = tab.navigate();
    origin.goOnline();
    startOn(next);
    await origin.advance(60_000);
    expect(origin.klaviyo.uniqueIds()).toEqual([id]);
  });

  it('still delivers what a page tracks while it is left, when it goes on living', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    origin.local.switches.quota = 0;
    const id = client.track('One');
    tab.hide();
    await origin.advance(5000);
    tab.show();
    await origin.advance(60_000);
    await client.flush();
    expect(origin.klaviyo.uniqueIds()).toEqual([await id]);
  });

  it('spills what fits of several events, and tears none', async () => {
    const origin = createOrigin();
    noDatabase(origin);
    const { client, tab } = await startKnown(origin);
    origin.goOffline();
    origin.local.switches.quota = 6000;
    const ids = Array.from({ length: 20 }, (_, index) => client.track(`Event ${index}`));
    await origin.settle();
    expect((await client.inspect()).storage).toBe('memory');
    expect((await client.inspect()).queue.length).toBe(20);
    tab.kill();
    origin.goOnline();
    start(origin);
    await origin.advance(60_000);
    const all = await Promise.all(ids);
    const got = origin.klaviyo.uniqueIds();
    expect(got.length).toBeGreaterThan(3);
    expect(got).toEqual(all.slice(0, got.length));
  });
});
