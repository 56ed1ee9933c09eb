// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { createOrigin, type Origin } from '../helpers/fake-env.js';
import { COMPANY, start, startKnown } from '../helpers/start-client.js';

const DATABASE = `klaviyo-storefront:${COMPANY}`;

/** Everything that an origin has stored, and every database. */
const stored = async (origin: Origin) => [
  ...origin.local.content.keys(),
  ...(await origin.database.records(DATABASE)),
];

describe('while consent is pending', () => {
  it('stores nothing, sends nothing, not even a database is made', async () => {
    const origin = createOrigin();
    origin.page.cookie = `__kla_id=${btoa('{"cid":"c","$email":"ada@shop.example"}')}`;
    const { client, tab } = start(origin, { consent: 'pending' });
    void client.identify({ email: 'ada@shop.example' });
    void client.track('Viewed Product');
    await origin.advance(10_000);
    void client.flush();
    tab.hide();
    tab.dispatch('online');
    await origin.advance(10_000);
    expect(origin.klaviyo.requests).toEqual([]);
    expect(await stored(origin)).toEqual([]);
    expect(await origin.database.names()).toEqual([]);
    expect(client.isIdentified()).toBe(false);
    expect((await client.inspect()).identity).toBe('none');
  });

  it('keeps calls for the moment it is granted, with their own time and order', async () => {
    const origin = createOrigin();
    const { client } = start(origin, { consent: 'pending' });
    void client.identify({ email: 'ada@shop.example' });
    const product = { ProductID: '1' };
    const id = client.track('Seen', product);
    product.ProductID = 'changed since';
    const at = origin.now();
    await origin.advance(60_000);
    await client.consent('granted');
    await origin.advance(5000);
    expect(origin.klaviyo.shapes()).toEqual(['profiles:0', 'events:1']);
    expect(origin.klaviyo.uniqueIds()).toEqual([await id]);
    expect(origin.klaviyo.events[0]!.attributes).toMatchObject({
      time: new Date(at).toISOString(),
      properties: { ProductID: '1' },
    });
  });

  it('keeps at most a hundred calls, and reports those it gives up', async () => {
    const origin = createOrigin();
    const { client, reports } = start(origin, { consent: 'pending' });
    const ids = Array.from({ length: 103 }, (_, index) => client.track(`Event ${index}`));
    expect(await Promise.all(ids.slice(0, 3))).toEqual([undefined, undefined, undefined]);
    expect(reports.dropped.map(({ metric, reason }) => `${metric} ${reason}`)).toEqual([
      'Event 0 evicted',
      'Event 1 evicted',
      'Event 2 evicted',
    ]);
    await client.consent('granted');
    expect((await Promise.all(ids)).filter(Boolean).length).toBe(100);
  });

  it('drops the calls when it is denied', async () => {
    const origin = createOrigin();
    const { client, reports } = start(origin, { consent: 'pending' });
    const id = client.track('Viewed Product');
    await client.consent('denied');
    expect(await id).toBeUndefined();
    expect(reports.dropped.map(({ reason }) => reason)).toEqual(['consent']);
    expect(await stored(origin)).toEqual([]);
  });
});

