// The demo shop for tests: its pages, its inspector, and what its sandbox has recorded.
import { test as base, type Page, expect as soon } from '@playwright/test';
import type { RecordedEvent, RecordedProfile } from 'klaviyo-storefront/sandbox';
import { startDemo } from '../../demo/server.mjs';

export type Demo = Awaited<ReturnType<typeof startDemo>>;

// A demo is four programs, and the machine may have others.
export const expect = soon.configure({ timeout: 45_000 });
export const patient = { timeout: 240_000 };

export const anyPorts = { port: 0, sandboxPort: 0, ordersPort: 0 };

export const test = base.extend<{ demo: Demo; shopper: Page }>({
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
export const events = async (demo: Demo, metric?: string) => {
  const all = await recorded<RecordedEvent>(demo, 'events');
  return metric === undefined ? all : all.filter((event) => event.metric === metric);
};
export const profiles = (demo: Demo) => recorded<RecordedProfile>(demo, 'profiles');

/** How often each event of an order was recorded. */
export async function orderEvents(demo: Demo): Promise<Record<string, number>> {
  const times: Record<string, number> = {};
  for (const { metric, uniqueId, endpoint } of await events(demo)) {
    const name = `${metric} ${uniqueId}`;
    if (endpoint.startsWith('api/')) times[name] = (times[name] ?? 0) + 1;
  }
  return times;
}

/** The inspector's sums of the events of orders. */
export const sums = (page: Page): Promise<Record<string, number>> =>
  page
    .locator('[data-orders-sum]')
    .evaluateAll((cells) =>
      Object.fromEntries(
        (cells as HTMLElement[]).map((cell) => [cell.dataset.ordersSum, Number(cell.textContent)]),
      ),
    );
export const press = (page: Page, name: string) =>
  page.locator('.qa').getByRole('button', { name, exact: true }).first().click();
/** Again where the inspector shows what it has just learned in the moment of the click. */
export const choose = (page: Page, value: string) =>
  soon(() => page.locator(`.qa input[value=${value}]`).check({ force: true })).toPass();

export async function fillCart(page: Page, demo: Demo, ...slugs: string[]): Promise<void> {
  for (const slug of slugs) {
    await page.goto(`${demo.url}/products/${slug}`);
    await page.getByRole('button', { name: 'Add to cart' }).click();
    await expect(page.locator('[data-toast]')).toContainText('in your cart');
  }
}

export async function fillForm(page: Page, email = 'ada@lovelace.shop'): Promise<void> {
  await page.fill('#email', email);
  await page.fill('#firstName', 'Ada');
  await page.fill('#lastName', 'Lovelace');
  await page.fill('#address', 'Dorset Street 1');
  await page.fill('#zip', 'W1U 4EG');
  await page.fill('#city', 'London');
}
export const place = (page: Page) => page.getByRole('button', { name: 'Place the order' }).click();

export async function confirmation(page: Page): Promise<string> {
  await page.waitForURL('**/thanks/*');
  await expect(page.locator('h1')).toHaveText('Thank you, Ada.');
  return (await page.locator('.summary h2').textContent()) ?? '';
}
