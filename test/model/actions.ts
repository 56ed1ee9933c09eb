/** What may happen to a shop's visitor, drawn at random: pages, calls, network, clock, disk, death. */

import type { Consent } from '../../src/browser/options.js';
import type { DatabaseState, Writes } from '../helpers/fake-database.js';
import type { Fate } from '../helpers/fake-env.js';
import type { BulkRule, Rule } from '../helpers/fake-klaviyo.js';
import fc from '../helpers/fast-check.js';

/** What stays the same through one history. */
export interface Setting {
  locks: boolean;
  bulkRule: BulkRule;
  anonymous: 'hold' | 'send';
  consent: Consent;
  maxQueueEvents: number;
  /** Warns about what Klaviyo would ignore. */
  debug: boolean;
  random: number;
}

/** A process dies at the step after so many others, or between two steps. */
export interface Crash {
  inSteps: number;
  /** One page, or the browser with all of them. */
  isAll: boolean;
  fate: Fate;
  writes: Writes;
}

export type Poison = 'refused' | 'broken';

export type Action = { tab: number } & (
  | {
      do: 'track';
      count: number;
      /** One of them, in the middle, that Klaviyo refuses, or that always breaks its server. */
      poison?: Poison;
      /** Holds what Klaviyo would ignore. */
      isOdd?: boolean;
      own?: number;
      isTold: boolean;
      isLeaving?: boolean;
    }
  | { do: 'identify'; who: number }
  | { do: 'reset' | 'open' | 'flush' | 'close' | 'hide' | 'show' | 'freeze' | 'suspend' | 'thaw' }
  | { do: 'navigate' | 'lose' | 'online' | 'offline' | 'heal' }
  | { do: 'consent'; state: 'granted' | 'denied' | 'taken back' }
  | ({ do: 'crash' } & Crash)
  | { do: 'wait'; ms: number }
  | { do: 'jump'; ms: number }
  | { do: 'disk'; state: DatabaseState }
  | { do: 'answer'; rule: Rule }
);

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const BULK = 'event-bulk-create';

export const settings: fc.Arbitrary<Setting> = fc.record({
  locks: fc.boolean(),
  bulkRule: fc.constantFrom('discard', 'refuse', 'fail'),
  anonymous: fc.constantFrom('send', 'hold'),
  consent: fc.constantFrom('granted', 'granted', 'granted', 'granted', 'pending', 'denied'),
  maxQueueEvents: fc.constantFrom(2000, 2000, 2000, 40),
  debug: fc.boolean(),
  random: fc.constantFrom(0.5, 0.02, 0.98),
});

const rule: fc.Arbitrary<Rule> = fc
  .tuple(
    fc.constantFrom<Rule[]>(
      { lost: 'before' },
      { lost: 'after' },
      { lost: 'hang' },
      { latencyMs: 700 },
      { latencyMs: 20_000 },
      { status: 500 },
      { status: 503, latencyMs: 400 },
      { status: 429, headers: { 'retry-after': '20' } },
      { status: 429, latencyMs: 300, body: 'Expected available in 20 seconds.' },
      { status: 429 },
      { status: 413, endpoint: BULK },
      { status: 413, endpoint: BULK, latencyMs: 3000 },
      { status: 413, when: ({ events }) => events.length > 10 },
      { status: 400, endpoint: BULK },
      { status: 400, endpoint: BULK, latencyMs: 3000 },
      { status: 400, endpoint: 'events' },
      { status: 400, endpoint: 'events', latencyMs: 3000 },
      { status: 400, endpoint: 'profiles' },
      { status: 403, body: '<html>ada@shop.example' },
    ),
    fc.constantFrom(1, 1, 2, 6),
  )
  .map(([one, times]) => ({ ...one, times }));

/** The more often it is in the list, the more likely. */
const plain = (...names: string[]) => fc.constantFrom(...names).map((name) => ({ do: name }));

const what = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('track'),
      count: fc.oneof(
        { withCrossShrink: true },
        { arbitrary: fc.constantFrom(1, 2, 5, 26, 40), weight: 19 },
        // More than some queues hold, and than may wait for consent.
        { arbitrary: fc.constant(120), weight: 1 },
      ),
      poison: fc.constantFrom(...Array(6).fill(undefined), 'refused', 'refused', 'broken'),
      isOdd: fc.constantFrom(false, false, false, true),
      own: fc.constantFrom(undefined, undefined, undefined, 1, 2),
      isTold: fc.boolean(),
      isLeaving: fc.constantFrom(false, false, false, true),
    }),
  },
  {
    weight: 9,
    arbitrary: fc
      .constantFrom(0, 1, 300, 1100, 9000, 30_000, 2 * MINUTE_MS)
      .map((ms) => ({ do: 'wait', ms })),
  },
  { weight: 5, arbitrary: rule.map((one) => ({ do: 'answer', rule: one })) },
  { weight: 3, arbitrary: fc.nat(2).map((who) => ({ do: 'identify', who })) },
  {
    weight: 9,
    arbitrary: plain(
      'hide',
      'show',
      'freeze',
      'suspend',
      'thaw',
      'navigate',
      'close',
      'open',
      'open',
    ),
  },
  { weight: 3, arbitrary: plain('online', 'offline', 'flush', 'heal', 'lose', 'reset') },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('crash'),
      inSteps: fc.oneof(fc.nat(12), fc.nat(60)),
      isAll: fc.boolean(),
      fate: fc.constantFrom('lost', 'processed'),
      writes: fc.constantFrom('rolled back', 'kept'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('granted', 'denied', 'taken back', 'taken back')
      .map((state) => ({ do: 'consent', state })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('ok', 'full', 'slow', 'blocked')
      .map((state) => ({ do: 'disk', state })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(10_000, HOUR_MS, 2 * DAY_MS, 20 * DAY_MS, -10_000, -HOUR_MS, -20 * DAY_MS)
      .map((ms) => ({ do: 'jump', ms })),
  },
);

export const actions = fc.array(
  fc.tuple(fc.nat(2), what).map(([tab, one]) => ({ tab, ...one }) as Action),
  { maxLength: 30, size: 'max' },
);
