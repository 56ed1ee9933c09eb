import type { Sandbox } from 'klaviyo-storefront/sandbox';
import { expect, test } from './support/fixture.js';

/** Numbers of the events by whose they are. */
/** Sorted: several requests are under way at once, and Klaviyo orders by the event's own time. */
function byEmail(sandbox: Sandbox): Record<string, unknown[]> {
  const found: Record<string, unknown[]> = {};
  for (const { email, id } of sandbox.profiles()) {
    const own = sandbox.events().filter(({ profileId }) => profileId === id);
    found[email ?? 'nobody'] = own
      .map(({ properties }) => Number(properties.n))
      .sort((a, b) => a - b);
  }
  return found;
}

const klaId = (fields: object): string =>
  encodeURIComponent(Buffer.from(JSON.stringify(fields)).toString('base64'));

test('events of an unknown visitor wait for the first identify', async ({
  page,
  open,
  sandbox,
  ledger,
}) => {
  await open(page, { isKnown: false });
  await ledger.track(page, 2);
  await page.evaluate(() => tracker().flush());
  await open(page, { isKnown: false, path: '/cart' });
  await page.evaluate(() => tracker().flush());
  expect(sandbox.requests()).toEqual([]);
  const held = await page.evaluate(async () =>
    (await tracker().inspect()).queue.map((e) => e.held),
  );
  expect(held).toEqual([true, true]);
  await page.evaluate(() => tracker().identify({ email: 'ada@shop.example' }));
  await ledger.balance();
  expect(byEmail(sandbox)).toEqual({ 'ada@shop.example': [1, 2] });
});

test("events of an unknown visitor go at once where anonymous is 'send'", async ({
  page,
  open,
  sandbox,
  ledger,
}) => {
  await open(page, { isKnown: false, options: { anonymous: 'send' } });
  await ledger.track(page, 2);
  await ledger.arrival([1, 2]);
  await page.evaluate(() => tracker().identify({ email: 'ada@shop.example' }));
  await ledger.track(page, 1);
  await ledger.balance();
  expect(byEmail(sandbox)).toEqual({ 'ada@shop.example': [1, 2, 3] });
});

for (const count of [3, 40]) {
  test(`${count} events each of two visitors in one backlog stay with the one who did them`, async ({
    page,
    context,
    open,
    sandbox,
    ledger,
  }) => {
    await open(page);
    await sandbox.waitFor(() => sandbox.profiles().length === 1);
    await context.setOffline(true);
    const first = await ledger.track(page, count);
    await page.evaluate(() => tracker().reset());
    await page.evaluate(() => tracker().identify({ email: 'bob@shop.example' }));
    const second = await ledger.track(page, count);
    await context.setOffline(false);
    await ledger.balance();
    expect(byEmail(sandbox)).toEqual({ 'ada@shop.example': first, 'bob@shop.example': second });
  });
}

test('a different email starts a new identity without a logout', async ({
  page,
  open,
  sandbox,
  ledger,
}) => {
  await open(page);
  await ledger.track(page, 2);
  await page.evaluate(() => tracker().identify({ email: 'bob@shop.example' }));
  await ledger.track(page, 2);
  await ledger.balance();
  expect(byEmail(sandbox)).toEqual({ 'ada@shop.example': [1, 2], 'bob@shop.example': [3, 4] });
});

test('a link in a mail names the visitor by _kx', async ({ page, open, sandbox, ledger }) => {
  await open(page, { isKnown: false, query: { _kx: 'Xy12.AbC123' } });
  await ledger.track(page, 1);
  await ledger.balance();
  expect(sandbox.profiles().map(({ exchangeIds }) => exchangeIds)).toEqual([['Xy12.AbC123']]);
});

test("a link in another company's mail names nobody", async ({ page, open, sandbox, ledger }) => {
  await open(page, { isKnown: false, query: { _kx: 'Xy12.Other1' } });
  const waiting = await ledger.track(page, 1);
  await page.evaluate(() => tracker().flush());
  expect(sandbox.requests()).toEqual([]);
  await ledger.balance({ waiting });
});

test("klaviyo.js's cookie names the visitor of a shop that is switching over", async ({
  page,
  context,
  shop,
  open,
  sandbox,
  ledger,
}) => {
  const value = klaId({ cid: 'anon-1', $exchange_id: 'Xy12.AbC123', email: 'ada@shop.example' });
  await context.addCookies([{ name: '__kla_id', value, url: shop.origin }]);
  await open(page, { isKnown: false });
  await ledger.track(page, 1);
  await ledger.balance();
  const [profile] = sandbox.profiles();
  expect(profile).toMatchObject({
    email: 'ada@shop.example',
    anonymousIds: ['anon-1'],
    exchangeIds: ['Xy12.AbC123'],
  });
  const [cookie] = await context.cookies();
  expect(cookie).toMatchObject({ name: '__kla_id', value });
});

for (const value of ['not-base64', klaId([1]), klaId({}), encodeURIComponent('bnVsbA=='), '%']) {
  test(`a __kla_id cookie of ${value} is ignored`, async ({
    page,
    context,
    shop,
    open,
    ledger,
  }) => {
    await context.addCookies([{ name: '__kla_id', value, url: shop.origin }]);
    await open(page, { isKnown: false });
    const waiting = await ledger.track(page, 1);
    expect(await page.evaluate(() => tracker().isIdentified())).toBe(false);
    await ledger.balance({ waiting });
  });
}

test('identify calls close together are one request, before the events after them', async ({
  page,
  open,
  sandbox,
  ledger,
}) => {
  await open(page, { isKnown: false });
  await page.evaluate(([n]) => {
    void tracker().identify({ email: 'ada@shop.example' });
    void tracker().identify({ firstName: 'Ada' });
    void tracker().identify({ properties: { Plan: 'gold' } });
    void tracker().track('Viewed Product', { n });
  }, ledger.enter(1));
  await ledger.balance();
  const endpoints = sandbox.requests().map(({ endpoint }) => endpoint);
  expect(endpoints).toEqual(['profiles', 'events']);
  expect(sandbox.profiles()[0]).toMatchObject({
    email: 'ada@shop.example',
    attributes: { first_name: 'Ada' },
    properties: { Plan: 'gold' },
  });
});

test('an identify that says nothing new sends nothing, on any page', async ({
  page,
  open,
  sandbox,
  ledger,
}) => {
  for (const path of ['/product', '/cart', '/checkout']) {
    await open(page, { path });
    await ledger.track(page, 1);
    // A page that is left before it has seen the answer leaves the update to be sent again.
    const left = () => page.evaluate(async () => (await tracker().inspect()).queue.length);
    await expect.poll(left).toBe(0);
  }
  await ledger.balance();
  const profiles = sandbox.requests().filter(({ endpoint }) => endpoint === 'profiles');
  expect(profiles).toHaveLength(1);
});
