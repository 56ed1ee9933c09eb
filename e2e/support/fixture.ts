import { test as base, expect, type Page } from '@playwright/test';
import { createSandbox, type Sandbox } from 'klaviyo-storefront/sandbox';
import { createLedger, type Ledger } from './ledger.js';
import { putTracker } from './on-page.js';
import { createShop, type Shop, type Visit } from './shop.js';
import { createWatch, type Watch } from './watch.js';

export interface Fixtures {
  /** A Klaviyo of the test's own. */
  sandbox: Sandbox;
  ledger: Ledger;
  watch: Watch;
  /** Opens a page of the shop, as a visitor who is known unless `isKnown` is false. */
  open(page: Page, visit?: Visit & { isKnown?: boolean }): Promise<void>;
}

export const test = base.extend<Fixtures, { shop: Shop }>({
  shop: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the wanted fixtures from it.
    async ({}, use) => {
      const shop = await createShop();
      await use(shop);
      await shop.close();
    },
    { scope: 'worker' },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the wanted fixtures from it.
  sandbox: async ({}, use) => {
    const sandbox = await createSandbox();
    await use(sandbox);
    await sandbox.close();
  },
  watch: async ({ context }, use) => {
    const watch = createWatch();
    await watch.add(context);
    await putTracker(context);
    await use(watch);
    expect(watch.errors).toEqual([]);
    expect(watch.warnings).toEqual([]);
  },
  ledger: async ({ sandbox, watch }, use, testInfo) => {
    const ledger = createLedger(sandbox, watch);
    await use(ledger);
    if (testInfo.status === 'passed') {
      expect(ledger.isBalanced(), 'the test has asked the question it has to end with').toBe(true);
    }
  },
  open: async ({ shop, sandbox, watch: _ }, use) => {
    await use(async (page, { isKnown = true, ...visit } = {}) => {
      await page.goto(shop.url(sandbox.url, visit));
      if (isKnown) await page.evaluate(() => tracker().identify({ email: 'ada@shop.example' }));
    });
  },
});

export { expect };
