import { expect, test } from './support/fixture.js';
import { startOnProfile } from './support/profile.js';

// Promise 1. Once `track()`'s promise resolves, the event is stored and survives reload, navigation, a
// closed tab and a killed browser.
test.describe('an event whose promise has resolved', () => {
  test.beforeEach(async ({ context }) => {
    await context.route('**/client/**', (route) => route.abort('internetdisconnected'));
  });

  test('arrives once, and no copy of it', async ({ page, open, ledger, context }) => {
    await context.unrouteAll();
    await open(page);
    await ledger.track(page, 10);
    expect(await ledger.balance()).toEqual({ copies: 0 });
  });

  test('survives a reload', async ({ page, open, ledger, context }) => {
    await open(page);
    await ledger.track(page, 5);
    await page.reload();
    await context.unrouteAll();
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await ledger.balance();
  });

  test('survives a navigation', async ({ page, open, ledger, context }) => {
    await open(page);
    await ledger.track(page, 5);
    await open(page, { path: '/cart' });
    await context.unrouteAll();
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await ledger.balance();
  });

  test('survives its tab', async ({ page, open, ledger, context }) => {
    await open(page);
    await ledger.track(page, 5);
    await page.close();
    await context.unrouteAll();
    await open(await context.newPage(), { path: '/cart' });
    await ledger.balance();
  });
});

test('100 offline events survive a browser that is killed as soon as they are stored', async ({
  shop,
  sandbox,
  watch,
  ledger,
}, testInfo) => {
  const folder = testInfo.outputPath('profile');
  const before = await startOnProfile(folder, watch);
  await before.page.goto(shop.url(sandbox.url));
  await before.page.evaluate(() => tracker().identify({ email: 'ada@shop.example' }));
  await sandbox.waitFor(() => sandbox.profiles().length === 1);
  await before.context.setOffline(true);
  await ledger.track(before.page, 100);
  await before.kill();
  expect(sandbox.events()).toEqual([]);

  const after = await startOnProfile(folder, watch);
  await after.page.goto(shop.url(sandbox.url));
  await ledger.balance();
  await after.context.close();
});
