import { expect, it } from 'vitest';
import { rowsOf } from './scale-part.mjs';

it('prints every aim of the simulation that is missed as missed, and judges ours only', () => {
  const figures = {
    ...{ lost: 0, goodputShare: 0.93, throttledShare: 0.32, requestsPerVisitor: 12 },
    ...{ backlogMs: 60_000, peakBefore: 7, peakAfter: 15 },
  };
  const rows = rowsOf({ outage: { ours: figures, fetch: figures } }) as {
    name: string;
    of: string;
    isMet?: boolean;
  }[];
  const judged = rows.filter(({ isMet }) => isMet !== undefined);
  expect(judged.map(({ name, of, isMet }) => [name, of, isMet])).toEqual([
    ['outage: lost', 'ours', true],
    ['outage: goodput, of the limit', 'ours', true],
    ['outage: answered 429', 'ours', false],
    ['outage: most requests after', 'ours', false],
  ]);
});
