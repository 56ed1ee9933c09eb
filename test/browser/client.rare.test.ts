// @vitest-environment node
/** What a second review found, each as the shop would have met it. */
import { describe, expect, it } from 'vitest';
import { createOrigin, type Origin, type Tab } from '../helpers/fake-env.js';
import { COMPANY, start, startKnown, startOn } from '../helpers/start-client.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DB = 'klaviyo-storefront:AbC123';
const names = (count: number) => Array.from({ length: count }, (_, index) => `Event ${index}`);
const sorted = (ids: unknown[]) => [...ids].sort();
const trackAll = (client: { track: (name: string) => Promise<unknown> }, count: number) =>
  Promise.all(names(count).map((name) => client.track(name)));
const used = (origin: Origin) =>
  [...origin.local.content].reduce((sum, [key, value]) => sum + key.length + value.length, 0);
/** A page whose storage events wait until it is thawed (frozen background tab; `drop`: bfcache). */
const freezable = (tab: Tab, drop = false) => {
  const waiting: (() => void)[] = [];
  let isFrozen = false;
  const { listen } = tab.env;
  tab.env.listen = (added) =>
    listen({
      ...added,
      storage: (event) => {
        if (!isFrozen) added.storage!(event);
        else if (!drop) waiting.push(() => added.storage!(event));
      },
    });
  return {
    freeze: () => {
      isFrozen = true;
    },
    thaw: () => {
      isFrozen = false;
      for (const tell of waiting.splice(0)) tell();
    },
  };
};

describe.each(['discard', 'refuse', 'fail'] as const)('once, bulk repeats are %s', (rule) => {
  const create = (): Origin => {
    const origin = createOrigin();
    origin.klaviyo.options.bulkRule = rule;
    return origin;
  };

  it('a copy spilled while IndexedDB was slow does not hide the marks stored since', async () => {
    const origin = create();
    const { client, tab } = await startKnown(origin, { flushIntervalMs: 5000, flushAt: 1000 });
    origin.database.setState('blocked');
    const pending = trackAll(client, 30);
    await origin.advance(3500); // given up: copied to localStorage, unmarked
    origin.database.setState('ok');
    const first = await pending;
    origin.klaviyo.answer({ endpoint: 'event-bulk-create', lost: 'hang', times: 1 });
    await origin.advance(5000); // frozen in IndexedDB, sent, processed; the answer never comes
    expect(origin.klaviyo.events.length).toBe(30);
    tab.close();
    const next = start(origin);
    const second = await trackAll(next.client, 30);
    await origin.advance(HOUR_MS);
    expect(sorted(origin.klaviyo.uniqueIds())).toEqual(sorted([...first, ...second]));
  });

  it('IndexedDB that dies in mid-session leaves no unmarked copy of what was delivered', async () => {
    const origin = create();
    const { client, tab } = await startKnown(origin);
    const first = await trackAll(client, 30);
    origin.database.setState('missing'); // "connection to the server lost", until the next page
    await origin.advance(10_000);
    expect(origin.klaviyo.events.length).toBe(30);
    tab.close();
    origin.database.setState('ok');
    const next = start(origin);
    const second = await trackAll(next.client, 30);
    await origin.advance(HOUR_MS);
    expect(sorted(origin.klaviyo.uniqueIds())).toEqual(sorted([...first, ...second]));
  });

  it('the marked copy goes after the stored one, not before', async () => {
    const origin = create();
    const { client, tab } = await startKnown(origin);
    const id = await client.track('Viewed Product'); // committed, unmarked
    let isGone = false;
    origin.setOnStep((_, name) => {
      // The answer is in; the page dies before its removal is committed.
      if (!isGone && origin.klaviyo.events.length && name === 'transaction readwrite') {
        isGone = true;
        tab.kill();
      }
    });
    tab.hide();
    await origin.advance(100);
    expect(isGone).toBe(true);
    const next = start(origin);
    const second = await trackAll(next.client, 30);
    await origin.advance(HOUR_MS);
    expect(sorted(origin.klaviyo.uniqueIds())).toEqual(sorted([id, ...second]));
  });

  it('localStorage full, hidden while a batch is being stored: its events are not sent alone', async () => {
    const origin = create();
    const { client, tab } = await startKnown(origin, { flushIntervalMs: 4000 });
    origin.goOffline();
    const first = await trackAll(client, 19);
    await origin.advance(30_000);
    const next = startOn(tab.navigate());
    origin.network.isDown = false;
    const own = await trackAll(next.client, 10);
    origin.local.switches.quota = used(origin);
    let isLoaded = false;
    let isHidden = false;
    origin.klaviyo.options.latencyMs = 1000;
    origin.setOnStep((_, name) => {
      isLoaded ||= name === 'committed readonly';
      if (!isLoaded || isHidden || name !== 'committed readwrite') return;
      isHidden = true;
      next.tab.hide();
    });
    for (let at = 0; at < 600 && !isHidden; at++) await origin.advance(1000);
    expect(isHidden).toBe(true);
    origin.setOnStep(() => undefined);
    next.tab.kill('processed');
    origin.local.switches.quota = 5_000_000;
    start(origin);
    await origin.advance(HOUR_MS);
    expect(sorted(origin.klaviyo.uniqueIds())).toEqual(sorted([...first, ...own]));
  });
});

