// @vitest-environment node
/** What the model (test/model) has found, each as its shortest history. */
import { expect, it } from 'vitest';
import { createOrigin } from '../helpers/fake-env.js';
import { start } from '../helpers/start-client.js';

const HOUR_MS = 3_600_000;

it('sends what a dead page has left although the clock was put back since', async () => {
  const origin = createOrigin({ locks: false });
  const first = start(origin, { anonymous: 'send' });
  await first.client.track('Viewed Product');
  first.tab.kill();
  origin.jump(-20 * 24 * HOUR_MS);
  start(origin, { anonymous: 'send' });
  await origin.advance(HOUR_MS);
  expect(origin.klaviyo.metrics()).toEqual(['Viewed Product']);
});

it('leaves an event with the visitor who was anonymous then, whoever follows', async () => {
  for (const isNamed of [true, false]) {
    const origin = createOrigin();
    const [first, second] = [start(origin), start(origin)];
    void second.client.track('Viewed Product');
    if (isNamed) void first.client.identify({ email: 'ada@shop.example' });
    else void first.client.reset();
    void first.client.identify({ email: 'bob@shop.example' });
    await origin.advance(HOUR_MS);
    const emails = origin.klaviyo.events.map(({ profile }) => profile.email);
    expect(emails).toEqual(isNamed ? ['ada@shop.example'] : []);
  }
});

it('stores nothing after a refusal, not even by the second try on a lost connection', async () => {
  const origin = createOrigin();
  const [first, second] = [start(origin), start(origin)];
  await origin.advance(HOUR_MS);
  void second.client.consent('denied');
  void first.client.track('Viewed Product');
  await Promise.resolve();
  void first.client.identify({ email: 'ada@shop.example' });
  await Promise.resolve();
  first.tab.loseDatabase();
  await origin.advance(HOUR_MS);
  expect(await origin.database.records('klaviyo-storefront:AbC123')).toEqual([]);
});

it('opens the database again when it was slow first and then lost', async () => {
  const origin = createOrigin();
  const { client, tab } = start(origin, { anonymous: 'send' });
  origin.database.setState('slow');
  void client.track('Viewed Product');
  await origin.advance(9000);
  tab.loseDatabase();
  origin.database.setState('ok');
  await client.track('Added to Cart');
  await origin.advance(HOUR_MS);
  expect((await client.inspect()).storage).toBe('indexeddb');
  expect((await client.inspect()).queue).toEqual([]);
});

it('forgets what it has given up although a write that failed late brings it back', async () => {
  const origin = createOrigin();
  const { client } = start(origin, { anonymous: 'send', maxQueueEvents: 40 });
  origin.database.setState('full');
  for (let n = 0; n < 41; n++) {
    void client.track('Viewed Product');
    if (!n) await Promise.resolve();
  }
  void client.flush();
  await origin.advance(HOUR_MS);
  void client.flush();
  await origin.advance(HOUR_MS);
  expect((await client.inspect()).queue).toEqual([]);
  expect([...origin.local.content.keys()].filter((key) => key.includes(':event:'))).toEqual([]);
});

it('takes no lease without consent', async () => {
  const origin = createOrigin({ locks: false });
  const { client } = start(origin, { anonymous: 'send' });
  await client.track('Viewed Product');
  void client.flush();
  await origin.settle();
  const written: string[] = [];
  void client.consent('denied');
  origin.setOnStep((_, name) => {
    if (name.startsWith('set ')) written.push(name);
  });
  await origin.advance(HOUR_MS);
  expect(written).toEqual([]);
});

it('spills what is not stored yet although the clock has jumped past its lease', async () => {
  const origin = createOrigin({ locks: false });
  const first = start(origin, { anonymous: 'send' });
  void first.client.track('Viewed Product');
  await first.client.track('Viewed Product');
  await origin.advance(HOUR_MS);
  void first.client.track('Added to Cart');
  origin.jump(HOUR_MS);
  origin.goOffline();
  first.tab.close();
  origin.goOnline();
  start(origin, { anonymous: 'send' });
  await origin.advance(HOUR_MS);
  expect(origin.klaviyo.metrics()).toContain('Added to Cart');
});

