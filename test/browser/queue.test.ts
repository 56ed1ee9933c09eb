// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { createQueue } from '../../src/browser/queue.js';
import type { QueuedEvent } from '../../src/browser/queued-event.js';
import { createOrigin } from '../helpers/fake-env.js';

const record = (key: string): QueuedEvent => ({
  key,
  uniqueId: key,
  metric: 'M',
  data: '',
  createdAt: 1,
  anonymousId: 'a',
  who: {},
  owner: '',
  attempts: 0,
});
const create = (takes = true) => {
  const origin = createOrigin();
  const tab = origin.open();
  const fallen: string[] = [];
  const bare = createQueue(tab.env, 'test', (records) => {
    fallen.push(...records.map(({ key }) => key));
    return takes;
  });
  const queue = {
    ...bare,
    put: (records: QueuedEvent[], isLeft = () => false, isSpilled = isLeft) =>
      bare.put(records, isLeft, isSpilled),
  };
  const keys = async () => (await queue.all())[0];
  return { origin, tab, queue, fallen, keys };
};

describe('the queue', () => {
  it('keeps, lists, removes and clears', async () => {
    const { queue, fallen, keys } = create();
    expect(queue.kind()).toBe('memory');
    expect(await queue.put([record('b'), record('a')])).toBe(true);
    expect(queue.kind()).toBe('indexeddb');
    expect(await keys()).toEqual(['a', 'b']);
    await queue.remove(['a']);
    expect(await keys()).toEqual(['b']);
    await queue.clear();
    expect(await keys()).toEqual([]);
    expect(fallen).toEqual([]);
  });

  it('takes in nothing that may not be stored any more', async () => {
    const tab = createOrigin().open();
    let mayStore = true;
    const queue = createQueue(
      tab.env,
      'test',
      () => true,
      () => mayStore,
    );
    await queue.put([record('a')], () => false);
    mayStore = false;
    // It is over, and nothing to be handed on.
    expect(await queue.put([record('b')], () => false)).toBe(true);
    expect((await queue.all())[0]).toEqual(['a']);
  });

  it('writes all or nothing, so that a page killed meanwhile leaves no half of a frozen batch', async () => {
    const { origin, queue } = create();
    const records = Array.from({ length: 450 }, (_, n) => record(`${1000 + n}`));
    await queue.put(records);
    origin.setOnStep((tab, name) => {
      if (name === 'committed readwrite') tab.kill();
    });
    void queue.put(records.map((each) => ({ ...each, batch: 'b:450' })));
    await origin.settle();
    const stored = (await origin.database.records('test')) as QueuedEvent[];
    expect(new Set(stored.map(({ batch }) => batch)).size).toBe(1);
  });

  it('gives what others have put there too', async () => {
    const { origin, queue } = create();
    await queue.put([record('a')]);
    await origin.database.plant('test', 'garbage', 7);
    expect(await queue.all()).toEqual([
      ['a', 'garbage'],
      [record('a'), 7],
    ]);
  });

  it('opens a fresh connection when the browser has closed it', async () => {
    const { tab, queue, keys, fallen } = create();
    await queue.put([record('a')]);
    tab.loseDatabase();
    expect(await queue.put([record('b')])).toBe(true);
    tab.loseDatabase();
    expect(await keys()).toEqual(['a', 'b']);
    expect(fallen).toEqual([]);
  });

  it.each(['missing', 'full'] as const)('hands on what it cannot take (%s)', async (state) => {
    for (const takes of [true, false]) {
      const { origin, queue, fallen } = create(takes);
      origin.database.setState(state);
      expect(await queue.put([record('a')])).toBe(false);
      expect(fallen).toEqual(['a']);
      expect(queue.kind()).toBe(takes ? 'localstorage' : 'memory');
      expect(await queue.all()).toEqual([[], []]);
      await queue.remove(['a']);
      await queue.clear();
    }
  });

  it('waits three seconds for a blocked database, then less, and comes back to it', async () => {
    const { origin, queue, fallen, keys } = create();
    origin.database.setState('blocked');
    const first = queue.put([record('a')]);
    await origin.advance(2999);
    expect(fallen).toEqual([]);
    await origin.advance(1);
    expect(await first).toBe(false);
    const second = queue.put([record('b')]);
    await origin.advance(1000);
    expect(await second).toBe(false);
    expect(fallen).toEqual(['a', 'b']);
    expect(queue.kind()).toBe('localstorage');
    origin.database.setState('ok');
    await origin.settle();
    expect(await queue.put([record('c')])).toBe(true);
    expect(queue.kind()).toBe('indexeddb');
    expect(await keys()).toContain('c');
  });

  it('makes no database when there is nothing to clear', async () => {
    const { origin, queue } = create();
    await queue.clear();
    expect(await origin.database.names()).toEqual([]);
  });

  it('writes nothing that a wipe of the same moment could not see', async () => {
    const { origin, queue } = create();
    // The wipe finds no database: this write would be the first to make it.
    const put = queue.put([record('a')]);
    await queue.clear();
    expect(await put).toBe(true);
    expect(await origin.database.names()).toEqual([]);
  });

  it('hands nothing to the fallback that has been in there', async () => {
    const { origin, queue, fallen } = create();
    origin.database.setState('missing');
    const isSpilled = () => true;
    expect(await queue.put([record('a')], () => false, isSpilled)).toBe(false);
    expect(fallen).toEqual([]);
    expect(queue.kind()).toBe('localstorage');
  });

  it('writes nothing any more that another page may have taken on', async () => {
    const { queue, fallen, keys } = create();
    expect(await queue.put([record('a')], () => true)).toBe(false);
    expect(fallen).toEqual([]);
    expect(await keys()).toEqual([]);
  });
});

it.each([
  [0, 1],
  [1, 0],
])(
  'keeps what comes after the last of two wipes (%i, then %i, knows if there is a database)',
  async (...order) => {
    const origin = createOrigin();
    const { env } = origin.open();
    const answers: ((may: boolean) => void)[] = [];
    const mayExist = () => new Promise<boolean>((resolve) => answers.push(resolve));
    const queue = createQueue({ ...env, mayExist }, 'test', () => true);
    void queue.clear();
    void queue.clear();
    answers[order[0]!]?.(true);
    await origin.settle();
    const kept = queue.put([record('a')], () => false);
    await origin.settle();
    for (const answer of answers) answer(true);
    await origin.settle();
    for (const answer of answers) answer(true);
    await kept;
    await origin.settle();
    expect((await queue.all())[0]).toEqual(['a']);
  },
);
