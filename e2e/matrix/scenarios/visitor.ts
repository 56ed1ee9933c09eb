// Clocks that are wrong, and visitors who are somebody else, say no, or say yes late.
import { type Tab, until } from '../driver.js';
import { defineScenarios, type Scenario } from '../scenario.js';
import { databaseName, idle, visitKnown, type World } from '../world.js';

const hourMs = 3_600_000;
const yearMs = 365 * 24 * hourMs;

const wrongClocks: Scenario[] = Object.entries({
  'clock-behind': -5 * yearMs,
  'clock-ahead': 300 * 24 * hourMs,
}).map(([name, offsetMs]) => ({
  name,
  item: 26,
  what: `a device whose clock is ${Math.abs(offsetMs) / 24 / hourMs} days ${offsetMs < 0 ? 'behind' : 'ahead'}`,
  counts: [1, 40],
  run: async (world) => {
    world.defaults = { clock: { startAt: Date.now(), speed: 1, offsetMs } };
    const tab = await visitKnown(world);
    world.network.cut();
    await world.track(tab);
    await tab.evaluate(() => tracker().flush());
    await world.online(tab);
    return { bound: 1 + (world.count < 24 ? 1 : 2) };
  },
}));

/** Whom the events belong to: the profile's email by number. */
function ownersOf({ sandbox }: World, numbers: number[]): (string | undefined)[] {
  const emails = new Map(sandbox.profiles().map(({ id, email }) => [id, email]));
  const owners = sandbox
    .events()
    .filter(({ properties }) => numbers.includes(properties.n as number))
    .map(({ profileId }) => emails.get(profileId));
  return [...new Set(owners)];
}

function expectOwner(world: World, numbers: number[], email: string | undefined): void {
  const owners = ownersOf(world, numbers);
  if (`${owners}` !== `${email}`) throw new Error(`events of ${email} went to ${owners}`);
}

/** How many records there are, without making a database where there is none. */
const countStored = async (name: string) => {
  const local = Object.keys(localStorage).filter((key) => /:event:|:identity/.test(key)).length;
  const request = indexedDB.open(name);
  const database = await new Promise<IDBDatabase | undefined>((resolve) => {
    request.onupgradeneeded = () => request.transaction?.abort();
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(undefined);
  });
  if (!database) return { local, indexed: 0, hasDatabase: false };
  const count = database.transaction('events').objectStore('events').count();
  const indexed = await new Promise<number>((resolve, reject) => {
    count.onsuccess = () => resolve(count.result);
    count.onerror = () => reject(count.error);
  });
  database.close();
  return { local, indexed, hasDatabase: true };
};

async function expectNothingStored(tab: Tab, when: string): Promise<void> {
  const { local, indexed, hasDatabase } = await tab.evaluate(countStored, databaseName);
  if (!hasDatabase) throw new Error('there is no database of that name');
  if (local + indexed > 0) {
    throw new Error(`${when} ${local} records are left in localStorage, ${indexed} in IndexedDB`);
  }
}

