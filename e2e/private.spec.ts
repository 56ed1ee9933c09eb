import type { Page } from '@playwright/test';
import { expect, test } from './support/fixture.js';

// Promise 6. Without consent nothing is stored and nothing is sent.
const stored = (page: Page) =>
  page.evaluate(async () => ({
    databases: (await indexedDB.databases()).map(({ name }) => name),
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    cookies: document.cookie,
  }));
const nothing = { databases: [], local: [], session: [], cookies: '' };

const trackUnasked = (page: Page, numbers: number[]) =>
  page.evaluate((list) => {
    void tracker().identify({ email: 'ada@shop.example' });
    for (const n of list) void tracker().track('Viewed Product', { n });
  }, numbers);

test('a visitor who has not been asked yet leaves no trace', async ({
  page,
  open,
  sandbox,
  ledger,
}) => {
  await open(page, { isKnown: false, options: { consent: 'pending' } });
  const numbers = ledger.enter(3);
  await trackUnasked(page, numbers);
  await page.evaluate(() => tracker().flush());
  expect(await stored(page)).toEqual(nothing);
  // Leaving is what makes the tracker store and send what it has.
  await open(page, { isKnown: false, by: 'nothing' });
  expect(await stored(page)).toEqual(nothing);
  expect(sandbox.requests()).toEqual([]);
  await ledger.balance({ waiting: numbers });
});

test('consent that comes late delivers what was tracked before', async ({
  page,
  open,
  sandbox,
  ledger,
}) => {
  await open(page, { isKnown: false, options: { consent: 'pending' } });
  await trackUnasked(page, ledger.enter(3));
  await page.evaluate(() => tracker().consent('granted'));
  await ledger.track(page, 2);
  await ledger.balance();
  expect(sandbox.profiles().map(({ email }) => email)).toEqual(['ada@shop.example']);
});

test('consent that is refused drops what was tracked before', async ({
  page,
  open,
  sandbox,
  ledger,
  watch,
}) => {
  await open(page, { isKnown: false, options: { consent: 'pending' } });
  await page.evaluate((list) => {
    for (const n of list) void tracker().track('Viewed Product', { n });
  }, ledger.enter(3));
  await page.evaluate(() => tracker().consent('denied'));
  expect(await stored(page)).toEqual(nothing);
  expect(sandbox.requests()).toEqual([]);
  await expect.poll(() => watch.dropped.length).toBe(3);
  await ledger.balance({ dropped: { 1: 'consent', 2: 'consent', 3: 'consent' } });
});

test('consent that is taken back wipes everything, in every tab', async ({
  page,
  context,
  open,
  sandbox,
  ledger,
  watch,
}) => {
  await open(page);
  const other = await context.newPage();
  await open(other, { path: '/cart' });
  await sandbox.waitFor(() => sandbox.profiles().length === 1);
  await context.setOffline(true);
  await ledger.track(page, 2);
  await page.evaluate(() => tracker().consent('denied'));
  const { local, session, cookies } = await stored(page);
  expect({ local, session, cookies }).toEqual({ local: [], session: [], cookies: '' });
  const rows = await page.evaluate(async () => {
    const counts: number[] = [];
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve) => {
        const opening = indexedDB.open(name);
        opening.onsuccess = () => resolve(opening.result);
      });
      for (const store of database.objectStoreNames) {
        const counting = database.transaction(store).objectStore(store).count();
        await new Promise((resolve) => {
          counting.onsuccess = resolve;
        });
        counts.push(counting.result);
      }
      database.close();
    }
    return counts.reduce((sum, count) => sum + count, 0);
  });
  expect(rows).toBe(0);

  await context.setOffline(false);
  await ledger.track(page, 1);
  const consent = () => other.evaluate(async () => (await tracker().inspect()).consent);
  await expect.poll(consent).toBe('denied');
  await ledger.track(other, 1);
  await expect.poll(() => watch.dropped.length).toBe(4);
  await ledger.balance({ dropped: { 1: 'consent', 2: 'consent', 3: 'consent', 4: 'consent' } });
  expect(sandbox.requests()).toHaveLength(1);
});

test('Global Privacy Control is a refusal where respectGpc is on', async ({
  page,
  open,
  sandbox,
  ledger,
}) => {
  await page.addInitScript(() => {
    Object.defineProperty(navigator, 'globalPrivacyControl', { value: true });
  });
  await open(page, { isKnown: false, options: { respectGpc: true } });
  await ledger.track(page, 1);
  await page.evaluate(() => tracker().consent('granted'));
  await ledger.track(page, 1);
  expect(await stored(page)).toEqual(nothing);
  expect(sandbox.requests()).toEqual([]);
  await ledger.balance({ dropped: { 1: 'consent', 2: 'consent' } });
});

test("klaviyo.js's opt-out cookie is a refusal", async ({
  page,
  context,
  shop,
  open,
  sandbox,
  ledger,
}) => {
  await context.addCookies([{ name: '__kla_off', value: 'true', url: shop.origin }]);
  await open(page, { isKnown: false });
  await ledger.track(page, 1);
  expect(await stored(page)).toEqual({ ...nothing, cookies: '__kla_off=true' });
  expect(sandbox.requests()).toEqual([]);
  await ledger.balance({ dropped: { 1: 'consent' } });
});
