// @vitest-environment node
/** Storage that answers late, or half: what was sent must not look fresh to a later page. */
import { describe, expect, it } from 'vitest';
import { createOrigin, type Origin } from '../helpers/fake-env.js';
import { start, startKnown, startOn } from '../helpers/start-client.js';

const HOUR_MS = 3_600_000;
const names = (count: number) => Array.from({ length: count }, (_, index) => `Event ${index}`);
const sorted = (ids: unknown[]) => [...ids].sort();
const trackAll = (client: { track: (name: string) => Promise<unknown> }, count: number) =>
  Promise.all(names(count).map((name) => client.track(name)));

describe.each(['discard', 'refuse', 'fail'] as const)(
  'when bulk repeats are treated as %s',
  (rule) => {
    const create = (): Origin => {
      const origin = createOrigin();
      origin.klaviyo.options.bulkRule = rule;
      return origin;
    };

    it.each(['blocked', 'slow'] as const)(
      'a write that was given up and commits (%s) spoils no later batch',
      async (state) => {
        const origin = create();
        const { client, tab } = await startKnown(origin);
        origin.database.setState(state);
        const pending = trackAll(client, 30);
        await origin.advance(20_000);
        const first = await pending;
        expect(sorted(origin.klaviyo.uniqueIds())).toEqual(sorted(first));
        origin.database.setState('ok');
        await origin.advance(1000);
        const next = startOn(tab.navigate());
        const second = await trackAll(next.client, 30);
        await origin.advance(HOUR_MS);
        expect(sorted(origin.klaviyo.uniqueIds())).toEqual(sorted([...first, ...second]));
        expect((await next.client.inspect()).queue).toEqual([]);
      },
    );

    it('an attempt that could not be stored anywhere spoils no later batch', async () => {
      const origin = create();
      const { client, tab } = await startKnown(origin);
      const first = await trackAll(client, 30);
      origin.database.setState('full');
      origin.local.switches.quota = 0;
      origin.klaviyo.answer({ lost: 'hang', endpoint: 'event-bulk-create', times: 1 });
      await origin.advance(5000);
      tab.kill();
      origin.database.setState('ok');
      origin.local.switches.quota = 5_000_000;
      const next = start(origin);
      const second = await trackAll(next.client, 30);
      await origin.advance(HOUR_MS);
      expect(sorted(origin.klaviyo.uniqueIds())).toEqual(sorted([...first, ...second]));
    });

    it('a record that cannot be removed spoils no later batch', async () => {
      const origin = create();
      const { client, tab } = await startKnown(origin);
      origin.klaviyo.options.latencyMs = 2000;
      const first = await trackAll(client, 30);
      await origin.advance(1500);
      origin.database.setState('blocked');
      await origin.advance(10_000);
      tab.kill();
      origin.database.setState('ok');
      const next = start(origin);
      const second = await trackAll(next.client, 30);
      await origin.advance(HOUR_MS);
      expect(sorted(origin.klaviyo.uniqueIds())).toEqual(sorted([...first, ...second]));
    });

    it('a page that is hidden while its batch is being stored spoils no later batch', async () => {
      for (const turns of [0, 1, 2, 3, 4, 5, 6]) {
        const origin = create();
        origin.klaviyo.options.latencyMs = 1000;
        const { client, tab } = await startKnown(origin);
        const first = trackAll(client, 30);
        let steps = 0;
        origin.setOnStep((_, name) => {
          // Each place at which the page touches the world between track() and the request.
          if (/transaction|committed|fetch /.test(name) && steps++ === turns) {
            queueMicrotask(() => tab.hide());
          }
        });
        await origin.advance(1100);
        origin.setOnStep(() => undefined);
        tab.kill('processed');
        const next = start(origin);
        const second = await trackAll(next.client, 30);
        await origin.advance(HOUR_MS);
        const ids = sorted([...(await first), ...second]);
        expect(sorted(origin.klaviyo.uniqueIds())).toEqual(ids);
      }
    });

    it('a page left while a batch too big for its end is being stored sends what fits', async () => {
      const origin = create();
      const { client, tab } = await startKnown(origin, { flushAt: 1000 });
      const text = 'x'.repeat(600);
      const first = Promise.all(names(200).map((name) => client.track(name, { text })));
      let isLoaded = false;
      let isLeft = false;
      // The first write after the queue was read is the one that freezes the batch.
      origin.setOnStep((_, name) => {
        isLoaded ||= name === 'committed readonly';
        if (!isLoaded || isLeft || name !== 'transaction readwrite') return;
        isLeft = true;
        queueMicrotask(() => tab.close());
      });
      await origin.advance(2000);
      origin.setOnStep(() => undefined);
      expect(isLeft).toBe(true);
      expect(origin.klaviyo.events.length).toBeGreaterThan(50);
      start(origin);
      await origin.advance(HOUR_MS);
      expect(sorted(origin.klaviyo.uniqueIds())).toEqual(sorted(await first));
    });
  },
);
