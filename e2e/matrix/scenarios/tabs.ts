// Many tabs of one shop.
import { until } from '../driver.js';
import { defineScenarios } from '../scenario.js';
import { databaseName, visitKnown, type World } from '../world.js';

/** Whether this page is the one that flushes. A lock of its own tells how the browser calls it. */
const holdsFlush = (prefix: string): Promise<boolean> =>
  navigator.locks.request('whoami', async () => {
    const { held = [] } = await navigator.locks.query();
    const holderOf = (name: string) => held.find((lock) => lock.name === name)?.clientId;
    const me = holderOf('whoami');
    return me !== undefined && me === holderOf(`${prefix}:flush`);
  });

/** Two tabs, the second of which has begun to send `world.count` events and gets no answer. */
async function flusherAtWork(world: World) {
  const first = await visitKnown(world);
  const second = await world.visit({ isKnown: false, path: '/flusher' });
  const fault = world.sandbox.addFault({ hang: true });
  await world.track(second);
  await until('a request', () => world.sandbox.requests().some(({ faultId }) => faultId === fault));
  if (!(await second.evaluate(holdsFlush, databaseName))) {
    throw new Error('the tab that sends does not hold the lock');
  }
  return { first, second };
}

export const tabs = defineScenarios([
  ...[2, 4, 8].map((many) => ({
    name: `tabs-${many}`,
    item: 7,
    what: `${many} tabs track together`,
    counts: [1, 40],
    isShort: many === 4,
    timeoutMs: 240_000,
    run: async (world: World) => {
      const tabs = [await visitKnown(world)];
      while (tabs.length < many) {
        tabs.push(await world.visit({ isKnown: false, path: `/tab-${tabs.length}` }));
      }
      for (let round = 0; round < 3; round++) {
        await Promise.all(tabs.map((tab) => world.track(tab)));
      }
      const calls = 3 * many;
      return {
        bound: 1 + (world.count < 24 ? calls * world.count : 2 * calls),
        timeoutMs: 60_000,
      };
    },
  })),
  {
    name: 'flusher-closed',
    item: 8,
    what: "the flusher's tab is closed while it holds the lock",
    counts: [1, 40, 600],
    isShort: true,
    run: async (world) => {
      const { first, second } = await flusherAtWork(world);
      await second.close();
      world.sandbox.clearFaults();
      await world.track(first, 1);
      return { bound: 1 + 2 * (world.count < 24 ? world.count : 2) + 1 };
    },
  },
  {
    name: 'flusher-killed',
    item: 8,
    what: "the flusher's tab is killed while it holds the lock",
    counts: [1, 40, 600],
    needs: ['crash'],
    run: async (world) => {
      const { first, second } = await flusherAtWork(world);
      await second.crash();
      world.sandbox.clearFaults();
      await world.track(first, 1);
      return { bound: 1 + 2 * (world.count < 24 ? world.count : 2) + 1 };
    },
  },
]);
