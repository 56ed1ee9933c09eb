// What happens to the visitor, the network and the server, and which events should arrive.
// A page that is opened again tracks a view, which is not counted: some send what they have stored only then.
import { setTimeout as sleep } from 'node:timers/promises';
import { POISON } from './collector.mjs';

const named = (count) => Array.from({ length: count }, (_, n) => `event-${n}`);
/** Whoever loses something here is not set up as they should be. */
export const NOTHING = 'nothing goes wrong';
/** Time to put by what cannot be sent, which some do seconds later. */
export const STORE_MS = 5000;
const FAULT_MS = 10_000;
/** What a page writes to localStorage with its last breath is not in the next one's process at once. */
const REOPEN_MS = 1000;
/** A browser that has just started, or a machine that others have just left, is still at it. */
const STARTED_MS = 2000;
const LEFT_ALONE_MS = 500;

/**
 * @typedef {{
 *   title: string;
 *   names: string[];
 *   briefNames?: string[]; // instead, where the peers are one part of many
 *   onProfile?: boolean;
 *   isAlone?: boolean; // with no other scenario beside it
 *   run(visitor: object): Promise<object | void>;
 * }} Scenario
 */

/** Tracked without a network, and the tab closed on it. In one turn: who waits for another has been offline longer. */
const closeOffline = async (visitor, names) => {
  await visitor.goOffline();
  await visitor.track(names);
  await sleep(STORE_MS);
  await visitor.closePage();
  await sleep(REOPEN_MS);
  await visitor.goOnline();
};

/** A fault that nobody has met proves nothing. */
const demand = ({ requests }, status) => {
  if (!requests.some((request) => request.status === status)) {
    throw new Error(`Nothing was asked while the answer was ${status}.`);
  }
};

/** @type {Scenario[]} */
export const scenarios = [
  ...[true, false].map((isOnline) => ({
    title: `browser killed 50 ms after the last call, ${isOnline ? 'online' : 'offline'}`,
    onProfile: true,
    isAlone: true,
    names: named(100),
    async run(visitor) {
      let afterMs;
      await sleep(STARTED_MS);
      // What a browser can do in 50 ms depends on who else is at work.
      await visitor.turn.alone(async () => {
        if (!isOnline) await visitor.goOffline();
        await sleep(LEFT_ALONE_MS);
        await visitor.track(this.names);
        const trackedAt = performance.now();
        await sleep(50);
        afterMs = Math.round(performance.now() - trackedAt);
        await visitor.kill();
      });
      await visitor.turn(async () => {
        await visitor.startAgain();
        if (!isOnline) await visitor.goOnline();
        await visitor.open();
      });
      return { afterMs };
    },
  })),
  {
    title: '429 with Retry-After 10, then the next page',
    names: named(10),
    async run(visitor) {
      const { requests, setFault } = visitor.collector;
      const before = requests.length;
      const fault = setFault(429, 60_000, FAULT_MS / 1000);
      let leftAt;
      // In one turn: who waited for another would leave when the pause is over.
      await visitor.turn(async () => {
        await visitor.track(this.names);
        const startedAt = Date.now();
        while (requests.length === before && Date.now() - startedAt < FAULT_MS) await sleep(10);
        // The pause counts from the first refusal on; some are under way already.
        fault.untilAt = (requests[before]?.at ?? Date.now()) + FAULT_MS;
        await sleep(200);
        leftAt = Date.now();
        await visitor.goToNextPage();
      });
      demand(visitor.collector, 429);
      if (Date.now() >= fault.untilAt) throw new Error('The next page took longer than the pause.');
      await sleep(fault.untilAt - Date.now());
      return {
        inPause: requests.filter(({ at }) => at >= leftAt && at < fault.untilAt).length,
      };
    },
  },
  {
    title: '503 for 10 s',
    names: named(20),
    async run(visitor) {
      await visitor.turn(async () => {
        visitor.collector.setFault(503, FAULT_MS);
        await visitor.track(this.names);
      });
      await sleep(FAULT_MS + 2000);
      demand(visitor.collector, 503);
      await visitor.view();
    },
  },
  {
    title: 'offline, tab closed, opened again',
    names: named(200),
    async run(visitor) {
      await visitor.turn(async () => {
        await closeOffline(visitor, this.names);
        await visitor.open();
      });
    },
  },
  {
    title: 'four tabs open on one backlog',
    names: named(200),
    async run(visitor) {
      await visitor.turn(async () => {
        await closeOffline(visitor, this.names);
        await Promise.all([1, 2, 3, 4].map(() => visitor.open()));
      });
    },
  },
  {
    title: 'tracked, and left in the same task',
    names: named(50),
    // Each is a page load, and so is most of the time that all scenarios take.
    briefNames: named(5),
    async run(visitor) {
      await visitor.turn(async () => {
        for (const name of this.names) await visitor.trackAndLeave(name);
        await visitor.view();
      });
    },
  },
  {
    title: 'one of ten refused (400)',
    names: named(9),
    async run(visitor) {
      await visitor.turn(() =>
        visitor.track([...this.names.slice(0, 4), POISON, ...this.names.slice(4)]),
      );
    },
  },
  {
    title: NOTHING,
    names: named(20),
    async run(visitor) {
      await visitor.turn(() => visitor.track(this.names));
    },
  },
];
