/** Orders in the demo shop: from the click to the local Klaviyo, whatever becomes of the endpoint between them. */
import {
  choose,
  confirmation,
  events,
  expect,
  fillCart,
  fillForm,
  orderEvents,
  patient,
  place,
  press,
  profiles,
  sums,
  test,
} from './support/demo-shop.js';

test.describe.configure(patient);

test('an order reaches Klaviyo from the click, and its profile is the visitor’s', async ({
  demo,
  shopper,
}) => {
  // Nothing of the browser's own arrives before the order does: what the order brings is what joins them.
  await shopper.route('**/client/**', (route) => route.abort());
  await shopper.goto(`${demo.url}/?_kx=encrypted.AbC123`);
  await fillCart(shopper, demo, 'tide-mug', 'reed-bowl', 'reed-bowl');
  await shopper.goto(`${demo.url}/checkout`);
  await fillForm(shopper);
  await place(shopper);
  expect(await confirmation(shopper)).toBe('Order 1001');
  await expect(shopper.locator('.summary .total')).toHaveText('Total€150');

  await expect
    .poll(() => orderEvents(demo))
    .toEqual({ 'Placed Order 1001': 1, 'Ordered Product 1001_1': 1, 'Ordered Product 1001_2': 1 });
  const [placed] = await events(demo, 'Placed Order');
  expect(placed).toMatchObject({ value: 150, valueCurrency: 'EUR' });
  expect(placed?.properties).toMatchObject({
    OrderId: '1001',
    ItemNames: ['Tide mug', 'Reed bowl'],
    ShippingAddress: { FirstName: 'Ada', City: 'London' },
  });
  const [profile, ...others] = await profiles(demo);
  const visitor = await shopper.evaluate(() => window.klaviyo.client.visitor());
  expect(others).toEqual([]);
  expect(profile).toMatchObject({
    ...{ email: 'ada@lovelace.shop', anonymousIds: [visitor?.anonymousId] },
    exchangeIds: ['encrypted.AbC123'],
  });

  await shopper.unroute('**/client/**');
  // As a browser says it: without this the tracker waits for the end of its pause.
  await shopper.evaluate(() => dispatchEvent(new Event('online')));
  await expect.poll(async () => (await events(demo, 'Viewed Product')).length).toBe(3);
  const everything = await events(demo);
  expect(new Set(everything.map(({ profileId }) => profileId))).toEqual(new Set([profile?.id]));
  const row = shopper.locator('.qa-orders li').first();
  await expect(row).toContainText('3 delivered');
  await expect(row).toContainText(/joins \d+ events of the browser/);
});

test('an order of a visitor who refuses carries nothing of the browser', async ({
  demo,
  shopper,
}) => {
  await fillCart(shopper, demo, 'tide-mug');
  await choose(shopper, 'denied');
  await shopper.goto(`${demo.url}/checkout`);
  await fillForm(shopper);
  await place(shopper);
  await confirmation(shopper);
  await expect.poll(() => orderEvents(demo)).toMatchObject({ 'Ordered Product 1001_1': 1 });
  expect(await profiles(demo)).toMatchObject([{ email: 'ada@lovelace.shop', anonymousIds: [] }]);
  expect((await events(demo)).every(({ endpoint }) => endpoint === 'api/events')).toBe(true);
});

test('orders placed while the endpoint is killed are confirmed, and recorded once when it is back', async ({
  demo,
  shopper,
}) => {
  await fillCart(shopper, demo, 'storm-jar');
  await press(shopper, 'Order 1');
  await expect.poll(() => sums(shopper)).toMatchObject({ events: 3, recorded: 3 });
  const before = demo.desk.endpoint().pid;

  await choose(shopper, 'kill');
  await expect(shopper.locator('[data-qa=ready]')).toHaveText('readyz: no answer.');
  expect(() => process.kill(Number(before), 0)).toThrow('ESRCH');

  await shopper.goto(`${demo.url}/checkout`);
  await fillForm(shopper);
  await place(shopper);
  expect(await confirmation(shopper)).toBe('Order 1002');
  await press(shopper, 'Order 20');
  await expect.poll(() => sums(shopper)).toMatchObject({ events: 65, atShop: 62, delivered: 3 });
  expect(Object.keys(await orderEvents(demo))).toHaveLength(3);

  await choose(shopper, 'start');
  await expect
    .poll(() => sums(shopper))
    .toMatchObject({ events: 65, delivered: 65, recorded: 65, lost: 0, doubled: 0 });
  expect(demo.desk.endpoint().pid).not.toBe(before);
  const times = await orderEvents(demo);
  expect(Object.keys(times)).toHaveLength(65);
  expect(Object.values(times).every((count) => count === 1)).toBe(true);
});