describe('a schedule', () => {
  it('a bulk request of a hidden page that is refused is followed by its singles', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    origin.klaviyo.answer({
      endpoint: 'event-bulk-create',
      status: 400,
      times: 1,
      latencyMs: 5000,
    });
    void trackAll(client, 30);
    tab.hide();
    await origin.advance(10_000);
    tab.show();
    await origin.advance(HOUR_MS);
    expect(origin.klaviyo.events.length).toBe(30);
  });

  it('what a page lets go of while it loads the queue is sent, if the page stays', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin, { flushAt: 1000 });
    const text = 'x'.repeat(600);
    await Promise.all(names(200).map((name) => client.track(name, { text })));
    let isHidden = false;
    origin.setOnStep((_, name) => {
      if (isHidden || name !== 'transaction readonly') return;
      isHidden = true;
      tab.hide();
    });
    await origin.advance(2000);
    expect(isHidden).toBe(true);
    tab.show();
    await origin.advance(HOUR_MS);
    expect(origin.klaviyo.events.length).toBe(200);
  });

  it('what an IndexedDB slow at the start held back is sent by the same page', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    origin.goOffline();
    await client.track('Left behind');
    await origin.advance(30_000);
    const next = tab.navigate();
    origin.network.isDown = false;
    await origin.advance(10 * MINUTE_MS);
    origin.database.setState('blocked');
    startOn(next);
    await origin.advance(6000);
    origin.database.setState('ok');
    await origin.advance(HOUR_MS);
    expect(origin.klaviyo.metrics()).toEqual(['Left behind']);
  });

  it('one profile update that breaks the server does not hold back every event for good', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    origin.klaviyo.answer({ endpoint: 'profiles', status: 500, times: 1e9 });
    void client.identify({ firstName: 'Ada' });
    await origin.advance(1);
    void client.track('Viewed Product');
    await origin.advance(24 * HOUR_MS);
    expect(origin.klaviyo.metrics()).toEqual(['Viewed Product']);
  });

  it.each([
    ['in this page', false, { properties: { Size: 'M' } }, { properties: { Size: 'M' } }],
    ['in the next', true, { unset: ['Size'] }, { meta: { patch_properties: { unset: ['Size'] } } }],
  ])(
    'a profile update that has failed often does not come after a later one %s',
    async (_, isNext, said, sent) => {
      const origin = createOrigin();
      const { client, tab } = await startKnown(origin);
      let isDown = true;
      origin.klaviyo.answer({ status: 503, when: () => isDown, times: 1e9 });
      void client.identify({ properties: { Size: 'S' } });
      await origin.advance(65_000);
      isDown = false;
      if (isNext) tab.close();
      void (isNext ? start(origin).client : client).identify(said);
      await origin.advance(HOUR_MS);
      const [, first, second] = origin.klaviyo.profiles;
      expect(first).toMatchObject({ properties: { Size: 'S' } });
      expect(second).toMatchObject(sent);
    },
  );

  it('nor does it where the page is hidden, and goes on', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    let isDown = true;
    origin.klaviyo.answer({ status: 503, when: () => isDown, times: 1e9 });
    void client.identify({ properties: { Size: 'S' } });
    await origin.advance(65_000);
    tab.hide();
    tab.show();
    await origin.advance(10);
    isDown = false;
    void client.identify({ properties: { Size: 'M' } });
    await origin.advance(100);
    tab.hide();
    await origin.advance(HOUR_MS);
    expect(origin.klaviyo.profiles.slice(1)).toMatchObject([
      { properties: { Size: 'S' } },
      { properties: { Size: 'M' } },
    ]);
  });

  it('a profile update that waits for one that a hidden page has sent is sent after that', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    let isDown = true;
    origin.klaviyo.answer({ status: 503, when: () => isDown, times: 1e9 });
    void client.identify({ properties: { Size: 'S' } });
    // Between the end of its pause and the page's timer.
    const isOver = (): boolean => {
      const { untilAt = Infinity } = JSON.parse(
        origin.local.content.get(`klaviyo-storefront:${COMPANY}:failing`) ?? '{}',
      );
      return untilAt < origin.now();
    };
    while (!isOver()) await origin.advance(100);
    isDown = false;
    origin.klaviyo.options.latencyMs = 8000;
    void client.identify({ properties: { Size: 'M' } });
    await origin.advance(50);
    tab.hide();
    await origin.advance(500);
    tab.show();
    await origin.advance(MINUTE_MS);
    expect(origin.klaviyo.profiles.slice(1)).toMatchObject([
      { properties: { Size: 'S' } },
      { properties: { Size: 'M' } },
    ]);
  });

  it('a profile update that failed where the browser thought itself online goes when it is back', async () => {
    const origin = createOrigin();
    origin.page.random = 0.999;
    const { client } = await startKnown(origin);
    origin.network.isDown = true;
    void client.identify({ firstName: 'Ada' });
    await origin.advance(10 * MINUTE_MS);
    origin.goOnline();
    await origin.advance(6000);
    expect(origin.klaviyo.profiles).toHaveLength(2);
  });

  it('a Retry-After of years (a moment instead of a duration) does not silence the visitor', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    origin.klaviyo.answer({ status: 429, headers: { 'retry-after': '1795400000' }, times: 1 });
    void client.track('Viewed Product');
    await origin.advance(5000);
    await origin.advance(24 * HOUR_MS);
    expect((await client.inspect()).pause).toBeUndefined();
  });

  it('a 429 that answers a closed client is remembered', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    const status = { status: 429, headers: { 'retry-after': '120' } };
    origin.klaviyo.answer({ ...status, times: 1, latencyMs: 100 });
    void client.track('Viewed Product');
    void client.close();
    await origin.advance(1000);
    const before = origin.klaviyo.requests.length;
    startOn(tab);
    await origin.advance(60_000);
    expect(origin.klaviyo.requests.length).toBe(before);
  });
});

