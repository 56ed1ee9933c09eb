// @vitest-environment node
/** What a review found, each as the shop would have met it. */
import { describe, expect, it } from 'vitest';
import { createOrigin } from '../helpers/fake-env.js';
import { start, startKnown, startOn } from '../helpers/start-client.js';

const MINUTE_MS = 60_000;
const texts = (origin: ReturnType<typeof createOrigin>) =>
  [...origin.local.content].reduce((sum, [key, value]) => sum + key.length + value.length, 0);

describe('a backlog', () => {
  it('of 1000 events goes out in one request after ten minutes offline', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    origin.goOffline();
    for (let n = 0; n < 1000; n++) void client.track('Looked Around', { n: `${n}` });
    await origin.advance(10 * MINUTE_MS);
    const before = origin.klaviyo.requests.length;
    origin.goOnline();
    await origin.advance(10 * MINUTE_MS);
    expect(origin.klaviyo.events.length).toBe(1000);
    expect(origin.klaviyo.requests.length - before).toBeLessThanOrEqual(2);
  });

  it('stays one request through five answers of 429', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    origin.klaviyo.answer({
      endpoint: 'event-bulk-create',
      status: 429,
      headers: { 'retry-after': '1' },
      times: 5,
    });
    for (let n = 0; n < 100; n++) void client.track('Looked Around', { n: `${n}` });
    await origin.advance(15 * MINUTE_MS);
    expect(origin.klaviyo.events.length).toBe(100);
    expect(origin.klaviyo.shapes()).not.toContain('events:1');
  });
});

describe('a refusal', () => {
  it('is not followed by the write that was under way when it came', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    origin.database.setState('blocked');
    const id = client.track('Looked Around', { Secret: 'of the visitor' });
    await origin.advance(1000);
    void client.consent('denied');
    await origin.advance(10_000);
    expect([...origin.local.content.keys()]).toEqual([]);
    origin.database.setState('ok');
    await origin.advance(1000);
    expect(await id).toBeUndefined();
  });

  it('that is taken back at once is not echoed by another tab', async () => {
    const origin = createOrigin();
    const [first] = [await startKnown(origin), start(origin)];
    void first.client.consent('denied');
    void first.client.consent('granted');
    await origin.advance(5000);
    expect((await first.client.inspect()).consent).toBe('granted');
  });
});

describe('a logout', () => {
  it('does not wait for consent, and takes its turn among what does', async () => {
    const origin = createOrigin();
    const { client } = start(origin, { consent: 'pending' });
    void client.identify({ email: 'ada@shop.example' });
    await client.reset();
    void client.track('Looked Around');
    void client.consent('granted');
    await origin.advance(5000);
    expect(client.isIdentified()).toBe(false);
    expect(origin.klaviyo.metrics()).toEqual([]);
  });
});

describe('requests that fail side by side', () => {
  it('are reported as one pause', async () => {
    const origin = createOrigin();
    const { client, reports } = await startKnown(origin);
    origin.klaviyo.answer({ status: 429, headers: { 'retry-after': '20' }, times: 5 });
    for (let n = 0; n < 5; n++) void client.track('Looked Around', { n });
    await origin.advance(2000);
    const { pause } = await client.inspect();
    expect(reports.paused.at(-1)!.untilAt).toBe(pause!.untilAt);
    expect(new Set(reports.paused.map(({ untilAt }) => untilAt)).size).toBe(reports.paused.length);
  });
});

describe('a page with nothing left to send', () => {
  it('holds no lock, which would keep it out of the back/forward cache', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    expect(origin.lockNames()).toEqual([]);
    void client.track('Viewed Product');
    await origin.settle();
    expect(origin.lockNames()).toHaveLength(1);
    await origin.advance(5000);
    expect(origin.lockNames()).toEqual([]);
  });
});

