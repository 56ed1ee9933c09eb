/** One scenario with one strategy, from the first visitor to the last who comes back. */
import { createClock } from './clock.js';
import { createDevice } from './device.js';
import { createKlaviyo, type Klaviyo } from './klaviyo.js';
import { createNetwork } from './network.js';
import { createRandom } from './random.js';
import type { Scenario } from './scenarios.js';
import type { Strategy, Tracker } from './strategies/strategy.js';
import { createTally, type Tally, type Waiting } from './tally.js';
import { eventsOf, isKnown, type KnownPlan, planVisitor } from './visitors.js';

export interface SimulationOptions {
  seed: string;
  /** Of the scenario's visitors, and of Klaviyo's limits with them, above 0. 1 is the standard size. */
  share: number;
}

export interface Simulation {
  tally: Tally;
  klaviyo: Klaviyo;
  startAt: number;
  /** Those who are known at some time, and were simulated. */
  knownVisitors: number;
  /** Events of the others: nothing of them leaves a browser, so they are only counted. */
  held: number;
}

/** The first minute of a limiter's window, like any other: visitors do not come by its clock. */
const START_AT = Date.UTC(2026, 10, 27, 18);

export const simulate = async (
  scenario: Scenario,
  strategy: Strategy,
  { seed, share }: SimulationOptions,
): Promise<Simulation> => {
  const visitors = Math.round(scenario.visitors * share);
  const clock = createClock(START_AT);
  const tally = createTally(clock.now, START_AT);
  const klaviyo = createKlaviyo({
    clock,
    share,
    onAnswer: tally.onAnswer,
    onRecorded: tally.onRecorded,
  });
  const network = createNetwork(clock, klaviyo);
  let ids = 0;
  const uuid = (): string => `00000000-0000-4000-8000-${(++ids).toString(16).padStart(12, '0')}`;

  const visit = (plan: KnownPlan, index: number): void => {
    const random = createRandom(seed, 'device', index);
    const device = createDevice({ clock, network, random, uuid });
    const waiting: Waiting = { since: new Map(), isKnown: false };
    let pages = 0;

    const openPage = (visitNumber: number, pageNumber: number): void => {
      const { pages: planned, lingerMs } = plan.visits[visitNumber]!;
      const { stayMs, eventsMs } = planned[pageNumber]!;
      const page = device.open();
      const tracker: Tracker = strategy.open(page, device, tally);
      tally.onOpen(waiting);
      if (pages++ >= plan.knownFromPage) {
        waiting.isKnown = true;
        // As themes do, on every page.
        tracker.identify(`visitor-${index}@mail.example`);
      }
      for (const [order, atMs] of eventsMs.entries()) {
        const metric = order ? 'Added to Cart' : 'Viewed Product';
        clock.after(atMs, () => tracker.track(metric, tally.track(waiting)));
      }
      const close = (): void => {
        page.close();
        tally.onClose(waiting);
      };
      clock.after(stayMs, () => {
        if (planned[pageNumber + 1]) {
          close();
          openPage(visitNumber, pageNumber + 1);
          return;
        }
        const end = (): void => {
          close();
          const next = plan.visits[visitNumber + 1];
          if (next)
            clock.after(START_AT + next.atMs - clock.now(), () => openPage(visitNumber + 1, 0));
          else for (const number of strategy.stored(device)) tally.keep(number);
        };
        if (lingerMs) {
          page.hide();
          clock.after(lingerMs, end);
        } else end();
      });
    };
    openPage(0, 0);
  };

  let knownVisitors = 0;
  let held = 0;
  for (let index = 0; index < visitors; index++) {
    const atMs = scenario.arrival(createRandom(seed, 'arrival', index));
    const plan = planVisitor(seed, index, { atMs, knownShare: scenario.knownShare });
    if (!isKnown(plan)) held += eventsOf(plan);
    else {
      knownVisitors++;
      clock.after(atMs, () => visit(plan, index));
    }
  }
  tally.watch(scenario.watchMs / 1000);
  for (let atMs = 999; atMs < scenario.watchMs; atMs += 1000) clock.after(atMs, tally.look);
  if (scenario.fault) {
    const { fromMs, untilMs, ...fault } = scenario.fault;
    clock.after(fromMs, () => void klaviyo.faults.add(fault));
    clock.after(untilMs, klaviyo.faults.clear);
  }
  await clock.runOut();
  return { tally, klaviyo, startAt: START_AT, knownVisitors, held };
};
