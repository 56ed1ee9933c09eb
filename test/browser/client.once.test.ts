// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { createOrigin, type Origin } from '../helpers/fake-env.js';
import { start, startKnown } from '../helpers/start-client.js';

const BULK = 'event-bulk-create';
const HOUR_MS = 3_600_000;
const names = (count: number) => Array.from({ length: count }, (_, index) => `Event ${index}`);
const trackAll = (client: { track: (name: string) => Promise<unknown> }, count: number) =>
  Promise.all(names(count).map((name) => client.track(name)));
const bulks = (origin: Origin) =>
  origin.klaviyo.requests.filter(({ endpoint }) => endpoint === BULK);
const sorted = (ids: unknown[]) => [...ids].sort();

describe.each(['discard', 'refuse', 'fail'] as const)(
  'when bulk repeats are treated as %s',
  (rule) => {
    const create = (): Origin => {
      const origin = createOrigin();
      origin.klaviyo.options.bulkRule = rule;
      return origin;
    };

    it.each(['before', 'after', 'hang'] as const)(
      'records a bulk batch once when its answer is lost (%s)',
      async (lost) => {
        const origin = create();
        const { client } = await startKnown(origin);
        origin.klaviyo.answer({ endpoint: BULK, lost, times: 1 });
        const ids = await trackAll(client, 40);
        await origin.advance(HOUR_MS);
        expect(sorted(origin.klaviyo.uniqueIds())).toEqual(sorted(ids));
        expect((await client.inspect()).queue).toEqual([]);
      },
    );

    it('resends an unanswered batch with the same members, and fresh events apart', async () => {
      const origin = create();
      const { client } = await startKnown(origin);
      origin.klaviyo.answer({ endpoint: BULK, lost: 'after', times: 1 });
      const first = await trackAll(client, 30);
      await origin.advance(100);
      const second = await trackAll(client, 30);
      await origin.advance(HOUR_MS);
      expect(
        bulks(origin)
          .slice(0, 2)
          .map(({ uniqueIds }) => uniqueIds),
      ).toEqual([first, first]);
      expect(sorted(origin.klaviyo.uniqueIds())).toEqual(sorted([...first, ...second]));
    });

    it('records once what was in flight when the tab was killed, whatever became of it', async () => {
      for (const fate of ['lost', 'processed'] as const) {
        for (const count of [3, 40]) {
          const origin = create();
          origin.klaviyo.options.latencyMs = 1000;
          const { client, tab } = await startKnown(origin);
          const ids = await trackAll(client, count);
          await origin.advance(1200);
          tab.kill(fate);
          const next = start(origin);
          const later = await trackAll(next.client, 30);
          await origin.advance(HOUR_MS);
          expect(sorted(origin.klaviyo.uniqueIds())).toEqual(sorted([...ids, ...later]));
        }
      }
    });

    it('keeps an event that was tried on its own out of every bulk request', async () => {
      const origin = create();
      const { client } = await startKnown(origin);
      origin.klaviyo.answer({ lost: 'after', times: 1 });
      const alone = await client.track('Alone');
      await origin.advance(1000);
      const others = await trackAll(client, 30);
      await origin.advance(HOUR_MS);
      expect(bulks(origin).length).toBeGreaterThan(0);
      expect(bulks(origin).flatMap(({ uniqueIds }) => uniqueIds)).not.toContain(alone);
      expect(sorted(origin.klaviyo.uniqueIds())).toEqual(sorted([alone, ...others]));
    });

    it("keeps a page's own uniqueId out of every bulk request", async () => {
      const origin = create();
      const { client } = await startKnown(origin);
      for (const id of ['a', 'b', 'a', 'c']) void client.track('Own', {}, { uniqueId: id });
      const others = await trackAll(client, 30);
      await origin.advance(HOUR_MS);
      expect(
        bulks(origin)
          .flatMap(({ uniqueIds }) => uniqueIds)
          .sort(),
      ).toEqual(sorted(others));
      expect(sorted(origin.klaviyo.uniqueIds())).toEqual(sorted(['a', 'b', 'c', ...others]));
      expect(origin.klaviyo.duplicates).toEqual(['a']);
    });

    it('delivers nine of ten, and twenty-nine of thirty, when one is poisoned', async () => {
      for (const count of [10, 30]) {
        const origin = create();
        const { client, reports } = await startKnown(origin);
        origin.klaviyo.answer({
          metric: 'Event 4',
          status: 400,
          body: '{"errors":[{"detail":"bad"}]}',
        });
        const ids = await trackAll(client, count);
        await origin.advance(HOUR_MS);
        expect(sorted(origin.klaviyo.uniqueIds())).toEqual(sorted(ids.filter((_, i) => i !== 4)));
        expect(reports.dropped).toEqual([
          expect.objectContaining({ uniqueId: ids[4], metric: 'Event 4', reason: 'rejected' }),
        ]);
        expect(reports.dropped[0]?.detail).toContain('bad');
        expect((await client.inspect()).queue).toEqual([]);
      }
    });

    it('halves a request that is too large until it is not', async () => {
      const origin = create();
      const { client, reports } = await startKnown(origin);
      origin.klaviyo.answer({ status: 413, when: ({ events }) => events.length > 10 });
      const ids = await trackAll(client, 64);
      await origin.advance(HOUR_MS);
      expect(sorted(origin.klaviyo.uniqueIds())).toEqual(sorted(ids));
      expect(origin.klaviyo.requests.length).toBeLessThan(20);
      expect(reports.dropped).toEqual([]);
    });

    it('gives up only the one event that is too large by itself', async () => {
      const origin = create();
      const { client, reports } = await startKnown(origin);
      origin.klaviyo.answer({ status: 413, metric: 'Event 7' });
      const ids = await trackAll(client, 32);
      await origin.advance(HOUR_MS);
      expect(sorted(origin.klaviyo.uniqueIds())).toEqual(sorted(ids.filter((_, i) => i !== 7)));
      expect(reports.dropped.map(({ uniqueId, reason }) => [uniqueId, reason])).toEqual([
        [ids[7], 'rejected'],
      ]);
    });

    it('sends a batch that always meets a 500 event by event in the end', async () => {
      const origin = create();
      const { client } = await startKnown(origin);
      origin.klaviyo.answer({ endpoint: BULK, status: 500 });
      const ids = await trackAll(client, 30);
      await origin.advance(HOUR_MS);
      expect(bulks(origin).length).toBe(5);
      expect(sorted(origin.klaviyo.uniqueIds())).toEqual(sorted(ids));
    });

    it('records once what a hidden page sends while its flush is under way', async () => {
      const origin = create();
      const { client, tab } = await startKnown(origin);
      origin.klaviyo.options.latencyMs = 500;
      const ids = await trackAll(client, 30);
      for (let ms = 0; ms < 6; ms++) await origin.advance(200);
      tab.hide();
      tab.show();
      const more = await trackAll(client, 3);
      tab.hide();
      await origin.advance(HOUR_MS);
      expect(sorted(origin.klaviyo.uniqueIds())).toEqual(sorted([...ids, ...more]));
    });
  },
);

