import { expect, test } from './support/fixture.js';

// Promise 7. It never throws into the page.
test('no call throws or rejects, whatever it is given', async ({ page, open, ledger, watch }) => {
  await open(page);
  await page.evaluate(async () => {
    const trap = new Proxy(
      {},
      {
        get: () => {
          throw new Error('trap');
        },
        ownKeys: () => {
          throw new Error('trap');
        },
      },
    );
    const given: unknown[] = [undefined, null, 0, '', NaN, 10n, Symbol('s'), () => 0, [], trap, {}];
    const calls = tracker() as unknown as Record<string, (...args: unknown[]) => unknown>;
    for (const value of given) {
      await calls.track?.(value);
      await calls.track?.('Viewed Product', value);
      await calls.track?.('', {}, value);
      await calls.identify?.(value);
      for (const method of ['identify', 'trackViewedItem', 'push', 'openForm']) {
        await window.klaviyo[method]?.(value);
      }
      await window.klaviyo.track?.(value, value);
    }
  });
  await ledger.track(page, 2, 'Still Here');
  await ledger.arrival([1, 2]);
  // Some of it can be understood with good will; what cannot is reported, and not left for Klaviyo to refuse.
  expect(watch.dropped.length).toBeGreaterThan(10);
  expect(watch.dropped.filter(({ reason }) => reason !== 'invalid')).toEqual([]);
  watch.dropped.splice(0);
  await ledger.balance({ besides: ['Viewed Product'] });
});

test('a fetch that another script has broken costs no event', async ({ page, open, ledger }) => {
  await open(page);
  await page.evaluate(() => {
    const { fetch } = window;
    Object.assign(window, {
      fetch: () => {
        throw new Error('broken');
      },
      mend: () => Object.assign(window, { fetch }),
    });
  });
  await ledger.track(page, 2);
  await page.evaluate(() => tracker().flush());
  await page.evaluate(() => (window as unknown as { mend(): void }).mend());
  await ledger.balance();
});

test("a listener's exception is the page's own and silences nobody", async ({
  page,
  open,
  ledger,
  watch,
}) => {
  await open(page);
  const heard = page.evaluate(
    () =>
      new Promise((resolve) => {
        tracker().on('delivered', () => {
          throw new Error("the page's own");
        });
        tracker().on('delivered', (report) => {
          if (report.metric) resolve(report);
        });
      }),
  );
  await ledger.track(page, 1);
  expect(await heard).toMatchObject({ metric: 'Viewed Product' });
  await ledger.balance();
  await expect.poll(() => watch.errors.length).toBeGreaterThan(0);
  expect(watch.errors.filter((error) => !error.includes("the page's own"))).toEqual([]);
  watch.errors.splice(0);
});