describe('when consent is denied', () => {
  it('wipes queue, spill, identity, pause and ids', async () => {
    const origin = createOrigin();
    const { client, tab, reports } = await startKnown(origin);
    origin.klaviyo.answer({ status: 429, headers: { 'retry-after': '60' } });
    void client.track('One');
    await origin.advance(2000);
    const id = client.track('Two');
    tab.hide();
    expect((await stored(origin)).length).toBeGreaterThan(3);
    await client.consent('denied');
    await origin.advance(10_000);
    expect(await stored(origin)).toEqual([]);
    expect(client.isIdentified()).toBe(false);
    expect(await id).toBeDefined();
    expect(await client.inspect()).toMatchObject({
      identity: 'none',
      queue: [],
      consent: 'denied',
    });
    expect(reports.dropped.every(({ reason }) => reason === 'consent')).toBe(true);
    tab.kill();
    origin.klaviyo.heal();
    const next = start(origin);
    await origin.advance(200_000);
    expect(origin.klaviyo.events).toEqual([]);
    expect(next.client.isIdentified()).toBe(false);
  });

  it('wipes what earlier pages have left, when a page starts with it', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    origin.goOffline();
    await client.track('One');
    tab.close();
    expect((await stored(origin)).length).toBeGreaterThan(1);
    start(origin, { consent: 'denied' });
    origin.goOnline();
    await origin.advance(60_000);
    expect(await stored(origin)).toEqual([]);
    expect(origin.klaviyo.events).toEqual([]);
  });

  it('reports what it gives up, each once', async () => {
    const origin = createOrigin();
    const { client, reports } = await startKnown(origin);
    origin.goOffline();
    const ids = [await client.track('One'), await client.track('Two')];
    await client.consent('denied');
    await origin.advance(2000);
    expect(reports.dropped.map(({ uniqueId }) => uniqueId).sort()).toEqual(ids);
  });

  it('answers later calls and does nothing', async () => {
    const origin = createOrigin();
    const { client, reports } = start(origin, { consent: 'denied' });
    expect(await client.track('Viewed Product')).toBeUndefined();
    expect(await client.identify({ email: 'ada@shop.example' })).toBeUndefined();
    await client.reset();
    await client.flush();
    await origin.advance(10_000);
    expect(reports.dropped.map(({ reason }) => reason)).toContain('consent');
    expect(origin.klaviyo.requests).toEqual([]);
    expect(await stored(origin)).toEqual([]);
  });

  it('tells the other tabs, which stop and store nothing again', async () => {
    const origin = createOrigin();
    const first = await startKnown(origin);
    const second = start(origin);
    await origin.advance(2000);
    origin.goOffline();
    void second.client.track('In the other tab');
    await origin.advance(100);
    await first.client.consent('denied');
    await origin.settle();
    origin.goOnline();
    expect(await second.client.track('Later')).toBeUndefined();
    second.tab.hide();
    await origin.advance(60_000);
    expect((await second.client.inspect()).consent).toBe('denied');
    expect(await stored(origin)).toEqual([]);
    expect(origin.klaviyo.events).toEqual([]);
  });

  it('stores nothing of a request that is answered afterwards', async () => {
    for (const status of [202, 400, 413, 429, 500]) {
      const origin = createOrigin();
      const { client } = await startKnown(origin);
      origin.klaviyo.answer({ status, latencyMs: 2000 });
      for (let i = 0; i < 30; i++) void client.track(`Event ${i}`);
      await origin.advance(1000);
      await client.consent('denied');
      await origin.advance(60_000);
      expect(await stored(origin)).toEqual([]);
      expect(origin.klaviyo.requests.length).toBe(2);
    }
  });

  it('stores nothing that was tracked in the same task', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    void client.track('Viewed Product');
    await client.consent('denied');
    await origin.advance(10_000);
    expect(await stored(origin)).toEqual([]);
    expect(origin.klaviyo.events).toEqual([]);
  });

  it('begins anew when it is granted again', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    await client.consent('denied');
    await client.consent('granted');
    expect(client.isIdentified()).toBe(false);
    void client.identify({ email: 'bob@shop.example' });
    const id = await client.track('Viewed Product');
    await origin.advance(5000);
    expect(origin.klaviyo.uniqueIds()).toEqual([id]);
    expect(origin.klaviyo.events[0]!.profile).toMatchObject({ email: 'bob@shop.example' });
  });
});

describe('a client that was closed', () => {
  it.each([
    ['a 429', { status: 429 }],
    ['no answer', { lost: 'before' as const }],
    ['a refused batch', { status: 400 }],
  ])('brings back nothing that another has wiped, with %s', async (_, answer) => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    const other = start(origin).client;
    origin.klaviyo.answer({ ...answer, latencyMs: 5000, times: 1 });
    for (let n = 0; n < 30; n++) void client.track('Viewed Product');
    await origin.advance(2000);
    void client.close();
    await origin.advance(10);
    void other.consent('denied');
    await origin.advance(60_000);
    expect(await origin.database.records(`klaviyo-storefront:${COMPANY}`)).toEqual([]);
    expect([...origin.local.content.keys()].filter((key) => key.includes('event'))).toEqual([]);
  });
});

describe("the browser's own refusal", () => {
  it.each([
    ['Global Privacy Control with respectGpc', { gpc: true }, { respectGpc: true }, 'denied'],
    ['Global Privacy Control without respectGpc', { gpc: true }, {}, 'granted'],
    ['no Global Privacy Control', {}, { respectGpc: true }, 'granted'],
    ["klaviyo.js's __kla_off cookie", { cookie: 'a=b; __kla_off=true' }, {}, 'denied'],
    ['a cookie whose name only ends alike', { cookie: 'x__kla_off=true' }, {}, 'granted'],
    ['a __kla_off cookie of false', { cookie: '__kla_off=false' }, {}, 'granted'],
  ])('%s counts, and only where it should', async (_, page, options, state) => {
    const origin = createOrigin();
    Object.assign(origin.page, page);
    const { client } = start(origin, options);
    await client.consent('granted');
    void client.identify({ email: 'ada@shop.example' });
    await origin.advance(5000);
    expect((await client.inspect()).consent).toBe(state);
    expect(origin.klaviyo.requests.length).toBe(state === 'granted' ? 1 : 0);
    if (state === 'denied') expect(await stored(origin)).toEqual([]);
  });
});

it('logs nothing personal, not even in debug mode and in trouble', async () => {
  const origin = createOrigin();
  const { client } = start(origin, { debug: true });
  void client.identify({
    email: 'ada@example.com',
    phoneNumber: '030 99887',
    firstName: 'Lovelace',
  });
  void client.track('Seen', { Price: 0, Secret: 'garter' }, { value: Number.NaN });
  origin.klaviyo.answer({ status: 401, body: 'ada@example.com' });
  await origin.advance(60_000);
  expect(origin.warnings.length).toBeGreaterThan(3);
  expect(origin.warnings.join()).not.toMatch(/ada|Lovelace|99887|garter/);
});
