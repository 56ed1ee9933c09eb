import type { BrowserContext } from '@playwright/test';
import { expect, test } from './support/fixture.js';
import { putTracker } from './support/on-page.js';

const bounces = 50;
// Few: Chromium ends a page that does not get its turn within half a second of being left.
const atOnce = 2;

test(`of ${bounces} new visitors who leave in the task of their first event and never return, ${bounces} are counted`, async ({
  browser,
  shop,
  sandbox,
  ledger,
  watch,
}) => {
  test.setTimeout(180_000);

  /** Each has a profile of their own. Half come by a link in a mail, half say who they are in that task. */
  const bounce = async (n: number): Promise<BrowserContext> => {
    const context = await browser.newContext();
    await watch.add(context);
    await putTracker(context);
    const page = await context.newPage();
    const isByLink = n % 2 > 0;
    const query = isByLink ? { _kx: `visitor${n}.AbC123` } : {};
    await page.goto(shop.url(sandbox.url, { query }));
    await page.evaluate(
      ([number, email, url]) => {
        if (email) void tracker().identify({ email });
        void tracker().track('Viewed Product', { n: number });
        location.assign(url);
      },
      [n, isByLink ? '' : `visitor${n}@shop.example`, shop.elsewhere] as const,
    );
    await page.waitForURL(shop.elsewhere);
    return context;
  };

  for (let round = 0; round < bounces / atOnce; round++) {
    const numbers = ledger.enter(atOnce);
    const contexts = await Promise.all(numbers.map(bounce));
    // A context that is closed takes its network along, which a browser does not do to a visitor who leaves.
    await ledger.arrival(numbers, 10_000).catch(() => undefined);
    await Promise.all(contexts.map((context) => context.close()));
    watch.contexts.splice(1);
  }
  await ledger.balance();
  expect(new Set(sandbox.events().map(({ profileId }) => profileId)).size).toBe(bounces);
});
