// Answers that never come, break, or are lost.
import type { Fault } from 'klaviyo-storefront/sandbox';
import { until } from '../driver.js';
import { defineScenarios } from '../scenario.js';
import { visitKnown, type World } from '../world.js';

const faults: Record<string, { what: string; item: number; fault: Fault; isShort?: boolean }> = {
  'reset-before': {
    item: 13,
    what: 'the connection breaks before the request was processed',
    fault: { reset: 'before', times: 1 },
  },
  'reset-after': {
    item: 13,
    what: 'the connection breaks after the request was processed',
    fault: { reset: 'after', times: 1 },
    isShort: true,
  },
  'no-answer': { item: 14, what: 'an answer never comes', fault: { hang: true, times: 1 } },
  'endless-body': {
    item: 14,
    what: "an answer's body never ends",
    fault: { slowBodyMs: 60_000, times: 1 },
  },
  'endless-error': {
    item: 14,
    what: "an error's body never ends",
    fault: { status: 500, slowBodyMs: 60_000, times: 1 },
  },
  'cut-body': {
    item: 14,
    what: "an answer's body is cut",
    fault: { truncateBody: true, times: 1 },
  },
  'cut-429': {
    item: 14,
    what: "a 429's body is cut",
    fault: { status: 429, truncateBody: true, times: 1 },
  },
};

export const unanswered = defineScenarios([
  ...Object.entries(faults).map(([name, { fault, ...rest }]) => ({
    name,
    ...rest,
    counts: [1, 40, 600],
    run: async (world: World) => {
      world.defaults = { options: { requestTimeoutMs: 2500 } };
      const tab = await visitKnown(world);
      world.sandbox.addFault(fault);
      await world.track(tab);
      await world.arrival(world.entered.slice(0, 1));
      return { bound: 1 + 1 + (world.count < 24 ? 1 : 2) };
    },
  })),
  {
    name: 'batch-grown',
    isAboutBulk: true,
    item: 15,
    what: 'the first answer is lost, and the backlog grows meanwhile',
    counts: [1, 40, 600],
    run: async (world) => {
      const tab = await visitKnown(world);
      const fault = world.sandbox.addFault({ reset: 'after', times: 1 });
      await world.track(tab);
      await until('a request', () =>
        world.sandbox.requests().some(({ faultId }) => faultId === fault),
      );
      await world.track(tab, 30);
      await world.track(tab, 3);
      return { bound: 1 + 2 + 2 + 2 + (world.count < 24 ? 1 : 1) + 3 };
    },
  },
]);
