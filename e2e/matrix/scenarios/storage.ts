// Storage that is full, blocked, taken away, or holds what is not ours.
import { defineScenarios, type Scenario } from '../scenario.js';
import { email, databaseName as prefix, visitKnown, type World } from '../world.js';
import { counts, twice } from './accidents.js';

const withoutTracker = { scripts: 0, isKnown: false, path: '/before' };

/** Tracks where Klaviyo cannot be reached, and opens the next page where it can. */
const offlineThenNext = async (world: World, bound: number) => {
  const tab = await visitKnown(world);
  world.network.cut();
  await world.track(tab);
  await tab.evaluate(() => tracker().flush());
  await world.goto(tab, { path: '/next' });
  world.network.mend();
  // Where localStorage is full nobody remembers who the visitor is: the theme says so on every page.
  await tab.evaluate((address) => void tracker().identify({ email: address }), email);
  await world.track(tab);
  await world.online(tab);
  return { bound };
};

const brokenFromStart: Scenario[] = (
  [
    ['indexeddb-full', 23, 'no room in IndexedDB'],
    ['indexeddb-throws', 24, 'IndexedDB is blocked when it is opened'],
    ['indexeddb-never', 24, 'IndexedDB never answers'],
  ] as const
).map(([name, item, what]) => ({
  name,
  item,
  what,
  counts,
  run: async (world) => {
    world.defaults = { broken: [name] };
    return offlineThenNext(world, twice(world.count) + 2);
  },
}));

/** Leaves a database behind, as another version of the package or another program would have made it. */
const leaveDatabase = ({
  name,
  version,
  store,
}: {
  name: string;
  version: number;
  store: string;
}) =>
  new Promise<void>((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onupgradeneeded = () => {
      for (const each of new Set([store, `of-${version}`])) request.result.createObjectStore(each);
    };
    request.onsuccess = () => {
      request.result.close();
      resolve();
    };
    request.onerror = () => reject(request.error);
  });

export const storage = defineScenarios([
  ...brokenFromStart,
  {
    name: 'localstorage-full',
    item: 23,
    what: 'no room in localStorage',
    counts,
    run: async (world) => {
      const before = await world.visit(withoutTracker);
      await before.evaluate(() => window.matrix.fillLocalStorage());
      return offlineThenNext(world, twice(world.count) + 2 + 5);
    },
  },
  {
    name: 'both-full',
    item: 23,
    what: 'no room in either: what can be sent is sent',
    counts,
    run: async (world) => {
      world.defaults = { broken: ['indexeddb-full'] };
      const tab = await world.visit(withoutTracker);
      await tab.evaluate(() => window.matrix.fillLocalStorage());
      const full = await visitKnown(world);
      world.network.cut();
      await world.track(full);
      await full.evaluate(() => tracker().flush());
      world.network.mend();
      await world.track(full);
      await world.online(full);
      return { bound: twice(world.count) + 2 + 3 };
    },
  },
  ...(
    [
      [
        'newer-database',
        { version: 7, store: 'events' },
        'a newer version of the package has been here',
      ],
      [
        'older-database',
        { version: 1, store: 'old' },
        'an older one, whose database lacks our store',
      ],
    ] as const
  ).map(
    ([name, shape, what]): Scenario => ({
      name,
      item: 24,
      what,
      counts,
      run: async (world) => {
        const before = await world.visit(withoutTracker);
        await before.evaluate(leaveDatabase, { name: prefix, ...shape });
        return offlineThenNext(world, twice(world.count) + 2);
      },
    }),
  ),
  {
    name: 'garbage',
    item: 25,
    what: 'garbage in stored records: only those are given up',
    counts,
    run: async (world) => {
      const tab = await visitKnown(world);
      world.network.cut();
      await world.track(tab);
      await tab.evaluate(() => tracker().flush());
      await world.goto(tab, { path: '/before', scripts: 0 });
      await tab.evaluate(async (name) => {
        localStorage[`${name}:event:zz1`] = '{"key":"zz1","dat';
        localStorage[`${name}:event:zz2`] = '[1,2]';
        localStorage[`${name}:event:zz3`] = 'null';
        const request = indexedDB.open(name);
        await new Promise((resolve) => {
          request.onsuccess = resolve;
        });
        const store = request.result.transaction('events', 'readwrite').objectStore('events');
        store.put('text', 'a-text');
        store.put({ key: 'a-half', data: 3 }, 'a-half');
        store.put(null, 'a-null');
        await new Promise((resolve) => {
          store.transaction.oncomplete = resolve;
        });
        request.result.close();
      }, prefix);
      world.network.mend();
      await world.goto(tab, { path: '/next' });
      return { bound: 1 + (world.count < 24 ? world.count : 2) + 2, reports: { invalid: 3 } };
    },
  },
  {
    name: 'garbage-settings',
    item: 25,
    what: 'garbage in the stored identity, pause and lock',
    counts,
    run: async (world) => {
      const tab = await visitKnown(world);
      world.network.cut();
      await world.track(tab);
      await tab.evaluate(() => tracker().flush());
      await world.goto(tab, { path: '/before', scripts: 0 });
      await tab.evaluate((name) => {
        localStorage[`${name}:identity`] = '{"anonymousId":7,"who":"me","known":[],"past":1}';
        localStorage[`${name}:pause`] = '{"untilAt":9e15,"setAt":0,"reason":"server"}';
        localStorage[`${name}:flush`] = '"mine"';
      }, prefix);
      world.network.mend();
      await world.goto(tab, { path: '/next' });
      await tab.evaluate(() => void tracker().identify({ email: 'ada@shop.example' }));
      await world.track(tab);
      return { bound: twice(world.count) + 2 };
    },
  },
]);
