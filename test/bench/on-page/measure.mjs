// `npm run bench -- --only=on-page`: what the script tag does to a product page on a phone, with and without it.
import { setTimeout as sleep } from 'node:timers/promises';
import { createSandbox } from 'klaviyo-storefront/sandbox';
import { launch } from '../chromium.mjs';
import { median } from '../rows.mjs';
import { startProductPage } from './page.mjs';

/** A phone of the middle class, as Lighthouse has it. */
const SLOWDOWN = 4;
const CLICKS = 5;
/** Loads, and what they leave to later, are over by then. */
const QUIET_MS = 1500;
/** The browser rounds an event's duration to this. */
const EVENT_STEP_MS = 8;

/** Runs in the page before anything else. */
function observe() {
  window.seen = { longTasks: [], events: [] };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.seen.longTasks.push(duration);
  }).observe({ type: 'longtask', buffered: true });
  new PerformanceObserver((list) => {
    for (const { interactionId, duration } of list.getEntries()) {
      if (interactionId) window.seen.events.push({ interactionId, duration });
    }
  }).observe({ type: 'event', durationThreshold: 16, buffered: true });
}

/** Milliseconds of a trace in which one of our files was evaluated or called. */
function ownMsIn(trace) {
  const isOwn = ({ args }) => /\/(script|snippet)\.js/.test(args?.data?.url ?? '');
  const of = (names) =>
    trace
      .filter((event) => event.ph === 'X' && names.includes(event.name) && isOwn(event))
      .reduce((sum, { dur }) => sum + dur / 1000, 0);
  return { evaluateMs: of(['EvaluateScript']), callMs: of(['FunctionCall']) };
}

/** A load of its own, because tracing takes time. */
async function traceOnce(browser, address) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWDOWN });
    await browser.startTracing(page, { categories: ['devtools.timeline'] });
    await page.goto(address);
    await sleep(QUIET_MS);
    return ownMsIn(JSON.parse((await browser.stopTracing()).toString()).traceEvents);
  } finally {
    await context.close();
  }
}

async function measureOnce(browser, address) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.addInitScript(observe);
    const devtools = await context.newCDPSession(page);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWDOWN });
    // Time on the processor, so that what else the machine does is left out.
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
    let bytes = 0;
    await devtools.send('Network.enable');
    devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    const metric = async (wanted) => {
      const { metrics } = await devtools.send('Performance.getMetrics');
      return metrics.find(({ name }) => name === wanted).value * 1000;
    };
    await page.goto(address);
    await sleep(QUIET_MS);
    const scriptMs = await metric('ScriptDuration');
    const loadBytes = bytes;
    for (let click = 0; click < CLICKS; click++) {
      await page.click('button');
      await sleep(QUIET_MS / CLICKS);
    }
    const { longTasks, events } = await page.evaluate(() => window.seen);
    return {
      ...{ scriptMs, bytes: loadBytes },
      blockingMs: longTasks.reduce((sum, duration) => sum + Math.max(0, duration - 50), 0),
      longestMs: Math.max(0, ...longTasks),
      // An interaction has several events; the longest is what counts for INP.
      inpMs: Math.max(0, ...events.map(({ duration }) => duration)),
    };
  } finally {
    await context.close();
  }
}

/** @param {{ rounds?: number; isBrief?: boolean; log: (line: string) => void }} options */
export async function measureOnPage({ isBrief, rounds = isBrief ? 5 : 7, log }) {
  const sandbox = await createSandbox({ rateLimits: false });
  const site = await startProductPage(sandbox.url);
  const browser = await launch();
  const found = { without: [], with: [], traced: [] };
  try {
    for (let round = 0; round <= rounds; round++) {
      log(`On the page: round ${round} of ${rounds}.`);
      for (const kind of ['without', 'with']) {
        const figures = await measureOnce(browser, `${site.origin}/${kind}`);
        // The first round is the browser's own.
        if (round > 0) found[kind].push(figures);
      }
      const traced = await traceOnce(browser, `${site.origin}/with`);
      if (round > 0) found.traced.push(traced);
    }
    if (!sandbox.events().some(({ metric }) => metric === 'Added to Cart')) {
      throw new Error('The page with the tracker has tracked nothing.');
    }
  } finally {
    await browser.close();
    site.close();
    await sandbox.close();
  }
  return { rows: rowsOf(found), notes: notesOf(rounds) };
}

/** Between the quarters: one slow load says nothing of the others. */
const spreadOf = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => sorted[Math.round((sorted.length - 1) * share)];
  return at(0.75) - at(0.25);
};

function rowsOf(found) {
  const both = (key) => {
    const [without, others] = ['without', 'with'].map((kind) => found[kind].map((f) => f[key]));
    return { without: median(without), with: median(others), spread: spreadOf(without) };
  };
  const rows = [];
  const add = (name, key, unit, judge) => {
    const figures = both(key);
    rows.push({ name: `${name}, without`, value: figures.without, unit });
    rows.push({ name: `${name}, with`, value: figures.with, unit, ...judge?.(figures) });
  };
  const added = (isMet, aim) => (figures) => ({
    aim,
    isMet: isMet(figures.with - figures.without, figures.spread),
  });
  add(
    'total blocking time',
    'blockingMs',
    'ms',
    added((ms) => ms <= 0, 'no more'),
  );
  add(
    'longest task, 0 below 50 ms',
    'longestMs',
    'ms',
    added((ms) => ms <= 0, 'no longer'),
  );
  add(
    'script time of the load',
    'scriptMs',
    'ms',
    added((ms) => ms < 5, 'less than 5 ms more'),
  );
  add('bytes of the load', 'bytes', 'B');
  add(
    'Add to cart, its event (INP)',
    'inpMs',
    'ms',
    added((ms, spread) => ms <= Math.max(EVENT_STEP_MS, spread), 'within the noise'),
  );
  const own = (key) => median(found.traced.map((figures) => figures[key]));
  rows.push({
    name: 'a traced load with: evaluating our scripts',
    value: own('evaluateMs'),
    unit: 'ms',
  });
  rows.push({ name: 'a traced load with: calls of them later', value: own('callMs'), unit: 'ms' });
  return rows;
}

const notesOf = (rounds) => [
  "Developer tools look on, as Lighthouse's do: without them the script's evaluation is a third shorter.",
  'A product page as in the demo, without its cart, sign-in and inspector, whose scripts are not the tracker.',
  `The noise: between the quarters of the loads without, or ${EVENT_STEP_MS} ms, to which an event is rounded.`,
  `CPU slowed ${SLOWDOWN} times, medians of ${rounds} alternating loads, ${CLICKS} clicks each`,
];
