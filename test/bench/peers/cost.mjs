// What each of them costs a page: bytes, the start, the calls, and a backlog.
import { setTimeout as sleep } from 'node:timers/promises';
import { modulesOf, sizesOf } from './bundles.mjs';
import { startCollector } from './collector.mjs';

const CALLS = 1000;
/** Calls of one task, and the time to the next: who delivers at once should not have them all pile up. */
const CALLS_A_TASK = 10;
const GAP_MS = 50;
const DELIVERY = { lingerMs: 250, quietMs: 4000, limitMs: 20_000 };
const BACKLOG_DELIVERY = { lingerMs: 250, quietMs: 10_000, limitMs: 40_000 };
const STORE_MS = 2000;
const BUSY_MAX_MS = 45_000;

const namesOf = (of, count = CALLS) => Array.from({ length: count }, (_, n) => `${of}-${n}`);
const email = 'ada@lovelace.shop';

/** Runs in the page: evaluates the script and says who the visitor is. In ms. */
async function evaluateScript({ source, address }) {
  const text = await (await fetch(source)).text();
  const startAt = performance.now();
  // biome-ignore lint/security/noGlobalEval: it is compiled and run here and now, and that is what is timed
  window.eval(text);
  window.tracker.identify(address);
  const tookMs = performance.now() - startAt;
  await window.tracker.ready;
  return tookMs;
}

/** Runs in the page, and writes into `window.calls` how many calls have been made, and how long they took. */
async function callMany({ names, atOnce, gapMs }) {
  window.calls = { count: 0, tookMs: 0, longestMs: 0 };
  window.observer ??= new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      window.calls.longestMs = Math.max(window.calls.longestMs, duration);
    }
  });
  window.observer.observe({ type: 'longtask' });
  for (let from = 0; from < names.length; from += atOnce) {
    await new Promise((resolve) => setTimeout(resolve, gapMs));
    const startAt = performance.now();
    window.trackAll(names.slice(from, from + atOnce));
    window.calls.tookMs += performance.now() - startAt;
    window.calls.count += atOnce;
  }
}

/** Who is still busy with a thousand calls after `BUSY_MAX_MS` is not waited for. */
async function call(page, names) {
  const parts = { names, atOnce: CALLS_A_TASK, gapMs: GAP_MS };
  const called = page.evaluate(callMany, parts).catch(() => {}); // the page was closed on it
  await Promise.race([called, sleep(BUSY_MAX_MS, undefined, { ref: false })]);
}

/** @param {{ variant: object; shop: object; browser: object; userAgent: string; withBacklog: boolean }} parts */
export async function measureCost({ variant, shop, browser, userAgent, withBacklog }) {
  const collector = await startCollector(variant.adapter);
  const context = await browser.newContext({ userAgent });
  try {
    const page = await context.newPage();
    await page.goto(shop.urlOf('nothing', collector));
    const devtools = await context.newCDPSession(page);
    // Time on the processor, so that what else the machine does is left out.
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
    /** Milliseconds the main thread has been busy since the page was opened. */
    const busyMs = async () => {
      const { metrics } = await devtools.send('Performance.getMetrics');
      return metrics.find(({ name }) => name === 'TaskDuration').value * 1000;
    };

    const beforeStart = await busyMs();
    const source = `/scripts/${variant.id}.js`;
    const startMs = await page.evaluate(evaluateScript, { source, address: email });
    await sleep(1000);
    const startBusyMs = (await busyMs()) - beforeStart;

    const names = namesOf('call');
    const beforeCalls = await busyMs();
    await call(page, names);
    await collector.settle(names, DELIVERY);
    const { count, tookMs, longestMs } = await page.evaluate(() => window.calls);
    const callMs = tookMs / count;
    const callBusyMs = ((await busyMs()) - beforeCalls) / count;
    const figures = { startMs, startBusyMs, callMs, callBusyMs, longestMs };
    if (!withBacklog) return figures;
    return { ...figures, backlog: await measureBacklog({ collector, context, page }) };
  } finally {
    await context.close();
    await collector.close();
  }
}

async function measureBacklog({ collector, context, page }) {
  const names = namesOf('backlog');
  await context.setOffline(true);
  await collector.goDown();
  collector.forget();
  await call(page, names);
  await sleep(STORE_MS);
  await collector.comeUp();
  await context.setOffline(false);
  const onlineAt = Date.now();
  await collector.settle(names, BACKLOG_DELIVERY);
  const { requests } = collector;
  return {
    ...collector.count(names),
    requests: requests.length,
    preflights: collector.preflights(),
    bytes: requests.reduce((sum, { bytes }) => sum + bytes, 0),
    tookMs: Math.max(0, collector.lastArrivalAt() - onlineAt),
  };
}

/** Bytes of what the page loads until its first event has arrived, as a bundler splits it. */
export async function measureSizes({ variant, shop, files, browser, userAgent }) {
  const modules = await modulesOf(variant);
  for (const [name, text] of modules) files.set(`/modules/${variant.id}/${name}`, text);
  const collector = await startCollector(variant.adapter);
  const context = await browser.newContext({ userAgent });
  try {
    const page = await context.newPage();
    shop.asked.length = 0;
    await page.goto(shop.urlOf(variant.id, collector, '&modules'));
    await page.waitForFunction(() => window.tracker);
    await page.evaluate((address) => {
      window.tracker.identify(address);
      window.trackAll(['first']);
    }, email);
    await collector.settle(['first'], { ...DELIVERY, quietMs: 20_000 });
    if (collector.count(['first']).lost) throw new Error(`${variant.name} sends nothing.`);
    return sizesOf([...new Set(shop.asked)].map((path) => files.get(path)));
  } finally {
    await context.close();
    await collector.close();
  }
}