describe('a page that is left', () => {
  it('spills the small events after one that does not fit', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    origin.goOffline();
    origin.local.switches.quota = texts(origin) + 20_000;
    void client.track('Big', { text: 'x'.repeat(30_000) });
    for (let n = 1; n <= 5; n++) void client.track('Small', { n });
    tab.close();
    await origin.settle();
    const kept = [...origin.local.content.keys()].filter((key) => key.includes(':event:'));
    expect(kept.length).toBeGreaterThanOrEqual(5);
  });

  it('sends in the task in which it decides to leave, not when it is told that it is hidden', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    void client.track('Viewed Product');
    tab.dispatch('navigate', { destination: { sameDocument: true } });
    expect(tab.unfinished()).toBe(0);
    tab.dispatch('navigate', { destination: { sameDocument: false } });
    expect(tab.unfinished()).toBe(1);
    await origin.settle();
    tab.kill();
    expect(origin.klaviyo.metrics()).toEqual(['Viewed Product']);
  });

  it('sends the small events behind one that does not fit', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    void client.track('Big', { text: 'x'.repeat(70_000) });
    for (let n = 1; n <= 5; n++) void client.track('Small', { n });
    tab.close();
    expect(origin.klaviyo.metrics()).toEqual(Array(5).fill('Small'));
  });

  it('is followed, if it stays after all, by another try of what then failed', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    origin.klaviyo.answer({ status: 503, times: 1 });
    void client.track('Viewed Product');
    tab.hide();
    await origin.advance(10 * MINUTE_MS);
    expect(origin.klaviyo.metrics()).toEqual(['Viewed Product']);
  });
});

describe('a stored identity that is garbage', () => {
  it('does not spoil what is tracked from then on', async () => {
    const origin = createOrigin();
    (await startKnown(origin)).tab.close();
    const [key = ''] = [...origin.local.content.keys()].filter((each) => /:identity$/.test(each));
    const garbage = { anonymousId: 'a', who: 'me', known: {}, past: {} };
    origin.local.content.set(key, JSON.stringify(garbage));
    const { client } = await startKnown(origin);
    void client.track('Viewed Product');
    await origin.advance(5000);
    const request = origin.klaviyo.requests.at(-1);
    expect(JSON.stringify(request)).toContain('ada@shop.example');
    expect(JSON.stringify(request)).not.toContain('"0"');
    expect(origin.klaviyo.metrics()).toEqual(['Viewed Product']);
  });
});

describe('a profile update', () => {
  it('that was refused is said again', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    const before = origin.klaviyo.profiles.length;
    origin.klaviyo.answer({ endpoint: 'profiles', status: 400, times: 1 });
    void client.identify({ firstName: 'Ada' });
    await origin.advance(5000);
    void client.identify({ firstName: 'Ada' });
    await origin.advance(5000);
    expect(origin.klaviyo.profiles.length).toBe(before + 1);
  });
});

describe('a task that tracks, leaves the page and tracks again', () => {
  for (const end of ['close', 'kill'] as const) {
    it(`loses nothing of a visitor whom nobody knows yet, after ${end}`, async () => {
      const origin = createOrigin();
      const { client, tab } = start(origin);
      await origin.settle();
      void client.track('Before');
      tab.dispatch('navigate', { destination: { sameDocument: false } });
      const id = client.track('After');
      await origin.settle();
      expect(await id).toBeTruthy();
      if (end === 'close') tab.close();
      else tab.kill('lost', 'kept');
      const next = start(origin);
      await origin.settle();
      const { queue } = await next.client.inspect();
      expect(queue.map(({ metric }) => metric)).toEqual(['Before', 'After']);
    });
  }
});

describe('a link in a mail, opened by somebody who has been here before', () => {
  const arriveBack = async () => {
    const origin = createOrigin();
    const first = start(origin);
    await origin.advance(1000);
    const tab = first.tab.navigate('https://shop.example/?utm_email=bob@shop.example');
    const { client } = startOn(tab);
    await origin.advance(1000);
    return { origin, tab, client };
  };

  it('does not undo a logout when its page is loaded again', async () => {
    const { tab, client } = await arriveBack();
    await client.reset();
    expect(startOn(tab.navigate()).client.isIdentified()).toBe(false);
  });

  it('does not make its owner of who has said since to be another', async () => {
    const { origin, tab, client } = await arriveBack();
    void client.identify({ email: 'ada@shop.example' });
    await origin.advance(1000);
    void startOn(tab.navigate()).client.track('Looked Around');
    await origin.advance(MINUTE_MS);
    expect(origin.klaviyo.events.map(({ profile }) => profile.email)).toEqual(['ada@shop.example']);
  });
});