describe('consent', () => {
  it('a write that is tried again after the refusal stores nothing', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    origin.database.setState('full');
    let isDenied = false;
    origin.setOnStep((_, name) => {
      if (isDenied || name !== 'failed') return;
      isDenied = true;
      origin.database.setState('ok');
      void client.consent('denied');
    });
    void client.track('Looked Around', { Secret: 'of the visitor' });
    await origin.advance(10_000);
    expect(isDenied).toBe(true);
    expect(await origin.database.records(DB)).toEqual([]);
  });

  it('denied, then granted at once: the wipe does not take what was stored since', async () => {
    const origin = createOrigin();
    const { tab } = await startKnown(origin);
    const { client, tab: second } = startOn(tab.navigate(), { consent: 'pending' });
    void client.consent('denied');
    void client.consent('granted');
    void client.identify({ email: 'ada@shop.example' });
    const id = await client.track('Viewed Product');
    await origin.settle();
    expect(id).toBeTruthy();
    second.kill();
    start(origin);
    await origin.advance(HOUR_MS);
    expect(origin.klaviyo.uniqueIds()).toEqual([id]);
  });

  it('a tab that learns late of a refusal taken back long since wipes nothing', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    const other = origin.open();
    const frozen = freezable(other);
    startOn(other);
    await origin.advance(1000);
    frozen.freeze();
    // As a consent manager says on every page.
    await client.consent('denied');
    await client.consent('granted');
    void client.identify({ email: 'ada@shop.example' });
    origin.goOffline();
    await origin.advance(10_000);
    const id = await client.track('Started Checkout');
    frozen.thaw();
    await origin.advance(1000);
    tab.kill();
    origin.network.isDown = false;
    start(origin);
    await origin.advance(HOUR_MS);
    expect(origin.klaviyo.uniqueIds()).toEqual([id]);
  });

  it('with localStorage full the other tabs are told of a refusal all the same', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    const other = start(origin);
    await origin.advance(1000);
    origin.local.switches.quota = used(origin);
    void client.consent('denied');
    await origin.advance(1000);
    expect((await other.client.inspect()).consent).toBe('denied');
  });

  it('a page back from the bfcache follows the refusal given on the page after it', async () => {
    const origin = createOrigin();
    const tab = origin.open();
    const page = freezable(tab, true);
    const { client } = startOn(tab);
    void client.identify({ email: 'ada@shop.example' });
    await origin.advance(5000);
    tab.hide();
    tab.dispatch('pagehide', { persisted: true });
    page.freeze();
    const next = start(origin);
    await next.client.consent('denied');
    next.tab.close();
    await origin.advance(1000);
    page.thaw();
    tab.show();
    tab.dispatch('pageshow', { persisted: true });
    void client.track('Looked Around');
    await origin.advance(5000);
    expect(origin.klaviyo.metrics()).toEqual([]);
    expect([...origin.local.content.keys()]).toEqual([]);
  });
});

