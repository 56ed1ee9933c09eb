// @vitest-environment node

import { describe, expect, it } from 'vitest';
import { nextRequests, sizeOf } from '../../src/browser/batch.js';
import { type QueuedEvent, SINGLE } from '../../src/browser/queued-event.js';
import { BULK_FROM, CONCURRENCY, FAILING_FROM } from '../../src/shared/limits.js';
import fc from '../helpers/fast-check.js';

interface Shape {
  who?: string;
  bytes?: number;
  metric?: string | undefined;
  batch?: string | undefined;
  attempts?: number;
}

const toItems = (shapes: Shape[]): QueuedEvent[] =>
  shapes.map((shape, index) => {
    const { who = 'ada', bytes = 100, batch, attempts = batch ? 1 : 0 } = shape;
    return {
      key: `${index}`.padStart(5, '0'),
      uniqueId: `id ${index}`,
      metric: 'metric' in shape ? shape.metric : 'Viewed Product',
      data: 'x'.repeat(bytes),
      createdAt: 1,
      anonymousId: 'a',
      who: { externalId: who },
      owner: '',
      attempts,
      batch,
    };
  });
const fresh = (count: number, shape: Shape = {}): Shape[] => Array(count).fill(shape);
const shapeOf = (requests: QueuedEvent[][]): string =>
  requests.map(({ length }) => `${length > 1 ? 'bulk' : 'single'} ${length}`).join();
const LIMITS = { maxEvents: 1000, maxBytes: 1_000_000 };
const next = (shapes: Shape[], limits = LIMITS) => shapeOf(nextRequests(toItems(shapes), limits));
const singles = (count: number) => Array(count).fill('single 1').join();

describe('the next requests', () => {
  it.each<[string, Shape[], string]>([
    ['nothing', [], ''],
    ['one event', fresh(1), 'single 1'],
    ['a few events', fresh(BULK_FROM - 1), singles(CONCURRENCY)],
    ['as many as make bulk worth it', fresh(BULK_FROM), `bulk ${BULK_FROM}`],
    ['more than a bulk request takes', fresh(1001), 'bulk 1000'],
    ['a profile update first', [{ metric: undefined }, ...fresh(50)], 'single 1'],
    [
      'a profile update after events',
      [...fresh(3), { metric: undefined }, ...fresh(50)],
      singles(3),
    ],
    ['many of two visitors', [...fresh(30), ...fresh(30, { who: 'bob' })], 'bulk 30'],
    ['a frozen batch that is whole', [...fresh(3, { batch: 'b:3' }), ...fresh(30)], 'bulk 3'],
    ['a frozen batch with a member gone', fresh(2, { batch: 'b:3' }), singles(2)],
    [
      'one tried singly before a frozen batch that is whole',
      [{ batch: SINGLE }, ...fresh(3, { batch: 'b:3' })],
      'bulk 3',
    ],
    [
      'one tried singly before a frozen batch with a member gone',
      [{ batch: SINGLE }, ...fresh(2, { batch: 'b:3' })],
      singles(3),
    ],
    [
      'a frozen batch after a profile update',
      [{ batch: SINGLE }, { metric: undefined }, ...fresh(3, { batch: 'b:3' })],
      'single 1',
    ],
    [
      'a frozen batch that always fails',
      fresh(30, { batch: 'b:30', attempts: FAILING_FROM }),
      singles(CONCURRENCY),
    ],
    ['many that were tried singly', fresh(40, { batch: SINGLE }), singles(CONCURRENCY)],
    ['one tried singly among many fresh', [{ batch: SINGLE }, ...fresh(30)], 'bulk 30'],
    ['events of which two are too big together', fresh(2, { bytes: 900_000 }), 'single 1'],
    ['one that is too big alone', [{ bytes: 2_000_000 }], 'single 1'],
  ])('for %s are right', (_, shapes, expected) => {
    expect(next(shapes)).toBe(expected);
  });
});

it('what always breaks the server is tried last', () => {
  const failing = fresh(CONCURRENCY, { batch: SINGLE, attempts: FAILING_FROM });
  failing[0] = { ...failing[0], attempts: FAILING_FROM + 1 };
  const keysOf = (shapes: Shape[]): number[] =>
    nextRequests(toItems(shapes), LIMITS).map(([record]) => Number(record!.key));
  const failedUpdate = { metric: undefined, ...failing[1] };
  // Those that have failed least often first.
  expect(keysOf([...failing, ...fresh(2), failedUpdate])).toEqual([5, 6, 1, 2, 3]);
  expect(keysOf([...failing, { metric: undefined }, ...fresh(2)])).toEqual([5]);
});

