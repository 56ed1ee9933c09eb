/** Orders in the demo shop: from the click to the local Klaviyo, whatever becomes of the endpoint between them. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test as base, type Page, expect as soon } from '@playwright/test';
import type { RecordedEvent, RecordedProfile } from 'klaviyo-storefront/sandbox';
import { startDemo } from '../demo/server.mjs';

type Demo = Awaited<ReturnType<typeof startDemo>>;

// A demo is four programs, and this machine may have others.
const expect = soon.configure({ timeout: 20_000 });
base.describe.configure({ timeout: 120_000 });

const anyPorts = { port: 0, sandboxPort: 0, ordersPort: 0 };

const test = base.extend<{ demo: Demo; shopper: Page }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the wanted fixtures from it.
  demo: async ({}, use) => {
    const demo = await startDemo(anyPorts);
    await use(demo);
    await demo.close();
  },
  /** A page wide enough for the inspector to stand beside the shop. */
  shopper: async ({ browser }, use) => {
    const context = await browser.newContext({ viewport: { width: 1360, height: 860 } });
    const errors: string[] = [];
    context.on('weberror', (error) => errors.push(String(error.error())));
    await use(await context.newPage());
    await context.close();
    expect(errors).toEqual([]);
  },
});

async function recorded<T>(demo: Demo, what: string): Promise<T[]> {
  return (await (await fetch(`${demo.sandboxUrl}/__sandbox/${what}`)).json()) as T[];
}
const events = async (demo: Demo, metric?: string) => {
  const all = await recorded<RecordedEvent>(demo, 'events');
  return metric === undefined ? all : all.filter((event) => event.metric === metric);
};
/** How often each event of an order was recorded. */
async function orderEvents(demo: Demo): Promise<Record<string, number>> {
  const times: Record<string, number> = {};
  for (const { metric, uniqueId, endpoint } of await events(demo)) {
    const name = `${metric} ${uniqueId}`;
    if (endpoint.startsWith('api/')) times[name] = (times[name] ?? 0) + 1;
  }
  return times;
}

/** The inspector's sums of the events of orders. */
const sums = (page: Page): Promise<Record<string, number>> =>
  page
    .locator('[data-orders-sum]')
    .evaluateAll((cells) =>
      Object.fromEntries(
        (cells as HTMLElement[]).map((cell) => [cell.dataset.ordersSum, Number(cell.textContent)]),
      ),
    );
const press = (page: Page, name: string) =>
  page.locator('.qa').getByRole('button', { name, exact: true }).first().click();
const choose = (page: Page, value: string) =>
  page.locator(`.qa input[value=${value}]`).check({ force: true });

async function fillCart(page: Page, demo: Demo, ...slugs: string[]): Promise<void> {
  for (const slug of slugs) {
    await page.goto(`${demo.url}/products/${slug}`);
    await page.getByRole('button', { name: 'Add to cart' }).click();
    await expect(page.locator('[data-toast]')).toContainText('in your cart');
  }
}

async function fillForm(page: Page, email = 'ada@lovelace.shop'): Promise<void> {
  await page.fill('#email', email);
  await page.fill('#firstName', 'Ada');
  await page.fill('#lastName', 'Lovelace');
  await page.fill('#address', 'Dorset Street 1');
  await page.fill('#zip', 'W1U 4EG');
  await page.fill('#city', 'London');
}
const place = (page: Page) => page.getByRole('button', { name: 'Place the order' }).click();

async function confirmation(page: Page): Promise<string> {
  await page.waitForURL('**/thanks/*');
  await expect(page.locator('h1')).toHaveText('Thank you, Ada.');
  return (await page.locator('.summary h2').textContent()) ?? '';
}

test('an order reaches Klaviyo from the click, and its profile is the visitor’s', async ({
  demo,
  shopper,
}) => {
  // Nothing of the browser's own arrives before the order does: what the order brings is what joins them.
  await shopper.route('**/client/**', (route) => route.abort());
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
  const [profile, ...others] = await recorded<RecordedProfile>(demo, 'profiles');
  const visitor = await shopper.evaluate(() => window.klaviyo.client.visitor());
  expect(others).toEqual([]);
  expect(profile).toMatchObject({ email: visitor?.email, anonymousIds: [visitor?.anonymousId] });

  await shopper.unroute('**/client/**');
  await shopper.reload();
  await expect.poll(async () => (await events(demo, 'Viewed Product')).length).toBe(3);
  const everything = await events(demo);
  expect(new Set(everything.map(({ profileId }) => profileId))).toEqual(new Set([profile?.id]));
  const row = shopper.locator('.qa-orders li').first();
  await expect(row).toContainText('3 delivered');
  await expect(row).toContainText(/joins \d+ events of the browser/);
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
    .poll(() => sums(shopper), { timeout: 20_000 })
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

test('an order outlives the shop’s own restart', async ({ request }) => {
  const folder = mkdtempSync(join(tmpdir(), 'klaviyo-storefront-book-'));
  const body = {
    ...{ cartId: 'cart-of-ada', total: 64, items: [{ id: 'SM-104', quantity: 1 }] },
    customer: { email: 'ada@lovelace.shop', firstName: 'Ada', lastName: 'Lovelace' },
    address: { address1: 'Dorset Street 1', zip: 'W1U 4EG', city: 'London' },
  };
  try {
    const before = await startDemo({ ...anyPorts, folder });
    await before.desk.kill();
    const answer = await request.post(`${before.url}/orders`, { data: body });
    expect(answer.status()).toBe(201);
    expect(await events(before)).toEqual([]);
    await before.close();

    const after = await startDemo({ ...anyPorts, folder });
    await expect
      .poll(() => orderEvents(after))
      .toEqual({ 'Placed Order 1001': 1, 'Ordered Product 1001_1': 1 });
    // The same cart is the same order still, and the next one has the next number.
    const again = await request.post(`${after.url}/orders`, { data: body });
    expect(await again.json()).toMatchObject({ order: '1001' });
    const other = await request.post(`${after.url}/orders`, {
      data: { ...body, cartId: 'cart-of-grace' },
    });
    expect(await other.json()).toMatchObject({ order: '1002' });
    await after.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('another site cannot order, and cannot kill the endpoint', async ({ demo, request }) => {
  for (const headers of [{ origin: 'https://elsewhere.test' }, { host: 'elsewhere.test' }]) {
    const answer = await request.post(`${demo.url}/qa/endpoint/kill`, { headers, data: {} });
    expect(answer.status()).toBe(403);
  }
  // A form of another site can post text, and no JSON.
  const form = { headers: { 'content-type': 'text/plain' }, data: '{}' };
  expect((await request.post(`${demo.url}/qa/endpoint/kill`, form)).status()).toBe(403);
  expect(demo.desk.endpoint().state).toBe('running');
});

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('the endpoint ends with the demo, even with one that is killed, and leaves nothing', async () => {
  const server = new URL('../demo/server.mjs', import.meta.url).href;
  const code = `
    const { startDemo } = await import(${JSON.stringify(server)});
    const { desk } = await startDemo(${JSON.stringify(anyPorts)});
    console.log(JSON.stringify(desk.endpoint()));
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = await new Promise<string>((resolve) => {
    child.stdout.once('data', (text) => resolve(String(text)));
  });
  const { pid, folder } = JSON.parse(said) as { pid: number; folder: string };
  expect(isRunning(pid)).toBe(true);
  expect(existsSync(folder)).toBe(true);
  child.kill('SIGKILL');
  await expect.poll(() => isRunning(pid)).toBe(false);
  expect(existsSync(folder)).toBe(false);
});
