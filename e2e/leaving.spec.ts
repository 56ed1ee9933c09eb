import type { Page } from '@playwright/test';
import { chromiumArgs, findChromium } from '../test/run/browser.mjs';
import { test } from './support/fixture.js';
import { putTracker } from './support/on-page.js';

// Promise 2. An event tracked in the same task as `location.assign`, a form submit or `window.close` is
// not lost.
const ways: Record<string, (page: Page, numbers: number[], elsewhere: string) => Promise<unknown>> =
  {
    'location.assign': (page, numbers, elsewhere) =>
      page.evaluate(
        ([list, url]) => {
          for (const n of list) void tracker().track('Added to Cart', { n });
          location.assign(url);
        },
        [numbers, elsewhere] as const,
      ),
    'a form submit': (page, numbers) =>
      page.evaluate((list) => {
        const form = document.querySelector('form')!;
        form.addEventListener('submit', () => {
          for (const n of list) void tracker().track('Added to Cart', { n });
        });
        form.requestSubmit();
      }, numbers),
    'a click on a link': async (page, numbers) => {
      await page.evaluate((list) => {
        document.querySelector('a')!.addEventListener('click', () => {
          for (const n of list) void tracker().track('Added to Cart', { n });
        });
      }, numbers);
      await page.click('a');
    },
    'location.reload': (page, numbers) =>
      page.evaluate((list) => {
        for (const n of list) void tracker().track('Added to Cart', { n });
        location.reload();
      }, numbers),
  };

for (const [way, leave] of Object.entries(ways)) {
  const isBack = way === 'location.reload';
  test(`what was tracked in the same task as ${way} arrives${isBack ? '' : ' although nobody comes back'}`, async ({
    page,
    open,
    shop,
    ledger,
  }) => {
    await open(page, { options: { flushIntervalMs: isBack ? 500 : 60_000 } });
    const gone = page.waitForEvent('load');
    await leave(page, ledger.enter(3), shop.elsewhere);
    await gone;
    await ledger.balance();
  });

  test(`what was tracked offline in the same task as ${way} arrives on the next visit`, async ({
    page,
    open,
    shop,
    sandbox,
    ledger,
    context,
  }) => {
    await open(page);
    await sandbox.waitFor(() => sandbox.profiles().length === 1);
    // The shop is there, Klaviyo is not.
    sandbox.addFault({ reset: 'before' });
    const gone = page.waitForEvent('load');
    await leave(page, ledger.enter(3), shop.elsewhere);
    await gone;
    sandbox.clearFaults();
    await page.close();
    await open(await context.newPage());
    await ledger.balance();
  });
}

test('what was tracked in the same task as window.close is not lost', async ({
  page,
  open,
  ledger,
  context,
}) => {
  await open(page);
  const popup = context.waitForEvent('page');
  await page.evaluate(() => void window.open(location.href));
  const tab = await popup;
  await tab.waitForLoadState();
  // Its opener stays: the last tab of a window is ended by Chromium without pagehide or visibilitychange.
  await page.goto('about:blank');
  const closed = tab.waitForEvent('close');
  await tab
    .evaluate((list) => {
      for (const n of list) void tracker().track('Added to Cart', { n });
      window.close();
    }, ledger.enter(3))
    .catch(() => undefined); // the answer may come too late for a tab that is gone
  await closed;
  await open(page, { path: '/cart' });
  await ledger.balance();
});

test('what was tracked right before its tab is closed arrives', async ({ page, open, ledger }) => {
  await open(page);
  await page.evaluate((list) => {
    for (const n of list) void tracker().track('Added to Cart', { n });
  }, ledger.enter(3));
  await page.close();
  await ledger.balance();
});

// With the first one the tracker has nothing under way when the page is left; with the second it may have.
for (const { options, what } of [
  { options: { flushIntervalMs: 60_000, flushAt: 1000 }, what: 'nothing under way' },
  { options: {}, what: 'a flush about to begin' },
]) {
  test(`200 events and away with ${what}: what fits goes at once, the rest with the next visit`, async ({
    page,
    open,
    shop,
    sandbox,
    ledger,
  }) => {
    await open(page, { options });
    await page.evaluate(() => tracker().flush());
    await sandbox.waitFor(() => sandbox.profiles().length === 1);
    const numbers = ledger.enter(200);
    await page.evaluate(
      ([list, url]) => {
        // 200 of these are 200 kB; a page that is left can send 64 KiB.
        const Description = 'x'.repeat(1000);
        for (const n of list) void tracker().track('Viewed Product', { n, Description });
        location.assign(url);
      },
      [numbers, shop.elsewhere] as const,
    );
    await page.waitForURL(shop.elsewhere);
    await ledger.arrival(numbers.slice(0, 40));
    await open(page);
    await ledger.balance();
  });
}

// Chromium rejects the fetch of a page that is being left, although the request goes on, and does so
// before the listeners of pagehide are called, or between two of them.
for (const { isAlone, who } of [
  { isAlone: true, who: 'the tracker alone' },
  { isAlone: false, who: 'another script too' },
]) {
  test(`what is tracked while leaving arrives although a request is under way, with ${who} listening to pagehide`, async ({
    page,
    open,
    shop,
    sandbox,
    ledger,
  }) => {
    if (!isAlone) await page.addInitScript(() => addEventListener('pagehide', () => 0, true));
    sandbox.addFault({ endpoint: 'profiles', hang: true });
    await open(page);
    await sandbox.waitFor(() => sandbox.requests().length === 1);
    await page.evaluate(
      ([list, url]) => {
        for (const n of list) void tracker().track('Added to Cart', { n });
        location.assign(url);
      },
      [ledger.enter(3), shop.elsewhere] as const,
    );
    await page.waitForURL(shop.elsewhere);
    await ledger.balance();
  });
}

test('a tab that is hidden and shown again sends each event once', async ({
  page,
  open,
  ledger,
}) => {
  await open(page);
  for (let round = 0; round < 3; round++) {
    await page.evaluate(([before, hidden, shown]) => {
      const turn = (state: string): void => {
        Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
        document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
      };
      void tracker().track('Viewed Product', { n: before });
      turn('hidden');
      void tracker().track('Viewed Product', { n: hidden });
      turn('visible');
      void tracker().track('Viewed Product', { n: shown });
    }, ledger.enter(3));
  }
  await ledger.balance();
});

test('a page that comes back from the back/forward cache sends on', async ({
  playwright,
  shop,
  sandbox,
  ledger,
  watch,
}) => {
  const executablePath = findChromium();
  const browser = await playwright.chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: chromiumArgs,
    // Playwright switches the cache off by default.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
  const context = await browser.newContext();
  await watch.add(context);
  await putTracker(context);
  const page = await context.newPage();
  await page.goto(shop.url(sandbox.url));
  await page.evaluate(() => tracker().identify({ email: 'ada@shop.example' }));
  await page.evaluate(() => {
    addEventListener('pageshow', ({ persisted }) => Object.assign(window, { persisted }));
  });
  await page.evaluate(
    ([list, url]) => {
      for (const n of list) void tracker().track('Viewed Product', { n });
      location.assign(url);
    },
    [ledger.enter(3), shop.elsewhere] as const,
  );
  await page.waitForURL(shop.elsewhere);
  await page.goBack({ waitUntil: 'commit' });
  await page.waitForFunction(() => (window as unknown as { persisted?: boolean }).persisted);
  await ledger.track(page, 3);
  await ledger.balance();
  await browser.close();
});
