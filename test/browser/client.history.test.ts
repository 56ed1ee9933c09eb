// @vitest-environment node
/** Promise lines 1 to 4 against histories that nobody has thought of. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DatabaseState } from '../helpers/fake-database.js';
import { createOrigin } from '../helpers/fake-env.js';
import type { Rule } from '../helpers/fake-klaviyo.js';
import { start } from '../helpers/start-client.js';

const HOUR_MS = 3_600_000;

const faults: fc.Arbitrary<Rule> = fc.constantFrom<Rule[]>(
  { lost: 'before' },
  { lost: 'after' },
  { lost: 'hang' },
  { status: 500 },
  { status: 429, headers: { 'retry-after': '20' } },
  { latencyMs: 700 },
  { status: 413, endpoint: 'event-bulk-create' },
);
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ track: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 3, arbitrary: fc.record({ wait: fc.constantFrom(0, 1, 300, 1100, 9000, 30_000) }) },
  { weight: 2, arbitrary: fc.record({ fault: faults }) },
  { weight: 1, arbitrary: fc.record({ disk: fc.constantFrom('ok', 'full', 'slow', 'blocked') }) },
  { weight: 1, arbitrary: fc.record({ isOnline: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      page: fc.constantFrom('hide', 'navigate', 'kill lost', 'kill processed', 'open', 'lose'),
      tab: fc.nat(2),
    }),
  },
);
type Action = {
  track?: number;
  wait?: number;
  fault?: Rule;
  disk?: DatabaseState;
  isOnline?: boolean;
  page?: string;
  tab?: number;
};

it.each([true, false])(
  'delivers every durable event once, whatever happens (Web Locks: %s)',
  async (locks) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(action as fc.Arbitrary<Action>, { maxLength: 25 }),
        fc.constantFrom('discard' as const, 'refuse' as const, 'fail' as const),
        async (actions, bulkRule) => {
          const origin = createOrigin({ locks });
          origin.klaviyo.options.bulkRule = bulkRule;
          const open = () => start(origin, { anonymous: 'send' });
          const pages = [open(), open()];
          const durable: string[] = [];
          const dropped: unknown[] = [];
          let number = 0;
          for (const { track = 0, wait = -1, fault, page, tab = 0, ...world } of actions) {
            const one = pages[tab % pages.length]!;
            for (let i = 0; i < track; i++) {
              void one.client.track(`Event ${number++}`).then((id) => id && durable.push(id));
            }
            if (wait >= 0) await origin.advance(wait);
            if (world.disk) origin.database.setState(world.disk);
            if (world.isOnline === false) origin.goOffline();
            if (world.isOnline) origin.goOnline();
            if (fault) origin.klaviyo.answer({ ...fault, times: 1 });
            if (page === 'open') pages.push(open());
            if (page === 'hide') one.tab.hide();
            if (page === 'lose') one.tab.loseDatabase();
            if (page === 'navigate') one.tab.close();
            if (page?.startsWith('kill'))
              one.tab.kill(page.endsWith('lost') ? 'lost' : 'processed');
            if (!one.tab.isAlive()) {
              dropped.push(...one.reports.dropped);
              pages.splice(pages.indexOf(one), 1, open());
            }
          }
          origin.database.setState('ok');
          origin.goOnline();
          await origin.advance(HOUR_MS);
          await pages[0]!.client.track('Last');
          await origin.advance(HOUR_MS);
          for (const { reports } of pages) dropped.push(...reports.dropped);
          expect(dropped).toEqual([]);
          const recorded = new Set(origin.klaviyo.uniqueIds());
          expect(durable.filter((id) => !recorded.has(id))).toEqual([]);
          expect((await pages[0]!.client.inspect()).queue).toEqual([]);
          expect(origin.errors).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  },
);
