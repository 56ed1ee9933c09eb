/** The story the README tells: shop, lose the network, leave, come back, and every event is there once. */
import { type Page, test } from '@playwright/test';
import { startDemo } from '../demo/server.mjs';
import { anyPorts, expect, patient } from './support/demo-shop.js';

test.describe.configure(patient);

/** The inspector's own sums. */
const sums = (page: Page): Promise<Record<string, number>> =>
  page
    .locator('[data-sum]')
    .evaluateAll((cells) =>
      Object.fromEntries(
        (cells as HTMLElement[]).map((cell) => [cell.dataset.sum, Number(cell.textContent)]),
      ),
    );
const network = (page: Page, state: string) =>
  page.locator(`input[value=${state}]`).check({ force: true });
const press = (page: Page, name: string) =>
  page.locator('.qa').getByRole('button', { name, exact: true }).click();

test('a visitor of the demo shop loses the network, leaves, comes back, and loses no event', async ({
  browser,
}) => {
  const demo = await startDemo(anyPorts);
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 } });
  const errors: string[] = [];
  context.on('weberror', (error) => errors.push(String(error.error())));
  try {
    const page = await context.newPage();
    await page.goto(`${demo.url}/products/reed-bowl`);
    // Nobody knows who this is yet.
    await expect.poll(() => sums(page)).toMatchObject({ tracked: 1, recorded: 0, waiting: 1 });
    await page.click('[data-account]');
    await page.fill('#sign-in-email', 'ada@lovelace.shop');
    await page.keyboard.press('Enter');
    await expect.poll(() => sums(page)).toMatchObject({ recorded: 1, waiting: 0 });

    await network(page, 'offline');
    await page.getByRole('button', { name: 'Buy now' }).click();
    await page.waitForURL('**/cart');
    await press(page, 'Track 40');
    await expect.poll(async () => (await sums(page)).waiting).toBeGreaterThan(40);
    await page.close();

    const again = await context.newPage();
    await again.goto(`${demo.url}/checkout`);
    await expect.poll(async () => (await sums(again)).waiting).toBeGreaterThan(41);
    await network(again, 'online');
    await expect
      .poll(() => sums(again))
      .toMatchObject({ waiting: 0, dropped: 0, lost: 0, doubled: 0 });
    const { tracked, recorded } = await sums(again);
    expect(tracked).toBeGreaterThan(42);
    expect(recorded).toBe(tracked);

    // The other way in: the npm import, on a page that is one document.
    await again.goto(`${demo.url}/app`);
    await press(again, 'Track 1');
    await expect.poll(async () => (await sums(again)).recorded).toBeGreaterThan(Number(recorded));
    await expect.poll(() => sums(again)).toMatchObject({ waiting: 0, lost: 0, doubled: 0 });
    expect(errors).toEqual([]);
  } finally {
    await context.close();
    await demo.close();
  }
});