describe('a flush', () => {
  it('is bulk from 24 fresh events on, and single requests below', async () => {
    for (const [count, endpoint] of [
      [23, 'events'],
      [24, BULK],
    ] as const) {
      const origin = createOrigin();
      const { client } = await startKnown(origin, { flushAt: 1000 });
      const before = origin.klaviyo.requests.length;
      await trackAll(client, count);
      await origin.advance(5000);
      const used = new Set(
        origin.klaviyo.requests.slice(before).map((request) => request.endpoint),
      );
      expect([...used]).toEqual([endpoint]);
      expect(origin.klaviyo.metrics()).toEqual(names(count));
    }
  });

  it('delivers 1000 offline events in one request, and 1500 in two', async () => {
    for (const [count, requests] of [
      [1000, 1],
      [1500, 2],
    ] as const) {
      const origin = createOrigin();
      const { client } = await startKnown(origin);
      origin.goOffline();
      await trackAll(client, count);
      origin.goOnline();
      await origin.advance(60_000);
      expect(bulks(origin).length).toBe(requests);
      expect(origin.klaviyo.metrics()).toEqual(names(count));
    }
  });

  it('keeps every request under 5 MB', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin, { maxQueueBytes: 50_000_000 });
    const text = 'ü'.repeat(45_000);
    const ids = await Promise.all(names(120).map((name) => client.track(name, { text })));
    await origin.advance(60_000);
    expect(sorted(origin.klaviyo.uniqueIds())).toEqual(sorted(ids));
    expect(Math.max(...origin.klaviyo.requests.map(({ bytes }) => bytes))).toBeLessThan(5_000_000);
    expect(bulks(origin).length).toBe(2);
  });

  it.each([
    [50, 120, [50, 50]],
    [5000, 1100, [1000, 100]],
  ])(
    'with maxBatchEvents %i makes bulk requests of the right size',
    async (most, tracked, sizes) => {
      const origin = createOrigin();
      const { client } = await startKnown(origin, { maxBatchEvents: most, flushAt: 5000 });
      await trackAll(client, tracked);
      await origin.advance(60_000);
      expect(bulks(origin).map(({ events }) => events.length)).toEqual(sizes);
      expect(origin.klaviyo.events.length).toBe(tracked);
    },
  );
});
