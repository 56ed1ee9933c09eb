// Pages that nobody sees: behind another tab, frozen, or in the back/forward cache.
import { until } from '../driver.js';
import { defineScenarios } from '../scenario.js';
import { idle, start, visitKnown } from '../world.js';

export const hidden = defineScenarios([
  {
    name: 'bfcache',
    item: 5,
    what: 'a page with a backlog goes into the back/forward cache and comes back',
    needs: ['bfcache'],
    isShort: true,
    run: async (world) => {
      const tab = await visitKnown(world);
      const wasKept = () =>
        tab.evaluate(() => (window as { wasKept?: boolean }).wasKept === true).catch(() => false);
      // A browser keeps no page that holds a lock. Firefox takes a while to hear that it was given back, and on a busy
      // machine it has decided by then, three times in a row in some runs.
      let rounds = 0;
      for (let isKept = false; !isKept; rounds++) {
        if (rounds === 6) throw new Error('the browser has kept none of six pages');
        if (rounds) await world.goto(tab, {});
        world.network.cut();
        await world.track(tab);
        await tab.evaluate(() => tracker().flush());
        await tab.evaluate(() => {
          addEventListener('pageshow', ({ persisted }) => {
            (window as { wasKept?: boolean }).wasKept = persisted;
          });
        });
        const left = world.site.left();
        await start(tab, (to: string) => location.assign(to), world.site.elsewhere());
        await until('the page to be left', () => world.site.left() > left);
        world.network.mend();
        // Another page delivers what the frozen one has left.
        const other = await world.visit({ isKnown: false, path: '/other' });
        await world.online(other);
        await world.arrival(world.entered);
        await idle(other);
        await tab.back();
        isKept = await until('the page from the back/forward cache', wasKept, 10_000).then(
          () => true,
          () => false,
        );
      }
      await world.track(tab);
      return { bound: (1 + 3 + 2) * rounds };
    },
  },
  {
    name: 'frozen',
    item: 5,
    what: 'a hidden page is frozen by the browser with a backlog, and thawed',
    needs: ['freeze'],
    profileIn: ['chromium'],
    run: async (world) => {
      const tab = await visitKnown(world);
      world.network.cut();
      await world.track(tab);
      await tab.evaluate(() => {
        document.addEventListener('freeze', () => {
          (window as { wasFrozen?: boolean }).wasFrozen = true;
        });
      });
      const other = await world.visit({ isKnown: false, path: '/other' });
      await tab.setFrozen(true);
      await world.online(other);
      await world.arrival(world.entered);
      await idle(other);
      await tab.setFrozen(false);
      const wasFrozen = () =>
        tab.evaluate(() => (window as { wasFrozen?: boolean }).wasFrozen === true);
      if (!(await wasFrozen())) throw new Error('the page was never frozen');
      await world.track(tab);
      // What a hidden page tracks it sends at once, one by one, and lets go of: the other page, if it happens
      // to flush before the answers are there, repeats them.
      return { bound: 1 + 3 + 2 * world.count };
    },
  },
  {
    name: 'background',
    item: 6,
    what: 'a hidden tab goes on tracking for longer than the flush interval',
    needs: ['hide'],
    profileIn: ['chromium'],
    isShort: true,
    run: async (world) => {
      const flushIntervalMs = 1000;
      world.defaults = { options: { flushIntervalMs } };
      const front = await visitKnown(world);
      const tab = await world.visit({ isBehind: true, isKnown: false, path: '/behind' });
      // Where a new tab comes to the front, the first one is now behind.
      const isHidden = () => document.visibilityState === 'hidden';
      let hidden = tab;
      await until('a hidden tab', async () => {
        hidden = (await tab.evaluate(isHidden)) ? tab : front;
        return hidden.evaluate(isHidden);
      });
      const startedAt = Date.now();
      for (let round = 0; round < 4 || Date.now() - startedAt < 3 * flushIntervalMs; round++) {
        const numbers = await world.track(hidden, 10);
        await world.arrival(numbers);
      }
      if (!(await hidden.evaluate(isHidden))) throw new Error('the tab did not stay hidden');
      // As above: the tab in front may flush what is under way here, and repeats it.
      return { bound: 1 + 2 * world.entered.length };
    },
  },
]);
