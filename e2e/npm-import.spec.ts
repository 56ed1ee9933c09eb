import { expect, test } from './support/fixture.js';

test('the npm import delivers', async ({ page, open, ledger }) => {
  await open(page, { by: 'npm' });
  await ledger.track(page, 3);
  expect(await ledger.balance()).toEqual({ copies: 0 });
});

test('the npm import next to the script tag is one client with one queue', async ({
  page,
  open,
  sandbox,
  ledger,
}) => {
  await open(page, { by: 'both', isKnown: false });
  const isOne = await page.evaluate(() => window.npmClient === window.klaviyo.client);
  expect(isOne).toBe(true);
  const again = () => window.store.createClient(window.store.options) === window.npmClient;
  expect(await page.evaluate(again)).toBe(true);
  await page.evaluate(async ([a, b]) => {
    void window.klaviyo.identify?.({ $email: 'ada@shop.example' });
    void window.npmClient.track('Tasted Sample', { n: a });
    void window.klaviyo.track?.('Viewed Product', { n: b });
  }, ledger.enter(2));
  expect(await ledger.balance()).toEqual({ copies: 0 });
  expect(sandbox.requests().map(({ endpoint }) => endpoint)).toEqual([
    'profiles',
    'events',
    'events',
  ]);
});

test('an event of the npm import is sent by the script tag of the next page', async ({
  page,
  open,
  sandbox,
  ledger,
}) => {
  await open(page, { by: 'npm' });
  await sandbox.waitFor(() => sandbox.profiles().length === 1);
  sandbox.addFault({ reset: 'before' });
  await ledger.track(page, 2);
  sandbox.clearFaults();
  await open(page, { by: 'script', path: '/cart' });
  await ledger.balance();
});

test('what the builders make is recorded with value and currency', async ({
  page,
  open,
  sandbox,
  ledger,
}) => {
  await open(page, { by: 'npm' });
  await page.evaluate(async () => {
    const { addedToCart, startedCheckout, viewedProduct } = window.store;
    const product = { id: 'p1', name: 'Cup', price: 9.5, currency: 'EUR', categories: ['Kitchen'] };
    const item = { ...product, quantity: 2 };
    const cart = { id: 'c1', items: [item], total: 19, currency: 'EUR' };
    await window.npmClient.track(viewedProduct(product));
    await window.npmClient.track(addedToCart(item, cart));
    await window.npmClient.track(startedCheckout(cart));
  });
  await sandbox.waitFor(() => sandbox.events().length === 3);
  const found = Object.fromEntries(sandbox.events().map((event) => [event.metric, event]));
  expect(found['Viewed Product']).toMatchObject({ properties: { ProductID: 'p1', Price: 9.5 } });
  expect(found['Added to Cart']).toMatchObject({
    value: 19,
    valueCurrency: 'EUR',
    properties: { AddedItemProductID: 'p1', ProductID: 'p1', CartTotal: 19 },
  });
  expect(found['Started Checkout']).toMatchObject({
    value: 19,
    properties: { ItemNames: ['Cup'] },
  });
  await ledger.balance({ besides: ['Viewed Product', 'Added to Cart', 'Started Checkout'] });
});

test('Active on Site is sent once a page view of a known visitor, where it is switched on', async ({
  page,
  open,
  sandbox,
  ledger,
}) => {
  const options = { activeOnSite: true };
  await open(page, { isKnown: false, options });
  await ledger.track(page, 1);
  await page.evaluate(() => tracker().identify({ email: 'ada@shop.example' }));
  await ledger.arrival([1]);
  await open(page, { path: '/cart', options });
  await ledger.track(page, 1);
  const active = () => sandbox.events().filter(({ metric }) => metric === 'Active on Site');
  await sandbox.waitFor(() => active().length === 2);
  await ledger.balance({ besides: ['Active on Site'] });
  expect(active()).toHaveLength(2);
});