it('knows of an attempt made by a page that was left, and died while it removed the event', async () => {
  const origin = createOrigin();
  const { client, tab } = start(origin, { anonymous: 'send' });
  await client.track('Viewed Product');
  tab.hide();
  origin.setOnStep((_, name) => {
    if (name === 'database readwrite') tab.kill();
  });
  await origin.settle();
  origin.setOnStep(() => undefined);
  const next = start(origin, { anonymous: 'send' });
  void next.client.identify({ email: 'ada@shop.example' });
  await origin.advance(HOUR_MS);
  expect(origin.klaviyo.metrics()).toEqual(['Viewed Product']);
});

it('does not repeat on the console what the page throws at it', async () => {
  const origin = createOrigin();
  const { client, reports } = start(origin, { debug: true });
  const get = () => {
    throw new Error('ada@shop.example');
  };
  await client.track('Looked Around', Object.defineProperty({}, 'n', { enumerable: true, get }));
  expect(origin.warnings.join()).not.toContain('ada@');
  expect(reports.dropped.map(({ reason }) => reason)).toEqual(['invalid']);
});

it('leaves an event with the visitor who was there then, although another tab logs out twice', async () => {
  const origin = createOrigin();
  const [first, second] = [start(origin), start(origin)];
  void first.client.track('Viewed Product');
  void second.client.reset();
  void second.client.reset();
  void second.client.identify({ email: 'ada@shop.example' });
  await origin.advance(HOUR_MS);
  expect(origin.klaviyo.metrics()).toEqual([]);
});

it('knows of a delivery that the database has not taken in, whatever page comes next', async () => {
  const origin = createOrigin({ locks: false });
  const first = start(origin, { anonymous: 'send' });
  await first.client.track('Viewed Product');
  origin.database.setState('blocked');
  await first.tab.freeze();
  const second = start(origin, { anonymous: 'send' });
  await origin.advance(2 * 60_000);
  first.tab.kill();
  second.tab.kill();
  origin.database.setState('ok');
  const third = start(origin);
  void third.client.identify({ email: 'ada@shop.example' });
  await origin.advance(HOUR_MS);
  expect(origin.klaviyo.metrics()).toEqual(['Viewed Product']);
  expect((await third.client.inspect()).queue).toEqual([]);
  expect([...origin.local.content.keys()].filter((key) => key.includes(':event:'))).toEqual([]);
});

it.each([true, false])(
  'a page left in the middle of a flush holds back no other (Web Locks: %s)',
  async (locks) => {
    const origin = createOrigin({ locks });
    const first = start(origin, { anonymous: 'send' });
    origin.klaviyo.answer({ lost: 'hang', times: 1 });
    await first.client.track('One');
    await origin.advance(10_000);
    expect(origin.lockNames().length).toBe(locks ? 2 : 0);
    await first.tab.freeze();
    // A page with a lock is not taken into the back/forward cache, or takes the lock with it.
    expect(origin.lockNames()).toEqual([]);
    expect(first.tab.isFrozen()).toBe(true);
    const second = start(origin, { anonymous: 'send' });
    await second.client.track('Two');
    await origin.advance(10_000);
    expect(origin.klaviyo.metrics()).toEqual(['One', 'Two']);
    first.tab.thaw();
    await first.client.track('Three');
    await origin.advance(HOUR_MS);
    expect(origin.klaviyo.metrics()).toEqual(['One', 'Two', 'Three']);
    expect((await first.client.inspect()).queue).toEqual([]);
  },
);

