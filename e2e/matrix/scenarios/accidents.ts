// Storage that is taken away in mid-session.
import { until } from '../driver.js';
import { defineScenarios, type Scenario } from '../scenario.js';
import { databaseName as prefix, visitKnown } from '../world.js';

/** Below and above where a batch is frozen: of that both readings of the bulk duplicate rule are tried. */
export const counts = [10, 40];

/** Requests of a profile and of two times as many events. */
export const twice = (count: number): number => 1 + 2 * (count < 24 ? count : 2);

/** What happens to the database between some events and as many more, the network being cut. */
const happenings: Record<
  string,
  { item: number; what: string; action: (name: string) => unknown }
> = {
  'connection-lost': {
    item: 24,
    what: 'the connection to IndexedDB is lost in mid-session',
    action: () => {
      for (const database of window.matrix.databases) database.close();
    },
  },
  'database-deleted': {
    item: 24,
    what: 'the database is deleted under us',
    action: (name) => {
      for (const database of window.matrix.databases) database.close();
      indexedDB.deleteDatabase(name);
    },
  },
  'delete-pending': {
    item: 24,
    what: 'somebody asks to delete the database while it is open',
    action: (name) => void indexedDB.deleteDatabase(name),
  },
  'newer-waits': {
    item: 24,
    what: 'a newer version of the package asks for the database while it is open',
    action: (name) => void indexedDB.open(name, 9),
  },
  'storage-cleared': {
    item: 29,
    what: 'the visitor clears the storage in mid-session',
    action: (name) => {
      localStorage.clear();
      for (const database of window.matrix.databases) database.close();
      indexedDB.deleteDatabase(name);
    },
  },
};

const inMidSession: Scenario[] = Object.entries(happenings).map(([name, { action, ...rest }]) => ({
  name,
  ...rest,
  counts,
  isShort: name === 'connection-lost',
  run: async (world) => {
    const tab = await visitKnown(world);
    world.network.cut();
    await world.track(tab);
    // So that a batch is frozen by now.
    await tab.evaluate(() => tracker().flush());
    await tab.evaluate(action, prefix);
    await world.track(tab);
    await world.online(tab);
    return { bound: twice(world.count) + 3 };
  },
}));

/** The same where Klaviyo has recorded the batch, and the page has not heard of it. */
const unanswered = ['connection-lost', 'database-deleted', 'storage-cleared'].map(
  (name): Scenario => {
    const { action, item, what } = happenings[name]!;
    return {
      name: `${name}-unanswered`,
      item,
      what: `${what}; before it the answer to a batch was lost`,
      counts: [40],
      run: async (world) => {
        const tab = await visitKnown(world);
        const lost = world.sandbox.addFault({ reset: 'after', times: 1 });
        // Nothing more gets through before the accident.
        world.sandbox.addFault({ reset: 'before' });
        await world.track(tab);
        const request = () => world.sandbox.requests().find(({ faultId }) => faultId === lost);
        await until('a batch', () => !!request());
        world.network.cut();
        if (request()?.events !== world.count) throw new Error('it was not a batch of all');
        if (!world.has(world.entered)) throw new Error('the batch was not recorded');
        await tab.evaluate(action, prefix);
        await world.track(tab);
        world.sandbox.clearFaults();
        await world.online(tab);
        // What met the second fault before the network was cut is counted too.
        return { bound: twice(world.count) + 5 };
      },
    };
  },
);

export const accidents = defineScenarios([...inMidSession, ...unanswered]);
