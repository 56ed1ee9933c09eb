import type { BrowserContext, Page } from '@playwright/test';
import { expect, test } from './support/fixture.js';

const storage = (page: Page) => page.evaluate(async () => (await tracker().inspect()).storage);

/** Leaves the origin's IndexedDB no room. Holds as long as the page is open. */
async function fillIndexedDb(context: BrowserContext, page: Page, origin: string): Promise<void> {
  const devtools = await context.newCDPSession(page);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
}

/** Leaves no room for a single character in localStorage. */
const fillLocalStorage = (page: Page) =>
  page.evaluate(() => {
    for (let size = 2 ** 20, index = 0; size >= 1; index++) {
      try {
        localStorage.setItem(`filler-${index}`, 'x'.repeat(size));
      } catch {
        size = Math.floor(size / 2);
      }
    }
  });

test('a full IndexedDB: localStorage keeps the events', async ({
  page,
  context,
  shop,
  open,
  sandbox,
  ledger,
}) => {
  await fillIndexedDb(context, page, shop.origin);
  await open(page);
  await sandbox.waitFor(() => sandbox.profiles().length === 1);
  sandbox.addFault({ reset: 'before' });
  await ledger.track(page, 3);
  expect(await storage(page)).toBe('localstorage');
  await page.reload();
  sandbox.clearFaults();
  await ledger.balance();
});

test('a full IndexedDB and a full localStorage: events are in memory, and sent', async ({
  page,
  context,
  shop,
  open,
  ledger,
}) => {
  await fillIndexedDb(context, page, shop.origin);
  await open(page, { by: 'nothing', isKnown: false });
  await fillLocalStorage(page);
  await open(page);
  await ledger.track(page, 3);
  expect(await storage(page)).toBe('memory');
  await ledger.balance();
});

test('a full IndexedDB and a full localStorage: what is tracked while leaving is sent', async ({
  page,
  context,
  shop,
  open,
  ledger,
}) => {
  await fillIndexedDb(context, page, shop.origin);
  await open(page, { by: 'nothing', isKnown: false });
  await fillLocalStorage(page);
  await open(page);
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

test('a full localStorage: IndexedDB keeps the events', async ({ page, open, sandbox, ledger }) => {
  await open(page, { by: 'nothing', isKnown: false });
  await fillLocalStorage(page);
  await open(page);
  await sandbox.waitFor(() => sandbox.profiles().length === 1);
  sandbox.addFault({ reset: 'before' });
  await ledger.track(page, 3);
  expect(await storage(page)).toBe('indexeddb');
  sandbox.clearFaults();
  await page.reload();
  await ledger.balance();
});

const blocked: Record<string, () => void> = {
  'throws when it is opened': () => {
    indexedDB.open = () => {
      throw new DOMException('Not here.', 'SecurityError');
    };
  },
  'never answers': () => {
    indexedDB.open = () => new EventTarget() as IDBOpenDBRequest;
  },
  'throws when it is looked at': () => {
    Object.defineProperty(window, 'indexedDB', {
      get: () => {
        throw new DOMException('Not here.', 'SecurityError');
      },
    });
  },
  'is not there': () => {
    Object.defineProperty(window, 'indexedDB', { value: undefined });
  },
};
for (const [how, block] of Object.entries(blocked)) {
  test(`an IndexedDB that ${how}: localStorage keeps the events`, async ({
    page,
    open,
    sandbox,
    ledger,
  }) => {
    await page.addInitScript(block);
    await open(page);
    await ledger.track(page, 2);
    await ledger.arrival([1, 2]);
    expect(await storage(page)).toBe('localstorage');
    sandbox.addFault({ reset: 'before' });
    await ledger.track(page, 3);
    sandbox.clearFaults();
    await page.reload();
    await ledger.balance();
  });
}

test('all storage is blocked: events are sent all the same', async ({ page, open, ledger }) => {
  await page.addInitScript(() => {
    for (const name of ['indexedDB', 'localStorage', 'sessionStorage']) {
      Object.defineProperty(window, name, {
        get: () => {
          throw new DOMException('Not here.', 'SecurityError');
        },
      });
    }
  });
  await open(page);
  await ledger.track(page, 3);
  expect(await storage(page)).toBe('memory');
  await ledger.balance();
});

test('an IndexedDB that is taken away in mid-session loses nothing of this page', async ({
  page,
  context,
  shop,
  open,
  sandbox,
  ledger,
}) => {
  await open(page);
  await sandbox.waitFor(() => sandbox.profiles().length === 1);
  await context.setOffline(true);
  await ledger.track(page, 5);
  const devtools = await context.newCDPSession(page);
  const what = { origin: shop.origin, storageTypes: 'indexeddb' };
  await devtools.send('Storage.clearDataForOrigin', what);
  await ledger.track(page, 5);
  await context.setOffline(false);
  await ledger.balance();
});
