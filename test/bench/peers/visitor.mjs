// One visitor with one of them: opens pages, tracks, goes offline, is killed.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startOnProfile } from './browsers.mjs';
import { startCollector } from './collector.mjs';

/** How long a view may take to arrive before what matters begins. */
const WARM_UP = { lingerMs: 500, quietMs: 6000, limitMs: 8000 };

/**
 * @param {{ variant: object; shop: object; browser: object; userAgent: string; onProfile?: boolean; turn: Function }} parts
 * `onProfile`: with a browser of its own, which can be killed
 */
export async function createVisitor({ variant, shop, browser, userAgent, onProfile, turn }) {
  const collector = await startCollector(variant.adapter);
  const folder = onProfile && (await mkdtemp(join(tmpdir(), 'peers-')));
  const start = () => startOnProfile(folder, userAgent);
  let own;
  const pages = [];
  const url = (more) => shop.urlOf(variant.id, collector, more);
  let views = 0;

  const isReady = async (page) => {
    await page.waitForFunction(() => window.tracker);
    // What never gets ready has to be seen by what it loses.
    await Promise.race([page.evaluate(async () => void (await window.tracker.ready)), sleep(5000)]);
  };
  const view = (page = pages.at(-1)) => {
    views++;
    return page.evaluate((n) => window.trackAll([n]), `view-${views}`);
  };
  const open = async () => {
    const page = await own.context.newPage();
    pages.push(page);
    await page.goto(url());
    await isReady(page);
    await view(page);
    return page;
  };

  const visitor = {
    ...{ collector, turn, open, view },
    page: () => pages.at(-1),
    track: (names) => pages.at(-1).evaluate((all) => window.trackAll(all), names),
    async trackAndLeave(name) {
      const page = pages.at(-1);
      const next = url(`&after=${name}`);
      const isThere = page.waitForURL(next);
      await page.evaluate(
        ({ n, to }) => {
          window.trackAll([n]);
          location.assign(to);
        },
        { n: name, to: next },
      );
      await isThere;
      await isReady(page);
    },
    async goToNextPage() {
      const page = pages.at(-1);
      await page.goto(url('&next'));
      await isReady(page);
      await view(page);
    },
    /** As a visitor does it: with `beforeunload`, in which some send or store what they have. */
    async closePage() {
      const page = pages.at(-1);
      const gone = page.waitForEvent('close');
      await page.close({ runBeforeUnload: true });
      await gone;
    },
    /** The browser says so, and the server is not there: what is sent while a tab closes evades the browser's switch. */
    async goOffline() {
      await own.context.setOffline(true);
      await collector.goDown();
    },
    async goOnline() {
      await collector.comeUp();
      await own.context.setOffline(false);
    },
    kill: () => own.kill(),
    async startAgain() {
      own = await start();
    },
    async close() {
      try {
        await own?.context.close();
      } finally {
        await collector.close();
        if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      }
    },
  };

  try {
    // In a turn: a browser that starts keeps a small machine busy.
    await turn(async () => {
      own = folder ? await start() : { context: await browser.newContext({ userAgent }) };
      const page = await open();
      await page.evaluate(() => window.tracker.identify('ada@lovelace.shop'));
    });
  } catch (error) {
    await visitor.close();
    throw error;
  }
  await collector.settle(['view-1'], WARM_UP);
  return visitor;
}