describe('identity', () => {
  it('with localStorage full a second identify stays with the same person', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    origin.local.switches.quota = used(origin);
    void client.identify({ email: 'bob@shop.example' });
    void client.identify({ firstName: 'Bob' });
    void client.track('Viewed Product');
    await origin.advance(5000);
    expect(origin.klaviyo.events[0]!.profile).toMatchObject({ email: 'bob@shop.example' });
  });

  it('with localStorage full a logout holds on the page', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    origin.local.switches.quota = used(origin) - 250;
    void client.reset();
    void client.identify({ locale: 'de-DE' });
    void client.track('Viewed Product');
    await origin.advance(5000);
    expect(origin.klaviyo.events).toEqual([]);
  });

  it("events held before klaviyo.js's cookie appeared are released by identify", async () => {
    const origin = createOrigin();
    const { client, tab } = start(origin);
    const id = await client.track('Viewed Product');
    await origin.advance(1000);
    // klaviyo.js, on the same page, has loaded after us.
    origin.page.cookie = `__kla_id=${encodeURIComponent(btoa(JSON.stringify({ cid: 'theirs' })))}`;
    const next = startOn(tab.navigate());
    await origin.advance(1000);
    void next.client.identify({ email: 'ada@shop.example' });
    await origin.advance(HOUR_MS);
    expect(origin.klaviyo.uniqueIds()).toEqual([id]);
  });

  it('events held before identify({ anonymousId }) are released', async () => {
    const origin = createOrigin();
    const { client } = start(origin);
    const id = await client.track('Viewed Product');
    void client.identify({ anonymousId: 'mine', email: 'ada@shop.example' });
    await origin.advance(HOUR_MS);
    expect(origin.klaviyo.uniqueIds()).toEqual([id]);
  });

  it('a profile update that was evicted is said again', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin, { maxQueueEvents: 30 });
    origin.goOffline();
    void client.identify({ firstName: 'Ada' });
    await origin.advance(2000);
    void trackAll(client, 40);
    await origin.advance(20 * MINUTE_MS);
    origin.goOnline();
    await origin.advance(MINUTE_MS);
    void client.identify({ firstName: 'Ada' });
    await origin.advance(MINUTE_MS);
    expect(JSON.stringify(origin.klaviyo.profiles)).toContain('Ada');
  });

  it('an update merged after a slow write is not undone by the copy spilled before', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin, { flushIntervalMs: 6000 });
    origin.goOffline();
    origin.database.setState('blocked');
    void client.identify({ firstName: 'Ada' });
    await origin.advance(3500);
    origin.database.setState('ok');
    await origin.advance(100);
    const open = (await client.inspect()).queue.map(({ attempts }) => attempts);
    void client.identify({ lastName: 'Lovelace' });
    await origin.advance(100);
    tab.kill();
    origin.network.isDown = false;
    await origin.advance(10 * MINUTE_MS);
    start(origin);
    await origin.advance(HOUR_MS);
    expect(open).toEqual([0]);
    expect(JSON.stringify(origin.klaviyo.profiles)).toContain('Lovelace');
  });
});

describe('low', () => {
  it('what is wiped while it is being stored is not said to be queued', async () => {
    const origin = createOrigin();
    const { client, reports } = await startKnown(origin);
    reports.queued.length = 0;
    const id = client.track('Looked Around');
    void client.consent('denied');
    void client.consent('granted');
    await origin.advance(1000);
    expect(reports.dropped.map(({ metric }) => metric)).toContain('Looked Around');
    expect(await id).toBeUndefined();
  });

  it('an event in flight from a hidden page is not reported dropped and delivered', async () => {
    const origin = createOrigin();
    const { client, tab, reports } = await startKnown(origin, { maxQueueEvents: 3 });
    origin.klaviyo.answer({ latencyMs: 8000, times: 3 });
    for (const name of names(3)) void client.track(name);
    tab.hide();
    await origin.advance(10);
    tab.show();
    for (const name of names(3)) void client.track(`Later ${name}`);
    await origin.advance(20_000);
    const dropped = reports.dropped.map(({ uniqueId }) => uniqueId);
    const delivered = reports.delivered.map(({ uniqueId }) => uniqueId);
    expect(dropped.filter((id) => delivered.includes(id))).toEqual([]);
  });
});