it('a refused profile does not undo what another tab has learned in the same moment', async () => {
  const origin = createOrigin();
  const first = start(origin);
  await origin.settle();
  origin.klaviyo.answer({ endpoint: 'profiles', status: 400 });
  void first.client.identify({ email: 'ada@shop.example' });
  await origin.advance(900);
  const second = start(origin);
  await origin.settle();
  let isSaid = false;
  origin.setOnStep((tab, name) => {
    if (isSaid || tab !== first.tab || name !== 'fetch answered') return;
    isSaid = true;
    void second.client.identify({ phoneNumber: '+4930123456' });
  });
  await origin.advance(MINUTE_MS);
  expect(isSaid).toBe(true);
  expect(await start(origin).client.visitor()).toMatchObject({ phoneNumber: '+4930123456' });
});

describe('a refusal that is taken back during a flush', () => {
  const toggle = ({ client }: Awaited<ReturnType<typeof startKnown>>): void => {
    void client.consent('denied');
    void client.consent('granted');
  };
  const trackSecrets = async (count: number) => {
    const origin = createOrigin();
    const page = await startKnown(origin);
    for (let n = 0; n < count; n++) void page.client.track('Secret', { n: `${n}` });
    return { origin, page };
  };

  it('ends it: only what was under way is recorded', async () => {
    const { origin, page } = await trackSecrets(20);
    origin.klaviyo.answer({ endpoint: 'events', latencyMs: 3000, times: 5 });
    await origin.advance(2000);
    toggle(page);
    await origin.advance(MINUTE_MS);
    expect(origin.klaviyo.metrics()).toHaveLength(5);
  });

  it('ends it while its batch is being stored', async () => {
    const { origin, page } = await trackSecrets(30);
    await origin.settle();
    origin.setOnStep((_, name) => {
      if (name !== 'transaction readwrite') return;
      origin.setOnStep(() => undefined);
      toggle(page);
    });
    await origin.advance(MINUTE_MS);
    expect(page.reports.dropped).toHaveLength(30);
    expect(origin.klaviyo.metrics()).toEqual([]);
  });

  for (const status of [400, 413]) {
    it(`ends its batch, which is answered ${status} after that`, async () => {
      const { origin, page } = await trackSecrets(30);
      origin.klaviyo.answer({ endpoint: 'event-bulk-create', status, latencyMs: 5000 });
      await origin.advance(2000);
      toggle(page);
      await origin.advance(MINUTE_MS);
      expect(origin.klaviyo.metrics()).toEqual([]);
      expect((await page.client.inspect()).queue).toEqual([]);
    });
  }
});

it('an event whose identifier is refused after its visitor has refused is over', async () => {
  const origin = createOrigin();
  const page = await startKnown(origin);
  const pointer = '/data/attributes/profile/data/attributes/email';
  origin.klaviyo.answer({
    endpoint: 'events',
    status: 400,
    latencyMs: 5000,
    body: JSON.stringify({ errors: [{ code: 'invalid', detail: 'No.', source: { pointer } }] }),
  });
  void page.client.track('Secret');
  await origin.advance(2000);
  void page.client.consent('denied');
  void page.client.consent('granted');
  void page.client.identify({ email: 'grace@shop.example' });
  await origin.advance(MINUTE_MS);
  expect(page.reports.dropped.map(({ reason }) => reason)).toEqual(['consent']);
  expect(origin.klaviyo.metrics()).toEqual([]);
  expect((await page.client.inspect()).queue).toEqual([]);
});

it('a batch refused to a page that was left is not taken apart in two ways', async () => {
  const origin = createOrigin({ locks: false });
  const bulk = { endpoint: 'event-bulk-create', times: 1 };
  const { client, tab } = start(origin, { anonymous: 'send' });
  await origin.settle();
  for (let n = 0; n < 26; n++) void client.track('Looked Around', { n: `${n}` });
  await origin.settle();
  origin.database.setState('blocked');
  origin.klaviyo.answer({ ...bulk, status: 413 });
  origin.klaviyo.answer({ ...bulk, status: 400 });
  await tab.freeze();
  start(origin, { anonymous: 'send' });
  await origin.advance(2 * MINUTE_MS);
  origin.database.setState('ok');
  tab.thaw();
  await origin.advance(10 * MINUTE_MS);
  expect(origin.klaviyo.metrics()).toHaveLength(26);
  const shapes = origin.klaviyo.shapes().filter((shape) => shape.startsWith(bulk.endpoint));
  expect(shapes).toEqual(['event-bulk-create:26', 'event-bulk-create:26']);
});

