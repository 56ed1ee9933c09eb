// A thousand calls, as a page in a hurry makes them.
import { setTimeout as sleep } from 'node:timers/promises';

const CALLS = 1000;
/** Calls of one task, and the time to the next: who delivers at once should not have them all pile up. */
const CALLS_A_TASK = 10;
const GAP_MS = 20;
const BUSY_MAX_MS = 45_000;

export const namesOf = (of) => Array.from({ length: CALLS }, (_, n) => `${of}-${n}`);

/** Runs in the page, and writes into `window.calls` how many calls have been made, and how long they took. */
async function callInPage({ names, atOnce, gapMs }) {
  window.calls = { count: 0, tookMs: 0 };
  for (let from = 0; from < names.length; from += atOnce) {
    await new Promise((resolve) => setTimeout(resolve, gapMs));
    const startAt = performance.now();
    window.trackAll(names.slice(from, from + atOnce));
    window.calls.tookMs += performance.now() - startAt;
    window.calls.count += atOnce;
  }
}

/** Who is still busy with a thousand calls after `BUSY_MAX_MS` is not waited for. */
export async function callMany(page, names) {
  const parts = { names, atOnce: CALLS_A_TASK, gapMs: GAP_MS };
  const called = page.evaluate(callInPage, parts).catch(() => {}); // the page was closed on it
  await Promise.race([called, sleep(BUSY_MAX_MS, undefined, { ref: false })]);
}
