import { expect, test } from './support/fixture.js';

// Promise 3. Klaviyo records each event once, whichever of the readings of its bulk rule is true.
for (const bulkDuplicates of ['fail', 'refuse', 'discard'] as const) {
  test.describe(`where Klaviyo is to ${bulkDuplicates} a bulk request with an event it has already`, () => {
    test.beforeEach(({ sandbox }) => sandbox.configure({ bulkDuplicates }));

    for (const count of [1, 40, 600]) {
      test(`${count} events are recorded once when the connection breaks after they were processed`, async ({
        page,
        open,
        sandbox,
        ledger,
      }) => {
        await open(page);
        await sandbox.waitFor(() => sandbox.profiles().length === 1);
        sandbox.addFault({ reset: 'after', times: 1 });
        await ledger.track(page, count);
        await ledger.arrival([1]);
        // Fresh ones, which must not get into the batch that is in doubt.
        await ledger.track(page, 3);
        const { copies } = await ledger.balance({ timeoutMs: 30_000 });
        expect(copies).toBeGreaterThan(0);
      });
    }

    test('40 events are recorded once when the page is left before the answer to its last request', async ({
      page,
      open,
      shop,
      sandbox,
      ledger,
    }) => {
      await open(page);
      await sandbox.waitFor(() => sandbox.profiles().length === 1);
      sandbox.addFault({ delayMs: 300 });
      const numbers = ledger.enter(40);
      await page.evaluate(
        ([list, url]) => {
          for (const n of list) void tracker().track('Viewed Product', { n });
          location.assign(url);
        },
        [numbers, shop.elsewhere] as const,
      );
      await page.waitForURL(shop.elsewhere);
      await ledger.arrival(numbers);
      sandbox.clearFaults();
      // Nobody has told the tracker that they arrived.
      await open(page, { path: '/cart' });
      await ledger.track(page, 30);
      await ledger.balance();
    });
  });
}