test('an answer that got lost and a button that is pressed again make one order', async ({
  demo,
  shopper,
}) => {
  await fillCart(shopper, demo, 'dune-plate');
  await shopper.goto(`${demo.url}/checkout`);
  await fillForm(shopper);
  const lose = async (route: { fetch(): Promise<unknown>; abort(): Promise<void> }) => {
    await route.fetch();
    await route.abort();
  };
  await shopper.route(`${demo.url}/orders`, lose, { times: 1 });
  await place(shopper);
  await expect(shopper.getByRole('alert').first()).toContainText('did not answer');
  await place(shopper);
  expect(await confirmation(shopper)).toBe('Order 1001');
  await expect.poll(() => orderEvents(demo)).toMatchObject({ 'Ordered Product 1001_1': 1 });
  expect(Object.keys(await orderEvents(demo))).toHaveLength(2);
});

test('prices are the shop’s own, whatever the page says', async ({ demo, shopper }) => {
  await fillCart(shopper, demo, 'estuary-teapot');
  await shopper.evaluate(() => {
    const cart = JSON.parse(localStorage['saltmarsh.cart']);
    cart.items[0].price = 1;
    localStorage['saltmarsh.cart'] = JSON.stringify(cart);
  });
  await shopper.goto(`${demo.url}/checkout`);
  await fillForm(shopper);
  await place(shopper);
  await expect(shopper.getByRole('alert').first()).toContainText('together it is €118 now');
  expect((await demo.desk.look()).count).toBe(0);
});

test('what Klaviyo refuses is shown, and goes out when somebody asks for it; changes follow', async ({
  demo,
  shopper,
}) => {
  await shopper.goto(demo.url);
  await choose(shopper, 'refusedOrder');
  await press(shopper, 'Order 1');
  const row = shopper.locator('.qa-orders li').first();
  await expect(row).toContainText('3 given up400: ');
  await expect.poll(() => sums(shopper)).toMatchObject({ givenUp: 3, delivered: 0, lost: 0 });
  await choose(shopper, 'online');
  await press(shopper, 'Retry');
  await expect.poll(() => sums(shopper)).toMatchObject({ givenUp: 0, recorded: 3 });
  for (const name of ['Fulfil', 'Refund', 'Cancel']) await press(shopper, name);
  await expect.poll(() => sums(shopper)).toMatchObject({ events: 6, recorded: 6, doubled: 0 });
  expect(await orderEvents(demo)).toMatchObject({
    ...{ 'Fulfilled Order 1001': 1, 'Refunded Order 1001': 1, 'Canceled Order 1001': 1 },
  });
  const all = await events(demo);
  expect(new Set(all.map(({ profileId }) => profileId)).size).toBe(1);
  await press(shopper, 'Clear sandbox');
  await expect.poll(() => sums(shopper)).toMatchObject({ events: 0, recorded: 0, lost: 0 });
});

test('the page with the npm import orders in the same way', async ({ demo, shopper }) => {
  await shopper.goto(`${demo.url}/app#/heron-vase`);
  await shopper.getByRole('button', { name: 'Add to cart' }).click();
  await shopper.getByRole('link', { name: 'Checkout' }).click();
  await fillForm(shopper, 'grace@hopper.shop');
  await place(shopper);
  expect(await confirmation(shopper)).toBe('Order 1001');
  await expect.poll(async () => (await events(demo, 'Started Checkout')).length).toBe(1);
  await expect.poll(async () => (await events(demo, 'Ordered Product')).length).toBe(1);
  const all = await events(demo);
  expect(new Set(all.map(({ profileId }) => profileId)).size).toBe(1);
});