it.each(Array.from({ length: 12 }, (_, turns) => turns))(
  'what waits for a wipe is not stored when it is refused meanwhile (%i)',
  async (turns) => {
    const origin = createOrigin({ locks: false });
    const { client, reports } = start(origin, { anonymous: 'send' });
    await origin.advance(MINUTE_MS);
    const refuse = () => {
      void client.consent('denied');
      void client.consent('granted');
    };
    refuse();
    void client.track('Looked Around');
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    refuse();
    await origin.advance(10 * MINUTE_MS);
    expect(reports.dropped.map(({ reason }) => reason)).toEqual(['consent']);
    expect(origin.klaviyo.metrics()).toEqual([]);
  },
);

it('a batch refused while its page was frozen is not taken apart in two ways', async () => {
  const origin = createOrigin();
  const bulk = { endpoint: 'event-bulk-create', times: 1 };
  const { client, tab } = start(origin, { anonymous: 'send' });
  start(origin, { anonymous: 'send' });
  await origin.settle();
  for (let n = 0; n < 40; n++) void client.track('Looked Around', { n: `${n}` });
  origin.klaviyo.answer({ ...bulk, status: 413, latencyMs: 3000 });
  await origin.settle();
  for (let at = 0; at < 60 && !origin.klaviyo.requests[0]; at++) await origin.advance(100);
  void client.track('Looked Around');
  await origin.settle();
  origin.goOffline();
  void tab.freeze();
  await origin.advance(10_000);
  origin.goOnline();
  await origin.advance(2 * MINUTE_MS);
  tab.thaw();
  await origin.advance(10 * MINUTE_MS);
  expect(origin.klaviyo.metrics()).toHaveLength(41);
  for (const { uniqueIds } of origin.klaviyo.requests.filter((one) => one.uniqueIds[1])) {
    expect(uniqueIds).toEqual(origin.klaviyo.requests[0]!.uniqueIds);
  }
});

