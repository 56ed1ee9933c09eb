// Offline, restarted, killed.
import { defineScenarios } from '../scenario.js';
import { known, type World } from '../world.js';

/** Requests of a backlog: the profile, and the events in bulk or one by one. */
const backlog = (count: number): number => 1 + (count < 24 ? count : 2);

/** A known visitor on a page of the shop, and the network gone. */
async function cutOff(world: World) {
  const tab = await world.visit();
  await known(world);
  world.network.cut();
  return tab;
}

export const offline = defineScenarios([
  {
    name: 'offline-online',
    item: 1,
    what: 'offline, then online in the same page',
    counts: [1, 40, 600],
    isAboutBulk: true,
    isShort: true,
    run: async (world) => {
      const tab = await cutOff(world);
      await world.track(tab);
      await tab.evaluate(() => tracker().flush());
      await world.online(tab);
      return { bound: backlog(world.count) };
    },
  },
  {
    name: 'offline-restart',
    item: 2,
    what: 'offline, tab closed, browser restarted, online',
    counts: [1, 40, 600],
    isAboutBulk: true,
    needs: ['restart'],
    isShort: true,
    run: async (world) => {
      const tab = await cutOff(world);
      await world.track(tab);
      await tab.close();
      await world.end('quit');
      world.network.mend();
      await world.visit({ path: '/again' });
      return { bound: backlog(world.count) };
    },
  },
]);
