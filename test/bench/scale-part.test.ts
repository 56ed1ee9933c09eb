import { expect, it } from 'vitest';
import { rowsOf, unjudged } from './scale-part.mjs';

it('prints every aim of the simulation that is missed as missed, and judges ours only', () => {
  const figures = {
    ...{
      lost: 0,
      dropped: { expired: 3 },
      tracked: 100,
      waiting: 15,
      goodputShare: 0.93,
      throttledShare: 0.32,
      requestsPerVisitor: 12,
    },
    ...{ backlogMs: 60_000, peakBefore: 7, peakAfter: 15 },
  };
  const rows = rowsOf({ outage: { ours: figures, fetch: figures } }) as {
    name: string;
    of: string;
    isMet?: boolean;
  }[];
  const judged = rows.filter(({ isMet }) => isMet !== undefined);
  expect(judged.map(({ name, of, isMet }) => [name, of, isMet])).toEqual([
    ['outage: lost or dropped', 'ours', true],
    ['outage: goodput, of the limit', 'ours', true],
    ['outage: answered 429', 'ours', false],
    ['outage: most requests after', 'ours', false],
  ]);
});

it('counts as lost what was dropped for another reason than its age, and says which aim has no figure', () => {
  const ours = { lost: 1, dropped: { expired: 3, rejected: 2 }, tracked: 10, waiting: 0 };
  const rows = rowsOf({ day: { ours } }) as { name: string; value: number; isMet?: boolean }[];
  expect(rows[0]).toMatchObject({ name: 'day: lost or dropped', value: 3, isMet: false });
  expect(unjudged({ day: { ours } })).toEqual([
    'day: goodput, of the limit: not judged, there was no whole minute of backlog',
    'day: answered 429: not judged, there was no whole minute of backlog',
  ]);
});