export const visitor = defineScenarios([
  ...wrongClocks,
  {
    name: 'clock-far-ahead',
    item: 26,
    what: 'five years ahead: Klaviyo takes no such time, and each refusal is reported',
    counts: [3],
    run: async (world) => {
      world.defaults = { clock: { startAt: Date.now(), speed: 1, offsetMs: 5 * yearMs } };
      const tab = await visitKnown(world);
      const numbers = await world.track(tab);
      const dropped = Object.fromEntries(numbers.map((n) => [n, 'rejected' as const]));
      return { bound: 1 + world.count, dropped };
    },
  },
  ...[hourMs, 5 * yearMs].map(
    (stepMs): Scenario => ({
      name: `clock-back-${stepMs === hourMs ? 'hour' : 'years'}`,
      item: 26,
      what: `the clock steps back by ${stepMs / hourMs} hours with a backlog and a pause`,
      counts: [1, 40],
      run: async (world) => {
        world.defaults = { clock: { startAt: Date.now(), speed: 1, offsetMs: 0 } };
        const tab = await visitKnown(world);
        world.sandbox.addFault({ status: 503, times: 1 });
        await world.track(tab);
        await until('a 503', () => world.sandbox.requests().some(({ status }) => status === 503));
        await tab.evaluate((ms) => {
          window.matrix.clock.offsetMs -= ms;
        }, stepMs);
        world.defaults = { clock: { startAt: Date.now(), speed: 1, offsetMs: -stepMs } };
        await world.track(tab);
        return { bound: 1 + 1 + (world.count < 24 ? 2 : 4) };
      },
    }),
  ),
  {
    name: 'identify-in-backlog',
    item: 27,
    what: 'the visitor says who they are in the middle of a backlog',
    counts: [1, 40],
    run: async (world) => {
      const tab = await world.visit({ isKnown: false });
      world.network.cut();
      await world.track(tab);
      await tab.evaluate(() => void tracker().identify({ email: 'ada@shop.example' }));
      await world.track(tab);
      await world.online(tab);
      await world.arrival(world.entered);
      expectOwner(world, world.entered, 'ada@shop.example');
      return { bound: 1 + (world.count < 24 ? 2 * world.count : 4) };
    },
  },
  {
    name: 'two-identities',
    item: 27,
    what: 'two identities in one backlog',
    counts: [1, 40],
    run: async (world) => {
      const tab = await world.visit({ isKnown: false });
      world.network.cut();
      const owned: [string, number[]][] = [];
      for (const email of ['ada@shop.example', 'bob@shop.example']) {
        await tab.evaluate((address) => void tracker().identify({ email: address }), email);
        owned.push([email, await world.track(tab)]);
      }
      await world.online(tab);
      await world.arrival(world.entered);
      for (const [email, numbers] of owned) expectOwner(world, numbers, email);
      return { bound: 2 + (world.count < 24 ? 2 * world.count : 4) };
    },
  },
  {
    name: 'reset-with-backlog',
    item: 27,
    what: 'reset() with a backlog: what was tracked before stays whose it was',
    counts: [1, 40],
    run: async (world) => {
      const tab = await visitKnown(world);
      world.network.cut();
      const before = await world.track(tab);
      await tab.evaluate(() => tracker().reset());
      const after = await world.track(tab);
      await world.online(tab);
      await world.arrival(before);
      expectOwner(world, before, 'ada@shop.example');
      if (world.has(after)) throw new Error('events of nobody were sent');
      await tab.evaluate(() => void tracker().identify({ email: 'bob@shop.example' }));
      await world.arrival(after);
      expectOwner(world, after, 'bob@shop.example');
      return { bound: 2 + (world.count < 24 ? 2 * world.count : 4) };
    },
  },
  {
    name: 'consent-withdrawn',
    item: 28,
    what: 'consent is withdrawn during a flush: what is under way arrives, all else is dropped',
    counts: [1, 40, 600],
    run: async (world) => {
      const tab = await visitKnown(world);
      // Long enough for what is tracked meanwhile to be still waiting when consent ends.
      const fault = world.sandbox.addFault({ delayMs: 6000 });
      const isAsked = () => world.sandbox.requests().some(({ faultId }) => faultId === fault);
      const underWay = await world.track(tab);
      await until('a request', isAsked);
      const waiting = world.enter(10);
      const ids = await tab.evaluate(async (numbers) => {
        const tracked = await window.matrix.track(numbers);
        await tracker().consent('denied');
        return tracked;
      }, waiting);
      ids.forEach((id, index) => {
        if (id) world.numberOf.set(id, waiting[index] ?? 0);
      });
      await expectNothingStored(tab, 'when consent was denied');
      // What would be sent now arrives at once, and not when nobody looks any more.
      world.sandbox.clearFaults();
      await until('what was under way', () => underWay.some((n) => world.has([n])));
      await tab.evaluate(() => tracker().flush());
      world.defaults = { options: { consent: 'denied' } };
      await expectNothingStored(tab, 'when what was under way had been answered');
      await world.goto(tab, { path: '/denied' });
      await expectNothingStored(tab, 'on the next page');
      const sent = waiting.filter((n) => world.has([n]));
      if (sent.length > 0) throw new Error(`sent without consent: ${sent}`);
      // What is under way is reported although it arrives: when consent ends nobody knows that it will.
      const dropped = Object.fromEntries(waiting.map((n) => [n, 'consent' as const]));
      return { bound: 1 + 5 + 1, dropped, mayDrop: 'consent', mayBeBoth: underWay };
    },
  },
  {
    name: 'consent-late',
    item: 28,
    what: 'consent is granted late: nothing before it, everything after it',
    counts: [1, 40],
    run: async (world) => {
      const tab = await world.visit({ isKnown: false, options: { consent: 'pending' } });
      await tab.evaluate(
        ({ numbers }) => {
          void tracker().identify({ email: 'ada@shop.example' });
          void window.matrix.track(numbers);
        },
        { numbers: world.enter() },
      );
      await tab.evaluate(() => tracker().flush());
      const stored = await tab.evaluate(async () => [
        ...Object.keys(localStorage),
        ...((await indexedDB.databases?.()) ?? []).map(({ name }) => name),
      ]);
      if (stored.length > 0) throw new Error(`stored without consent: ${stored}`);
      if (world.sandbox.requests().length > 0) throw new Error('sent without consent');
      await tab.evaluate(() => tracker().consent('granted'));
      await world.track(tab);
      await world.arrival(world.entered);
      await idle(tab);
      return { bound: 1 + (world.count < 24 ? 2 * world.count : 4) };
    },
  },
]);