it.each(Array.from({ length: 12 }, (_, turns) => turns))(
  'stores nothing that a flush has read when the visitor refuses in the middle of it (%i)',
  async (turns) => {
    const origin = createOrigin();
    const { client, tab } = start(origin, { anonymous: 'send' });
    tab.hide();
    origin.klaviyo.answer({ status: 500 });
    void client.track('Viewed Product');
    await origin.settle();
    void client.track('Viewed Product');
    void client.flush();
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    void client.consent('denied');
    await origin.advance(HOUR_MS);
    expect(await origin.database.records('klaviyo-storefront:AbC123')).toEqual([]);
    expect(origin.local.text()).not.toContain('Viewed');
  },
);

it.each(Array.from({ length: 12 }, (_, turns) => turns))(
  'stores nothing that another tab spills before it has heard of a refusal (%i)',
  async (turns) => {
    const origin = createOrigin();
    const [first, second] = [start(origin), start(origin)];
    await origin.advance(HOUR_MS);
    void second.client.track('Viewed Product');
    void first.client.flush();
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    void first.client.consent('denied');
    second.tab.hide();
    await origin.advance(HOUR_MS);
    expect(await origin.database.records('klaviyo-storefront:AbC123')).toEqual([]);
  },
);

it.each(['database readonly', 'transaction readonly', 'committed readonly'])(
  'remembers nobody who refuses while what is too old is being given up (%s)',
  async (moment) => {
    const origin = createOrigin();
    const { client } = start(origin);
    origin.goOffline();
    await client.identify({ email: 'ada@shop.example' });
    origin.jump(20 * 24 * HOUR_MS);
    origin.setOnStep((_, name) => {
      if (name === moment) void client.consent('denied');
    });
    void client.flush();
    await origin.advance(HOUR_MS);
    expect((await client.inspect()).consent).toBe('denied');
    expect([...origin.local.content.keys()]).toEqual([]);
  },
);

it('tells a tab that was granted of a refusal in one that had refused before', async () => {
  const origin = createOrigin();
  const [first, second] = [start(origin), start(origin, { consent: 'denied' })];
  await origin.advance(HOUR_MS);
  void first.client.consent('granted');
  await first.client.track('Viewed Product');
  await second.client.consent('denied');
  await origin.advance(HOUR_MS);
  expect((await first.client.inspect()).consent).toBe('denied');
  expect(await origin.database.records('klaviyo-storefront:AbC123')).toEqual([]);
});

it.each([
  ['pause', { untilAt: 1e15, setAt: 0, reason: 'server', failures: 1 }],
  ['flush', { holder: 1 }],
  ['identity', { anonymousId: 'a', who: {}, known: 'x', past: {} }],
  ['identity', { anonymousId: 'a', who: {}, known: {}, past: {}, also: [{ toString: null }] }],
])('gives up a stored %s that is none, and goes on', async (name, value) => {
  const origin = createOrigin({ locks: false });
  origin.local.content.set(`klaviyo-storefront:AbC123:${name}`, JSON.stringify(value));
  const { client } = start(origin);
  await client.identify({ email: 'ada@shop.example' });
  void client.track('Viewed Product');
  await origin.advance(HOUR_MS);
  expect(origin.klaviyo.metrics()).toEqual(['Viewed Product']);
});

it('gives up a stored event whose batch is none, and goes on', async () => {
  const origin = createOrigin();
  const first = start(origin);
  void first.client.track('Viewed Product');
  await origin.settle();
  first.tab.kill();
  const [record] = (await origin.database.records('klaviyo-storefront:AbC123')) as object[];
  await origin.database.plant('klaviyo-storefront:AbC123', '0', { ...record, batch: 7 });
  const { client, reports } = start(origin);
  void client.identify({ email: 'ada@shop.example' });
  void client.track('Added to Cart');
  await origin.advance(HOUR_MS);
  expect(origin.klaviyo.metrics()).toEqual(['Viewed Product', 'Added to Cart']);
  expect(reports.dropped.map(({ reason }) => reason)).toEqual(['invalid']);
});