describe('a tab frozen in the background in the middle of a flush', () => {
  const suspended = async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin, { activeOnSite: true });
    const other = start(origin);
    await origin.settle();
    origin.klaviyo.answer({ latencyMs: 30_000, times: 1 });
    void client.track('Looked Around');
    await origin.advance(5000);
    await tab.suspend();
    return { origin, client, tab, other };
  };
  const later = (origin: ReturnType<typeof createOrigin>) => origin.advance(10_000);

  it('holds back no other', async () => {
    const { origin, other } = await suspended();
    void other.client.track('Viewed Product');
    await later(origin);
    expect(origin.klaviyo.metrics()).toContain('Viewed Product');
  });

  it('goes on when it runs again, which is no new page view', async () => {
    const { origin, client, tab } = await suspended();
    await later(origin);
    tab.thaw();
    void client.track('Viewed Product');
    await later(origin);
    expect(origin.klaviyo.metrics().sort()).toEqual([
      'Active on Site',
      'Looked Around',
      'Viewed Product',
    ]);
  });

  it('takes an old refusal for none, whatever it hears of the identity before', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    const other = start(origin);
    await origin.settle();
    await tab.suspend();
    void other.client.identify({ email: 'bob@shop.example' });
    await later(origin);
    await other.client.consent('denied');
    void other.client.consent('granted');
    void other.client.identify({ email: 'bob@shop.example' });
    void other.client.track('Viewed Product');
    await origin.settle();
    tab.thaw();
    await later(origin);
    expect((await client.inspect()).consent).toBe('granted');
    expect(origin.klaviyo.metrics()).toEqual(['Viewed Product']);
  });

  it('ends its turn after a resume too that no freeze came before', async () => {
    const { origin, client, tab, other } = await suspended();
    tab.thaw();
    await later(origin);
    origin.klaviyo.answer({ latencyMs: 14_000, times: 1 });
    void client.track('Added to Cart');
    await origin.advance(6000);
    tab.dispatch('resume');
    await tab.suspend();
    void other.client.track('Viewed Product');
    await origin.advance(8000);
    expect(origin.klaviyo.metrics()).toContain('Viewed Product');
  });

  it('writes nothing that was begun before, over what another page has done since', async () => {
    const origin = createOrigin();
    const { client, tab } = await startKnown(origin);
    const other = start(origin);
    await origin.settle();
    origin.klaviyo.answer({ status: 429, headers: { 'retry-after': '10' }, times: 1 });
    for (let n = 0; n < 30; n++) void client.track('Looked Around', { n: `${n}` });
    await origin.advance(1100);
    tab.hide();
    await origin.advance(1000);
    const { pause } = await client.inspect();
    await origin.advance(pause!.untilAt - origin.now() - 10);
    // The flush of the hidden page has read, and its write hangs.
    origin.setOnStep((by, name) => {
      if (by === tab && name === 'committed readonly') origin.database.setState('blocked');
    });
    await origin.advance(100);
    origin.setOnStep(() => undefined);
    await tab.suspend();
    origin.database.setState('ok');
    await origin.advance(1000);
    // Half of it is recorded.
    for (const status of [413, 202, 429]) origin.klaviyo.answer({ status, times: 1 });
    void other.client.flush();
    await later(origin);
    other.tab.close();
    tab.thaw();
    await origin.advance(60 * MINUTE_MS);
    expect(origin.klaviyo.metrics()).toHaveLength(30);
    expect(origin.klaviyo.requests.filter(({ uniqueIds }) => uniqueIds[15])).toHaveLength(2);
  });

  it('takes a refusal of before anybody was known for none, once somebody has been granted', async () => {
    const origin = createOrigin();
    const { tab } = start(origin, { consent: 'denied', anonymous: 'send' });
    await tab.suspend();
    const other = start(origin, { consent: 'denied', anonymous: 'send' });
    await origin.settle();
    void other.client.consent('granted');
    origin.goOffline();
    void other.client.track('Viewed Product');
    await later(origin);
    other.tab.close();
    tab.thaw();
    await later(origin);
    origin.goOnline();
    start(origin, { anonymous: 'send' });
    await origin.advance(10 * MINUTE_MS);
    expect(origin.klaviyo.metrics()).toEqual(['Viewed Product']);
  });
});

describe('a database that never answers', () => {
  // The first flush gives it up before the first write does: that one is late, and what it wrote is over by then.
  it.each([0, 1300, 2000, 3400])(
    'brings nothing back that is over (tracked %i ms after the page)',
    async (startMs) => {
      const origin = createOrigin();
      origin.database.setState('blocked');
      const { client, tab } = start(origin);
      await origin.advance(startMs);
      void client.identify({ email: 'ada@shop.example' });
      origin.klaviyo.answer({ metric: 'Refused', status: 400, times: 1 });
      for (const name of ['One', 'Refused']) void client.track(name);
      await origin.advance(10_000);
      const before = origin.klaviyo.requests.length;
      const next = startOn(tab.navigate());
      await origin.advance(10_000);
      expect(origin.klaviyo.metrics()).toEqual(['One']);
      expect(origin.klaviyo.requests.length).toBe(before);
      expect(next.reports.dropped).toEqual([]);
    },
  );

  it.each([true, false])(
    'beside a localStorage that takes nothing costs no event in memory (locks: %s)',
    async (locks) => {
      const origin = createOrigin({ locks });
      origin.database.setState('blocked');
      origin.local.switches.blocked = true;
      const { client, tab } = await startKnown(origin);
      await origin.advance(10_000);
      const headers = { 'retry-after': '60' };
      origin.klaviyo.answer({ metric: 'Throttled', status: 429, headers, times: 1 });
      void client.track('Throttled');
      await origin.advance(50);
      void client.track('Delivered');
      await origin.advance(10);
      tab.hide();
      // The write of the one that is over is given up last.
      await origin.advance(7500);
      for (const turn of [tab.show, tab.hide, tab.show]) {
        turn();
        await origin.advance(1000);
      }
      await origin.advance(5 * MINUTE_MS);
      expect([...origin.klaviyo.metrics()].sort()).toEqual(['Delivered', 'Throttled']);
    },
  );
});
