// What happens to the visitor, the network and the server, and which events should arrive.
// A page that is opened again tracks a view, which is not counted: some send what they have stored only then.
import { setTimeout as sleep } from 'node:timers/promises';
import { POISON } from './collector.mjs';

const named = (count) => Array.from({ length: count }, (_, n) => `event-${n}`);
/** Time to put by what cannot be sent, which some do seconds later. */
export const STORE_MS = 5000;
const FAULT_MS = 10_000;

/** @typedef {{ title: string; onProfile?: boolean; names: string[]; run(visitor: object): Promise<object | void> }} Scenario */

/** @type {Scenario[]} */
export const scenarios = [
  {
    // Whoever loses something here is not set up as they should be.
    title: 'nothing goes wrong',
    names: named(20),
    async run(visitor) {
      await visitor.turn(() => visitor.track(this.names));
    },
  },
  {
    title: 'offline, tab closed, opened again',
    names: named(200),
    async run(visitor) {
      await visitor.turn(async () => {
        await visitor.goOffline();
        await visitor.track(this.names);
        // In this turn still: who waits for another has been offline for longer.
        await sleep(STORE_MS);
        await visitor.closePage();
        await visitor.goOnline();
        await visitor.open();
      });
    },
  },
  ...[true, false].map((isOnline) => ({
    title: `browser killed 50 ms after the last call, ${isOnline ? 'online' : 'offline'}`,
    onProfile: true,
    names: named(100),
    async run(visitor) {
      await visitor.turn(async () => {
        if (!isOnline) await visitor.goOffline();
        await visitor.track(this.names);
        await sleep(50);
        await visitor.killAndStart();
        if (!isOnline) await visitor.goOnline();
        await visitor.open();
      });
    },
  })),
  {
    title: 'tracked, and left in the same task',
    names: named(50),
    async run(visitor) {
      await visitor.turn(async () => {
        for (const name of this.names) await visitor.trackAndLeave(name);
      });
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
      await visitor.view();
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
    title: 'four tabs open on one backlog',
    names: named(200),
    async run(visitor) {
      await visitor.turn(async () => {
        await visitor.goOffline();
        await visitor.track(this.names);
        // In this turn still: who waits for another has been offline for longer.
        await sleep(STORE_MS);
        await visitor.closePage();
        await visitor.goOnline();
        await Promise.all([1, 2, 3, 4].map(() => visitor.open()));
      });
    },
  },
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
        fault.untilAt = Date.now() + FAULT_MS;
        await sleep(200);
        leftAt = Date.now();
        await visitor.goToNextPage();
      });
      if (Date.now() >= fault.untilAt) throw new Error('The next page took longer than the pause.');
      await sleep(fault.untilAt - Date.now());
      return {
        inPause: requests.filter(({ at }) => at >= leftAt && at < fault.untilAt).length,
      };
    },
  },
];