it.each([
  ['another email', { email: 'bob@shop.example' }],
  ['an anonymous id', { anonymousId: 'b' }],
])('hears of a refusal although a dying tab has stored %s over it', async (_, profile) => {
  const origin = createOrigin();
  const isNamed = 'email' in profile;
  const tabs = [start(origin), start(origin), start(origin)] as const;
  if (isNamed) void tabs[0].client.identify({ email: 'ada@shop.example' });
  await origin.advance(HOUR_MS);
  void tabs[0].client.consent('denied');
  // Neither of the others has heard yet.
  void tabs[1].client.identify(profile);
  await Promise.resolve();
  tabs[1].tab.kill();
  await origin.advance(HOUR_MS);
  void tabs[2].client.track('Viewed Product');
  await origin.advance(HOUR_MS);
  expect(tabs[2].reports.dropped.map(({ reason }) => reason)).toEqual(['consent']);
  expect(origin.local.text()).toBe('[]');
  expect(await origin.database.records('klaviyo-storefront:AbC123')).toEqual([]);
});

it('asks nothing after a pause that another tab has met while the batch was being stored', async () => {
  const origin = createOrigin();
  const { client } = start(origin, { anonymous: 'send' });
  await client.track('Viewed Product');
  const pause = { untilAt: origin.now() + HOUR_MS, setAt: 0, reason: 'server', failures: 1 };
  origin.setOnStep((_, name) => {
    if (name !== 'committed readwrite') return;
    origin.local.content.set('klaviyo-storefront:AbC123:pause', JSON.stringify(pause));
  });
  pause.setAt = origin.now();
  void client.flush();
  await origin.advance(HOUR_MS / 2);
  expect(origin.klaviyo.requests).toEqual([]);
  origin.setOnStep(() => undefined);
  await origin.advance(HOUR_MS);
  expect(origin.klaviyo.metrics()).toEqual(['Viewed Product']);
});

it('asks nothing after a refusal while the batch was being stored', async () => {
  const origin = createOrigin();
  const { client } = start(origin, { anonymous: 'send' });
  await client.track('Viewed Product');
  // The very moment: what the refusal wipes is not what keeps it from going out.
  origin.setOnStep((_, name) => {
    if (name !== 'committed readwrite') return;
    origin.setOnStep(() => undefined);
    void client.consent('denied');
  });
  void client.flush();
  await origin.advance(HOUR_MS);
  expect(origin.klaviyo.requests).toEqual([]);
  expect(await origin.database.records('klaviyo-storefront:AbC123')).toEqual([]);
});

it('does not bring back what others have delivered while it was frozen in the middle of reading it', async () => {
  const origin = createOrigin({ locks: false });
  origin.klaviyo.options.bulkRule = 'refuse';
  origin.database.setState('blocked');
  const first = start(origin, { anonymous: 'send' });
  for (let n = 0; n < 40; n++) void first.client.track(`Event ${n}`);
  first.tab.close();
  const second = start(origin, { anonymous: 'send' });
  void second.client.track('Event 40');
  void second.client.flush();
  await origin.advance(300);
  await second.tab.freeze();
  start(origin, { anonymous: 'send' });
  await origin.advance(30_000);
  origin.database.setState('ok');
  second.tab.thaw();
  await origin.advance(HOUR_MS);
  expect(new Set(origin.klaviyo.metrics()).size).toBe(41);
  // Once by the page that was closed, once by the third, whose answer made it send them one by one.
  expect(origin.klaviyo.requests.filter(({ uniqueIds }) => uniqueIds[1])).toHaveLength(2);
});

it('spills nothing again that it let go of before it was frozen', async () => {
  const origin = createOrigin({ locks: false });
  origin.database.setState('blocked');
  origin.klaviyo.answer({ status: 500, times: 1 });
  const { client, tab } = start(origin, { anonymous: 'send' });
  for (let n = 0; n < 40; n++) void client.track(`Event ${n}`);
  await tab.freeze();
  origin.klaviyo.answer({ status: 400, endpoint: 'event-bulk-create', times: 1 });
  start(origin, { anonymous: 'send' });
  await origin.advance(30_000);
  origin.database.setState('ok');
  tab.thaw();
  await origin.advance(HOUR_MS);
  expect(new Set(origin.klaviyo.metrics()).size).toBe(40);
  // Once by the page itself, once by the other, whose answer made it send them one by one.
  expect(origin.klaviyo.requests.filter(({ uniqueIds }) => uniqueIds[1])).toHaveLength(2);
});

