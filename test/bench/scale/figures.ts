/** What a simulation comes to, in numbers. Shares are in [0, 1], times in ms. */
import type { ClientEndpoint } from '../../../src/sandbox/endpoints.js';
import type { Scenario } from './scenarios.js';
import type { Simulation } from './simulate.js';
import type { Second } from './tally.js';

export interface Figures {
  knownVisitors: number;
  /** Events of visitors whom the shop came to know; all shares are of these. */
  tracked: number;
  /** Events of visitors who stayed unknown: Klaviyo has no use for them, and nobody sent them. */
  held: number;
  recorded: number;
  /** On devices that did not come back. */
  waiting: number;
  dropped: Record<string, number>;
  lost: number;
  /** Of the events tracked until the end of the strain: recorded by then, and an hour later. */
  recordedShareAtEnd: number;
  recordedShareHourLater: number;
  /** Copies that Klaviyo discarded. */
  duplicates: number;
  /** From the end of the strain to the last second of backlog. 0: there was none then. */
  backlogMs: number;
  /** Whole minutes of backlog, each of its seconds with more than a second's limit waiting on open pages. */
  backlogMinutes: number;
  /** In those minutes: accepted requests as a share of the limit, of the endpoint nearest to its own. */
  goodputShare: number | undefined;
  /** In those minutes. */
  eventsPerMinute: number | undefined;
  throttledShare: number;
  /** In those minutes. */
  throttledShareInBacklog: number | undefined;
  requestsPerVisitor: number;
  /** Most requests a second over ten seconds, before the strain ended, and after. For an outage: before it began. */
  peakBefore: number;
  peakAfter: number;
  /** Most in any one second. */
  peakSecond: number;
}

const SECONDS = 60;
/** Of single seconds the highest is mostly chance. */
const PEAK_SECONDS = 10;

const sum = (seconds: Second[], of: (second: Second) => number): number =>
  seconds.reduce((total, second) => total + of(second), 0);

export const figuresOf = (scenario: Scenario, simulation: Simulation): Figures => {
  const { tally, klaviyo, startAt, knownVisitors, held } = simulation;
  const { seconds } = tally;
  const endAt = startAt + scenario.strainEndMs;

  const isBacklog = ({ waiting }: Second): boolean => waiting >= klaviyo.limits.events.burst;
  const endSecond = scenario.strainEndMs / 1000;
  const lastBacklog = seconds.findLastIndex(isBacklog);
  const minutes = Array.from({ length: Math.floor(seconds.length / SECONDS) }, (_, minute) =>
    seconds.slice(minute * SECONDS, (minute + 1) * SECONDS),
  );
  const isWorking = (minute: number): boolean =>
    !scenario.fault ||
    (minute + 1) * SECONDS * 1000 <= scenario.fault.fromMs ||
    minute * SECONDS * 1000 >= scenario.fault.untilMs;
  const full = minutes.filter((minute, index) => minute.every(isBacklog) && isWorking(index));
  const inFull = full.flat();
  const shares = (['events', 'event-bulk-create'] as ClientEndpoint[]).map(
    (endpoint) =>
      sum(inFull, ({ accepted }) => accepted[endpoint] ?? 0) /
      (full.length * klaviyo.limits[endpoint as 'events'].steady),
  );
  const peak = (from: number, until: number, length: number): number => {
    let most = 0;
    for (let second = from; second + length <= until; second++) {
      const inside = seconds.slice(second, second + length);
      most = Math.max(most, sum(inside, ({ requests }) => requests) / length);
    }
    return most;
  };
  const beginSecond = (scenario.fault?.fromMs ?? scenario.strainEndMs) / 1000;
  const requestsInFull = sum(inFull, ({ requests }) => requests);
  return {
    knownVisitors,
    held,
    ...tally.count(),
    recordedShareAtEnd: tally.recordedShare(endAt, endAt),
    recordedShareHourLater: tally.recordedShare(endAt, endAt + 3_600_000),
    duplicates: klaviyo.duplicates(),
    backlogMs: Math.max(0, lastBacklog + 1 - endSecond) * 1000,
    backlogMinutes: full.length,
    goodputShare: full[0] && Math.max(...shares),
    eventsPerMinute: full[0] && sum(inFull, ({ recorded }) => recorded) / full.length,
    throttledShare: tally.throttled() / tally.requests(),
    throttledShareInBacklog: full[0] && sum(inFull, (one) => one.throttled) / requestsInFull,
    requestsPerVisitor: tally.requests() / knownVisitors,
    peakBefore: peak(0, beginSecond, PEAK_SECONDS),
    peakAfter: peak(endSecond, seconds.length, PEAK_SECONDS),
    peakSecond: peak(0, seconds.length, 1),
  };
};
