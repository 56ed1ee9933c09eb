import type { BrowserContext } from '@playwright/test';
import { expect, test } from './support/fixture.js';
import { putTracker } from './support/on-page.js';

const bounces = 50;
const atOnce = 5;

// Who they are comes with the address, or is said in the same task as the event.
for (const known of ['_kx in the address', 'identify in the same task'] as const) {
  test(`of ${bounces} new visitors, known by ${known}, who leave in the task of their first event and never return, ${bounces} are counted`, async ({
    browser,
    shop,
    sandbox,
    ledger,
    watch,
  }) => {
    const bounce = async (n: number): Promise<BrowserContext> => {
      const context = await browser.newContext();
      await watch.add(context);
      await putTracker(context);
      const page = await context.newPage();
      const query = known === '_kx in the address' ? { _kx: `visitor${n}.AbC123` } : {};
      await page.goto(shop.url(sandbox.url, { query }));
      await page.evaluate(
        ([number, email, url]) => {
          if (email) void tracker().identify({ email });
          void tracker().track('Viewed Product', { n: number });
          location.assign(url);
        },
        [n, '_kx' in query ? '' : `visitor${n}@shop.example`, shop.elsewhere] as const,
      );
      await page.waitForURL(shop.elsewhere);
      return context;
    };

    for (let round = 0; round < bounces / atOnce; round++) {
      const numbers = ledger.enter(atOnce);
      const contexts = await Promise.all(numbers.map(bounce));
      // A context that is closed takes its network along, which a browser does not do to a visitor who leaves.
      await ledger.arrival(numbers, 3000).catch(() => undefined);
      console.log(round, Date.now()%100000, numbers.filter((n)=>!ledger.has([n])), JSON.stringify(sandbox.requests().length)); for (const context of contexts) await context.close(); console.log('closed', Date.now()%100000);
      watch.contexts.splice(1);
    }
    await ledger.balance();
    expect(new Set(sandbox.events().map(({ profileId }) => profileId)).size).toBe(bounces);
  });
}
