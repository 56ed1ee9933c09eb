/** What happens, and to how many. */
import type { Fault } from '../../../src/sandbox/fault.js';
import { exponential, type Random } from './random.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export interface Scenario {
  name: string;
  title: string;
  /** At the standard size, with Klaviyo's limits. */
  visitors: number;
  /** Of the visitors who come known. */
  knownShare: number;
  /** When a visitor comes first, in ms from the beginning. */
  arrival: (random: Random) => number;
  /** What Klaviyo answers for a time instead of working. */
  fault?: Fault & { fromMs: number; untilMs: number };
  /** The end of what puts a strain on the account: how long the backlog lasts is counted from here. */
  strainEndMs: number;
  /** How long each second is looked at, from the beginning. */
  watchMs: number;
}

/** Of an ordinary visit, one in seven is somebody the shop's scripts know (14 %, Attribuly on Klaviyo's own). */
const ORDINARY_KNOWN_SHARE = 0.14;
/** A sale is announced by mail, and links in mails carry `_kx`. An assumption; it makes the load. */
const SALE_KNOWN_SHARE = 0.7;

/** The evening's busiest hour has twice the mean of the day, the night next to nothing. */
const inDay = (random: Random): number => {
  for (;;) {
    const hour = random() * 24;
    if (random() < (1 + Math.cos(((hour - 20) / 24) * 2 * Math.PI)) / 2) return hour * HOUR_MS;
  }
};
/** Most open the mail as it comes. */
const inSale = (random: Random): number => {
  for (;;) {
    const atMs = exponential(random, 5 * MINUTE_MS);
    if (atMs < 10 * MINUTE_MS) return atMs;
  }
};

export const SCENARIOS: Scenario[] = [
  {
    name: 'day',
    title: 'an ordinary day',
    visitors: 5000,
    knownShare: ORDINARY_KNOWN_SHARE,
    arrival: inDay,
    strainEndMs: 24 * HOUR_MS,
    watchMs: 25 * HOUR_MS,
  },
  {
    name: 'sale',
    title: 'a flash sale, all within 10 minutes',
    visitors: 20_000,
    knownShare: SALE_KNOWN_SHARE,
    arrival: inSale,
    strainEndMs: 10 * MINUTE_MS,
    watchMs: 3 * HOUR_MS,
  },
  {
    name: 'outage',
    // Two thirds of what the account may take: what comes on top of that after the outage nearly fills it.
    title: 'a peak of 45 minutes, and 10 minutes of 503 in it',
    visitors: 20_000,
    knownShare: SALE_KNOWN_SHARE,
    arrival: (random) => random() * 45 * MINUTE_MS,
    fault: { status: 503, fromMs: 15 * MINUTE_MS, untilMs: 25 * MINUTE_MS },
    strainEndMs: 25 * MINUTE_MS,
    watchMs: 3 * HOUR_MS,
  },
  {
    name: 'key',
    title: 'three busy hours, the second of them with a wrong key (401)',
    visitors: 5000,
    knownShare: ORDINARY_KNOWN_SHARE,
    arrival: (random) => random() * 3 * HOUR_MS,
    fault: { status: 401, fromMs: HOUR_MS, untilMs: 2 * HOUR_MS },
    strainEndMs: 2 * HOUR_MS,
    watchMs: 5 * HOUR_MS,
  },
];
