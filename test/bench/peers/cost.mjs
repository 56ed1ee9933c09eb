// What each of them costs a page: bytes, the start, and the calls.
import { setTimeout as sleep } from 'node:timers/promises';
import { modulesOf, sizesOf } from './bundles.mjs';
import { callMany, namesOf } from './calls.mjs';
import { startCollector } from './collector.mjs';

const DELIVERY = { lingerMs: 250, quietMs: 4000, limitMs: 20_000 };

const email = 'ada@lovelace.shop';

/** Runs in the page: evaluates the script and says who the visitor is. In ms. */
async function evaluateScript({ source, address }) {
  const text = await (await fetch(source)).text();
  window.longestMs = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      window.longestMs = Math.max(window.longestMs, duration);
    }
  }).observe({ type: 'longtask' });
  const startAt = performance.now();
  // biome-ignore lint/security/noGlobalEval: it is compiled and run here and now, and that is what is timed
  window.eval(text);
  window.tracker.identify(address);
  const tookMs = performance.now() - startAt;
  await Promise.race([window.tracker.ready, new Promise((resolve) => setTimeout(resolve, 5000))]);
  return tookMs;
}

/** @param {{ variant: object; shop: object; browser: object; userAgent: string }} parts */
export async function measureCost({ variant, shop, browser, userAgent }) {
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
    await callMany(page, names);
    await collector.settle(names, DELIVERY);
    const { count, tookMs, longestMs } = await page.evaluate(() => ({
      ...window.calls,
      longestMs: window.longestMs,
    }));
    if (count === 0) throw new Error('Not one call has returned.');
    const callMs = tookMs / count;
    const callBusyMs = ((await busyMs()) - beforeCalls) / count;
    const undelivered = collector.count(names).lost;
    return { startMs, startBusyMs, callMs, callBusyMs, longestMs, undelivered };
  } finally {
    await context.close();
    await collector.close();
  }
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
