import { describe, expect, it } from 'vitest';
import {
  batchesOf,
  type Member,
  type Rejected,
  sendBatch,
} from '../../../src/server/klaviyo/batches.js';
import { ENDPOINTS } from '../../../src/server/klaviyo/endpoints.js';
import { KlaviyoApiError } from '../../../src/server/klaviyo/klaviyo-error.js';
import { readOutcome } from '../../../src/shared/outcome.js';
import { errorsBody } from '../../helpers/scripted-klaviyo.js';
import { allOf } from '../../helpers/start-toolkit.js';

const members = (...items: string[]): Member<string>[] =>
  items.map((item, index) => ({ item, text: item, index: index + 100 }));

const refusal = (...pointers: string[]) => {
  const text = JSON.stringify(errorsBody(...pointers.map((pointer) => ({ source: { pointer } }))));
  return new KlaviyoApiError({
    ...{ endpoint: ENDPOINTS.importProfiles, outcome: readOutcome(400, 0, text), text },
    ...{ attempts: 1, isOutcomeUnknown: false },
  });
};
const at = (place: number) => `/data/attributes/profiles/data/${place}/attributes/email`;

describe('batches', () => {
  const cut = async (items: string[], maxCount: number, maxBytes: number) =>
    (await allOf(batchesOf(items, (item) => item, { maxCount, maxBytes }))).map((batch) =>
      batch.map(({ item, index }) => `${item}${index}`),
    );

  it('are as large as the count allows, in order', async () => {
    expect(await cut(['a', 'b', 'c', 'd', 'e'], 2, 1000)).toEqual([
      ...[['a0', 'b1'], ['c2', 'd3'], ['e4']],
    ]);
    expect(await cut([], 2, 1000)).toEqual([]);
  });

  it('are as large as the bytes allow, commas included; what is larger alone is alone', async () => {
    expect(await cut(['aaa', 'bbb', 'ccc', 'ééééé', 'd'], 10, 8)).toEqual([
      ...[['aaa0', 'bbb1'], ['ccc2'], ['ééééé3'], ['d4']],
    ]);
  });

  it('take their items one by one, a batch ahead of nobody', async () => {
    let taken = 0;
    async function* endless() {
      for (;;) yield `${taken++}`;
    }
    for await (const batch of batchesOf(endless(), (item) => item, {
      maxCount: 10,
      maxBytes: 99,
    })) {
      expect(taken).toBe(batch.length + 1);
      break;
    }
  });
});

describe('a batch that is refused', () => {
  /** Refuses those that are called bad, by their places. */
  function sender() {
    const sent: string[][] = [];
    const send = async (some: readonly Member<string>[]) => {
      sent.push(some.map(({ item }) => item));
      const bad = some.flatMap(({ item }, place) => (item.startsWith('bad') ? [at(place)] : []));
      if (bad.length > 0) throw refusal(...bad);
      return 'done';
    };
    return { sent, send };
  }

  it('is sent again without those that the answer names', async () => {
    const { sent, send } = sender();
    const rejected: Rejected[] = [];
    const done = await sendBatch(members('a', 'bad1', 'b', 'bad2'), rejected, send);
    expect(sent).toEqual([
      ['a', 'bad1', 'b', 'bad2'],
      ['a', 'b'],
    ]);
    expect(done).toMatchObject({ result: 'done', members: [{ item: 'a' }, { item: 'b' }] });
    expect(rejected.map(({ index }) => index)).toEqual([101, 103]);
    expect(rejected[0]?.error).toBeInstanceOf(KlaviyoApiError);
  });

  it('may have nothing left', async () => {
    const { send } = sender();
    const rejected: Rejected[] = [];
    expect(await sendBatch(members('bad'), rejected, send)).toBeUndefined();
    expect(rejected).toHaveLength(1);
    expect(await sendBatch([], rejected, send)).toBeUndefined();
  });

  it.each([
    ['names nobody', refusal('/data/relationships/list/data/id')],
    ['names somebody who is not there', refusal(at(7))],
    ['is about something else', new TypeError('other')],
  ])('rejects when the error %s', async (_, error) => {
    const rejected: Rejected[] = [];
    await expect(sendBatch(members('a', 'b'), rejected, () => Promise.reject(error))).rejects.toBe(
      error,
    );
    expect(rejected).toEqual([]);
  });
});
