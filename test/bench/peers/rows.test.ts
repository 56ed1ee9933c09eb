import { describe, expect, it } from 'vitest';
import { rowsOf } from './rows.mjs';

const variantOf = (name: string) => ({
  id: name,
  name,
  adapter: { library: {}, isOurs: name === 'klaviyo-storefront' },
});
const [ours, theirs] = [variantOf('klaviyo-storefront'), variantOf('theirs')];
const scenario = { title: 'closed', names: ['a', 'b', 'c'] };
const round = (variant: object, lost: number, copies = 0, doubled = 0) => ({
  ...{ scenario, variant, lost, copies, doubled },
});
const cost = { startMs: 1, startBusyMs: 1, callMs: 1, callBusyMs: 1, longestMs: 0, undelivered: 0 };
const backlog = { lost: 0, requests: 1, preflights: 0, bytes: 1, tookMs: 1 };

const rowsWith = ({ variants = [ours, theirs], theirSizes = { min: 30, gzip: 30, brotli: 30 } }) =>
  rowsOf({
    variants,
    scenarios: [scenario],
    found: new Map([
      [ours.id, { sizes: { min: 11, gzip: 10, brotli: 9 }, costs: [cost], backlogs: [backlog] }],
      [
        theirs.id,
        { sizes: theirSizes, costs: [cost], backlogs: [{ ...backlog, lost: 1000, requests: 0 }] },
      ],
    ]),
    arrivals: [0, 3, 0].map((lost) => round(ours, lost)).concat(round(theirs, 1, 2, 1)),
  }) as { name: string; of: string; value: number; aim?: string; isMet?: boolean }[];

const rowOf = (rows: ReturnType<typeof rowsWith>, name: string, of = ours.name) =>
  rows.find((row) => row.name === name && row.of === of);

describe('rows of the peers', () => {
  it('are medians, and what happens in one round of three is seen beside them', () => {
    const rows = rowsWith({});
    const lost = { value: 0, isMet: true, range: [0, 3] };
    expect(rowOf(rows, 'closed: lost of 3')).toMatchObject(lost);
    const worst = rowOf(rows, 'all of these: lost, the worst rounds');
    expect(worst).toMatchObject({ value: 3, aim: 'none', isMet: false });
    expect(rowOf(rows, 'all of these: again', theirs.name)?.value).toBe(2);
    expect(rowOf(rows, 'all of these: doubled, the worst rounds', theirs.name)?.value).toBe(1);
  });

  it('judge ours by the best of the libraries', () => {
    const rows = rowsWith({});
    expect(rowOf(rows, 'bytes, min')).toMatchObject({ isMet: false });
    expect(rowOf(rows, 'bytes, gzip')).toMatchObject({ isMet: true });
  });

  it('judge the cost of a track by all of it, not by its call alone', () => {
    // As fast as theirs, and it should be four times as fast.
    const rows = rowsWith({});
    expect(rowOf(rows, 'track, the call')).toMatchObject({ isMet: false });
    expect(rowOf(rows, 'track, everything until delivered')).toMatchObject({ isMet: false });
  });

  it('have no verdict where there is nobody to be compared with', () => {
    const rows = rowsWith({ variants: [ours] });
    expect(rowOf(rows, 'bytes, gzip')).not.toHaveProperty('isMet');
  });

  it('have no requests of somebody who has delivered nothing with them', () => {
    expect(rowOf(rowsWith({}), '1,000 offline: requests', theirs.name)).toBeUndefined();
  });
});