describe('batching, whatever is in the queue', () => {
  const bytes = fc.integer({ min: 1, max: 30_000 });
  const run = fc.oneof(
    fc.record({
      count: fc.integer({ min: 1, max: 60 }),
      shape: fc.record({
        who: fc.constantFrom('ada', 'bob'),
        bytes,
        batch: fc.option(fc.constant(SINGLE), { nil: undefined }),
      }),
    }),
    fc.record({
      count: fc.constant(1),
      shape: fc.record({ bytes, metric: fc.constant(undefined) }),
    }),
    // A frozen batch, of which some members may be gone.
    fc.record({
      count: fc.integer({ min: 1, max: 40 }),
      gone: fc.integer({ min: 0, max: 2 }),
      shape: fc.record({ bytes, attempts: fc.integer({ min: 1, max: FAILING_FROM + 1 }) }),
    }),
  );
  const queue = fc
    .array(run, { maxLength: 12 })
    .map((parts) =>
      toItems(
        parts.flatMap(({ count, shape, ...rest }, index) =>
          fresh(
            count,
            'gone' in rest ? { ...shape, batch: `${index}:${count + rest.gone}` } : shape,
          ),
        ),
      ),
    );
  const limits = fc.record({
    maxEvents: fc.integer({ min: 1, max: 60 }),
    maxBytes: fc.integer({ min: 1000, max: 500_000 }),
    bulkFrom: fc.double({ min: 1, max: BULK_FROM, noNaN: true }),
  });
  const sendAll = (
    items: QueuedEvent[],
    limit: { maxEvents: number; maxBytes: number; bulkFrom: number },
  ) => {
    const rounds: QueuedEvent[][][] = [];
    let left = items;
    while (left.length) {
      const requests = nextRequests(left, limit);
      expect(requests.length).toBeGreaterThan(0);
      rounds.push(requests);
      const sent = new Set(requests.flat());
      left = left.filter((record) => !sent.has(record));
    }
    return rounds;
  };
  const check = (
    property: (items: QueuedEvent[], rounds: QueuedEvent[][][], limit: typeof LIMITS) => void,
  ) =>
    fc.assert(
      fc.property(queue, limits, (items, limit) => property(items, sendAll(items, limit), limit)),
    );

  it('sends every event exactly once', () => {
    check((items, rounds) => {
      const sent = rounds.flat(2).map(({ key }) => key);
      expect([...sent].sort()).toEqual(items.map(({ key }) => key));
    });
  });

  it('keeps the order of fresh events of a visitor, and of each request', () => {
    check((_, rounds) => {
      for (const records of rounds.flat()) {
        const keys = records.map(({ key }) => key);
        expect([...keys].sort()).toEqual(keys);
      }
      for (const who of ['ada', 'bob']) {
        const keys = rounds
          .flat(2)
          .filter((record) => !record.batch && record.who.externalId === who)
          .map(({ key }) => key);
        expect([...keys].sort()).toEqual(keys);
      }
    });
  });

  it('never exceeds a limit', () => {
    check((_, rounds, { maxEvents, maxBytes }) => {
      for (const requests of rounds) {
        expect(requests.length).toBeLessThanOrEqual(CONCURRENCY);
        for (const records of requests) {
          const isFrozen = !!records[0]?.batch;
          if (records[1] && !isFrozen) {
            expect(records.length).toBeLessThanOrEqual(maxEvents);
            const bytes = records.reduce((sum, record) => sum + sizeOf(record), 0);
            expect(bytes).toBeLessThanOrEqual(maxBytes);
          }
        }
      }
    });
  });

  it('mixes neither visitors, nor fresh with attempted, nor a profile update with anything', () => {
    check((_, rounds) => {
      for (const requests of rounds) {
        const bulk = requests.find((request) => request[1]);
        if (bulk) {
          expect(new Set(bulk.map(({ batch }) => batch)).size).toBe(1);
          expect(bulk[0]?.batch).not.toBe(SINGLE);
          expect(bulk.every(({ metric }) => metric)).toBe(true);
          if (!bulk[0]?.batch) {
            expect(new Set(bulk.map(({ who }) => who.externalId)).size).toBe(1);
          }
        }
        const updates = requests.filter(([record]) => !record?.metric);
        if (updates.length) expect(requests.length).toBe(1);
      }
    });
  });

  it('resends a frozen batch whole or one by one', () => {
    check((items, rounds) => {
      for (const records of rounds.flat()) {
        const batch = records[0]?.batch;
        if (!records[1] || !batch) continue;
        expect(records).toEqual(items.filter((record) => record.batch === batch));
        expect(records.length).toBe(Number(batch.split(':')[1]));
      }
    });
  });

  it('sends a profile update before the fresh events that were tracked after it', () => {
    check((_, rounds) => {
      const sent = rounds.flat(2);
      for (const [index, { metric, key }] of sent.entries()) {
        if (metric) continue;
        const early = sent.slice(0, index).filter((other) => !other.batch && other.key > key);
        expect(early).toEqual([]);
      }
    });
  });
});
