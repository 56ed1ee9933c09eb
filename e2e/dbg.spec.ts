import type { BrowserContext } from '@playwright/test';
import { test } from './support/fixture.js';
import { putTracker } from './support/on-page.js';
for (let k = 0; k < 2; k++) test(`dbg ${k}`, async ({ browser, shop, sandbox, ledger, watch }) => {
  test.setTimeout(560_000);
  const bounce = async (n: number): Promise<[BrowserContext, import('@playwright/test').Page]> => {
    const context = await browser.newContext();
    await watch.add(context); await putTracker(context);
    await context.addInitScript(() => {
      const f = window.fetch; const log: unknown[] = [];
      const note = (...x: unknown[]) => { log.push([performance.now() | 0, document.visibilityState, ...x]); try { localStorage.setItem('dbg', JSON.stringify(log)); } catch {} };
      for (const t of ['visibilitychange', 'pagehide']) addEventListener(t, () => note(t), true);
      (window as any).note = note;
      window.fetch = (u, o) => { note('fetch', `${u}`.slice(-40), (o as any).keepalive); return f(u, o).then((r) => (note('answer', `${u}`.slice(-40), r.status), r), (e) => { note('error', `${u}`.slice(-40), `${e}`); throw e; }); };
    });
    const page = await context.newPage();
    await page.goto(shop.url(sandbox.url));
    await page.evaluate(([number, email, url]) => {
        (window as any).note('task');
        void tracker().identify({ email }); void tracker().track('Viewed Product', { n: number });
        location.assign(url);
      }, [n, `visitor${n}@shop.example`, shop.elsewhere] as const);
    await page.waitForURL(shop.elsewhere);
    return [context, page];
  };
  for (let round = 0; round < 60; round++) {
    const numbers = ledger.enter(5);
    const pairs = await Promise.all(numbers.map(bounce));
    const t = Date.now();
    await ledger.arrival(numbers).catch(() => undefined);
    const missing = numbers.filter((n) => !ledger.has([n]));
    if (missing.length) {
      await ledger.arrival(numbers, 20000).catch(() => undefined);
      console.log('MISSING', missing, 'after 25s', numbers.filter((n) => !ledger.has([n])), Date.now() - t);
      for (const n of missing) {
        const [, page] = pairs[numbers.indexOf(n)]!;
        await page.goto(shop.url(sandbox.url, { by: 'nothing' }));
        console.log(n, await page.evaluate(async () => {
          const db = await new Promise<IDBDatabase>((r) => { const q = indexedDB.open('klaviyo-storefront:AbC123'); q.onsuccess = () => r(q.result); });
          const rows = db.objectStoreNames.length ? await new Promise((r) => { const q = db.transaction('events').objectStore('events').getAll(); q.onsuccess = () => r(q.result); }) : 'no store';
          return JSON.stringify({ ls: { ...localStorage }, rows }, null, 1);
        }));
      }
      break;
    }
    await Promise.all(pairs.map(([c]) => c.close())); watch.contexts.splice(1);
  }
  ledger.isBalanced(); await ledger.balance();
});