it('takes a profile of very many properties without a long task', async () => {
  const origin = createOrigin();
  const { client } = start(origin);
  const properties = Object.fromEntries(Array.from({ length: 60_000 }, (_, n) => [`p${n}`, n]));
  // Each of them copied all the others: of so many that is beyond any test's time.
  await client.identify({ email: 'ada@shop.example', properties });
  expect(client.isIdentified()).toBe(true);
});

it('does not repeat on the console who a metric or a property is named after', async () => {
  const origin = createOrigin();
  const { client } = start(origin, { debug: true });
  await client.track('Mailed ada@shop.example', { '+4915112345678': '' });
  expect(origin.warnings.join()).toContain('Klaviyo ignores');
  expect(origin.warnings.join()).not.toMatch(/ada|1511/);
});

const stored = {
  ...{ key: '0', uniqueId: 'u', metric: 'Stored', owner: '', attempts: 0, anonymousId: 'a' },
  ...{ who: { email: 'ada@shop.example' }, createdAt: Date.UTC(2026, 10, 22) },
  data: '"properties":{},"metric":{"data":{"type":"metric","attributes":{"name":"Stored"}}}',
};

it.each([
  ['no text as its key', { key: { toString: null } }],
  ['another key than it is stored under', { key: 'k' }],
  ['no text as its anonymous id', { anonymousId: { toString: null } }],
  ['no text as its id', { uniqueId: 7 }],
  ['no text as its owner', { owner: { toString: null } }],
  ['no moment as its time', { createdAt: [{ toString: null }] }],
  ['no number of attempts', { attempts: '{"a":' }],
])('gives up a stored event with %s, and that alone, for good', async (_, broken) => {
  const origin = createOrigin();
  const database = 'klaviyo-storefront:AbC123';
  await origin.database.plant(database, '0', { ...stored, ...broken });
  await origin.database.plant(database, '1', { ...stored, key: '1', metric: 'Kept' });
  const { client, reports } = start(origin, { anonymous: 'send' });
  void client.track('Viewed Product');
  await origin.advance(HOUR_MS);
  expect(origin.klaviyo.metrics().sort()).toEqual(['Stored', 'Viewed Product']);
  expect(reports.dropped).toEqual([{ uniqueId: '0', reason: 'invalid' }]);
  expect(await origin.database.records(database)).toEqual([]);
});

it('unsets no property whose name is no text', async () => {
  const origin = createOrigin();
  const { client } = start(origin);
  const unset = [{ toString: null }, null, 'vip'] as unknown as string[];
  const properties = 'vip' as unknown as Record<string, unknown>;
  void client.identify({ email: 'ada@shop.example', properties });
  await expect(client.identify({ firstName: 'Ada', unset })).resolves.toBeTypeOf('string');
  expect(client.isIdentified()).toBe(true);
});

it('takes an email that is no text for none', async () => {
  const origin = createOrigin();
  const { client } = start(origin);
  const email = { toString: null } as unknown as string;
  await expect(client.identify({ email, firstName: 'Ada' })).resolves.toBeTypeOf('string');
  expect(client.isIdentified()).toBe(false);
});

it.each(['stored', 'said'])('takes no empty anonymous id, %s', async (how) => {
  const origin = createOrigin();
  const key = 'klaviyo-storefront:AbC123:identity';
  const empty = { anonymousId: '', who: {}, known: {}, past: {} };
  if (how === 'stored') origin.local.content.set(key, JSON.stringify(empty));
  const { client } = start(origin, { anonymous: 'send' });
  if (how === 'said') void client.identify({ anonymousId: '' });
  void client.track('Viewed Product');
  await origin.advance(HOUR_MS);
  expect(origin.klaviyo.metrics()).toEqual(['Viewed Product']);
});
