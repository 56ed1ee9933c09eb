// Klaviyo asks us to wait, or is not well.
import type { Fault } from 'klaviyo-storefront/sandbox';
import { until } from '../driver.js';
import type { Scenario } from '../scenario.js';
import { defineScenarios } from '../scenario.js';
import { fastNow, hasPause, holdTo, speedUp, visitKnown, type World } from '../world.js';

const isRefused = (world: World) => () =>
  world.sandbox.requests().some(({ status }) => status === 429);

const retryAfter: Record<string, Fault> = {
  exposed: { retryAfterSeconds: 2, exposeRetryAfter: true, detail: 'Request was throttled.' },
  hidden: { retryAfterSeconds: 2, exposeRetryAfter: false },
  absent: { retryAfterSeconds: 1, exposeRetryAfter: false, detail: 'Request was throttled.' },
};

const outages: Scenario[] = [
  {
    name: '500-for-a-while',
    item: 11,
    what: 'four answers of 500 in a row',
    counts: [1, 40, 600],
    run: async (world) => {
      speedUp(world);
      const tab = await visitKnown(world);
      world.sandbox.addFault({ status: 500, times: 4 });
      await world.track(tab);
      // A batch that meets 500 five times goes out one by one; after four it has not.
      return { bound: 1 + 4 + (world.count < 24 ? 1 : 2) + 5 };
    },
  },
  {
    name: '503-ten-minutes',
    item: 12,
    what: '503 for ten minutes of a clock that goes fast',
    counts: [1, 40, 600],
    timeoutMs: 400_000,
    run: async (world) => {
      speedUp(world, 120);
      const tab = await visitKnown(world);
      const fault = world.sandbox.addFault({ status: 503 });
      await world.track(tab);
      const refused = () => world.sandbox.requests().filter(({ faultId }) => faultId === fault);
      await until('a 503', () => refused().length > 0);
      const beganAt = refused()[0]!.at;
      await until('ten minutes', () => fastNow(world) - beganAt > 600_000);
      const during = refused().length;
      world.sandbox.clearFaults();
      await world.arrival(world.entered, 60_000);
      const after = world.count < 24 ? 1 : world.count;
      // Backoff doubles up to five minutes; with its jitter 9 to 18 attempts fit into ten (of a hundred thousand
      // series 99,999). After five a batch goes out one by one, five at once.
      const most = world.count < 24 ? 18 : 5 + 13 * 5;
      if (during < 3) throw new Error(`${during} requests in ten minutes: nothing was tested`);
      if (during > most) throw new Error(`${during} requests in ten minutes, not ${most}`);
      return { bound: 1 + most + after + 5 };
    },
  },
];

export const throttled = defineScenarios([
  ...Object.entries(retryAfter).map(([how, fault]) => ({
    name: `429-${how}`,
    item: 9,
    what: `429 with Retry-After ${how}`,
    counts: [1, 40, 600],
    run: async (world: World) => {
      const tab = await visitKnown(world);
      await tab.evaluate(() => {
        tracker().on('paused', ({ untilAt }) => {
          (window as { pausedUntil?: number }).pausedUntil = untilAt;
        });
      });
      world.sandbox.addFault({ status: 429, times: 1, ...fault });
      await world.track(tab);
      await until('a 429', isRefused(world));
      await world.track(tab, 1);
      await world.arrival(world.entered);
      // What Klaviyo asked for, or our own backoff.
      const pause = await tab.evaluate(() => (window as { pausedUntil?: number }).pausedUntil);
      if (!pause) throw new Error('the page was not paused');
      holdTo(world, () => pause);
      if (how !== 'absent') holdTo(world, (refusedAt) => refusedAt + 2000);
      return { bound: 1 + 1 + (world.count < 24 ? 1 : 2) + 1 };
    },
  })),
  {
    name: '429-navigation',
    item: 10,
    what: '429, then other pages: none of them asks early',
    counts: [1, 40],
    run: async (world) => {
      const tab = await visitKnown(world);
      // Long enough for three pages to load within it, and spread over as long again.
      const seconds = 15;
      world.sandbox.addFault({ status: 429, times: 1, retryAfterSeconds: seconds });
      await world.track(tab);
      await until('a 429', isRefused(world));
      // A page that is gone before it has the answer tells nobody.
      await until('the page to have heard of it', () => hasPause(tab));
      for (const path of ['/cart', '/checkout']) {
        await world.goto(tab, { path });
        await world.track(tab, 1);
        await tab.evaluate(() => tracker().flush());
      }
      const other = await world.visit({ isKnown: false, path: '/other' });
      await world.track(other, 1);
      await other.evaluate(() => tracker().flush());
      const lastFlushAt = Date.now();
      await world.arrival(world.entered, 60_000);
      holdTo(world, (refusedAt) => {
        const end = refusedAt + seconds * 1000;
        if (lastFlushAt > end) throw new Error('the pause was over before the last page flushed');
        return end;
      });
      return { bound: 1 + 1 + (world.count < 24 ? 1 : 2) + 3 };
    },
  },
  ...outages,
]);
