// Offline, restarted, killed.
import { until } from '../driver.js';
import { defineScenarios } from '../scenario.js';
import { start, visitKnown, type World } from '../world.js';

/** Requests of a backlog: the profile, and the events in bulk or one by one. */
export const backlog = (count: number): number => 1 + (count < 24 ? count : 2);

/** A known visitor on a page of the shop, and the network gone. */
export async function visitCutOff(world: World) {
  const tab = await visitKnown(world);
  world.network.cut();
  return tab;
}

export const offline = defineScenarios([
  {
    name: 'offline-online',
    item: 1,
    what: 'offline, then online in the same page',
    counts: [1, 40, 600],
    isShort: true,
    run: async (world) => {
      const tab = await visitCutOff(world);
      await world.track(tab);
      await tab.evaluate(() => tracker().flush());
      await world.online(tab);
      return { bound: backlog(world.count) };
    },
  },
  {
    name: 'offline-switch',
    item: 1,
    what: "the same with the browser's own switch for offline",
    counts: [40],
    needs: ['offline'],
    run: async (world) => {
      const tab = await visitKnown(world);
      const browser = await world.browser();
      await browser.setOffline(true);
      await world.track(tab);
      await tab.evaluate(() => tracker().flush());
      await browser.setOffline(false);
      return { bound: backlog(world.count) };
    },
  },
  {
    name: 'online-and-left',
    item: 1,
    what: 'back online, and the page is left while the backlog goes out',
    counts: [1, 40, 600],
    run: async (world) => {
      const tab = await visitCutOff(world);
      await world.track(tab);
      await tab.evaluate(() => tracker().flush());
      world.network.mend();
      await start(
        tab,
        () => {
          dispatchEvent(new Event('online'));
          void tracker().flush();
          location.assign(`${location.href}&next`);
        },
        undefined,
      );
      // A batch in flight when its page ends is sent again as a whole.
      return { bound: backlog(world.count) + 2 };
    },
  },
  {
    name: 'offline-restart',
    item: 2,
    what: 'offline, tab closed (in MiniBrowser its page left), browser restarted, online',
    counts: [1, 40, 600],
    needs: ['restart'],
    isShort: true,
    run: async (world) => {
      const tab = await visitCutOff(world);
      await world.track(tab);
      await tab.close();
      await world.end('quit');
      world.network.mend();
      await world.visit({ path: '/again' });
      // MiniBrowser can only be ended before it has written localStorage: who it is is said once more.
      return { bound: backlog(world.count) + (world.engine.name === 'webkit' ? 1 : 0) };
    },
  },
  {
    name: 'killed-offline',
    item: 3,
    what: 'offline, browser killed right after the last track has resolved, online',
    counts: [1, 40, 600],
    needs: ['restart'],
    isShort: true,
    run: async (world) => {
      const tab = await visitCutOff(world);
      await world.track(tab);
      await world.end('kill');
      world.network.mend();
      await world.visit({ path: '/again' });
      // Chromium has not written localStorage yet, so the visitor is identified once more.
      return { bound: backlog(world.count) + 1 };
    },
  },
  {
    name: 'killed-online',
    item: 3,
    what: 'online, browser killed right after the last track has resolved',
    counts: [1, 40, 600],
    needs: ['restart'],
    run: async (world) => {
      const tab = await visitKnown(world);
      await world.track(tab);
      await world.end('kill');
      await until('a quiet network', () => world.sandbox.requests().every(({ status }) => status));
      await world.visit({ path: '/again' });
      // Nobody knows what had been received, so all of it may be sent twice.
      return { bound: 2 * backlog(world.count) };
    },
  },
]);
