// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { createJournal } from '../../src/browser/journal.js';
import { createLock } from '../../src/browser/lock.js';
import { createQueue } from '../../src/browser/queue.js';
import type { QueuedEvent } from '../../src/browser/queued-event.js';
import { createSpill } from '../../src/browser/spill.js';
import { createOrigin, type Origin } from '../helpers/fake-env.js';

const open = (origin: Origin) => {
  const tab = origin.open();
  const spill = createSpill(tab.env, 'test:event:');
  const queue = createQueue(tab.env, 'test', spill.write);
  return { tab, journal: createJournal(tab.env, queue, spill, createLock(tab.env, 'test')) };
};
const record = (key: string, createdAt: number): QueuedEvent => ({
  key,
  uniqueId: key,
  metric: 'M',
  data: '',
  createdAt,
  anonymousId: 'a',
  who: {},
  owner: '',
  attempts: 0,
});
const keys = (records: { key: string }[]) => records.map(({ key }) => key);
const spilled = (origin: Origin) => [...origin.local.content.keys()];

describe('the journal', () => {
  it('has an event stored when add() resolves', async () => {
    const origin = createOrigin();
    const { journal } = open(origin);
    await Promise.all(['b', 'a'].map((key) => journal.add(record(key, origin.now()))));
    expect(await origin.database.records('test')).toMatchObject([{ key: 'a' }, { key: 'b' }]);
    expect(keys((await journal.load(new AbortController().signal)).records)).toEqual(['a', 'b']);
  });

  it('spills what is not committed, and only that', async () => {
    const origin = createOrigin();
    const { journal } = open(origin);
    await journal.add(record('committed', origin.now()));
    void journal.add(record('on its way', origin.now()));
    expect(journal.letGo([])([])).toBe(true);
    expect(spilled(origin)).toEqual(['test:event:on its way']);
  });

  it('knows of an attempt that only the spilled copy has, while the database takes no more', async () => {
    const origin = createOrigin();
    const stored = record('a', origin.now());
    await origin.database.plant('test', 'a', stored);
    const attempted = { ...stored, attempts: 1, batch: 'b:24' };
    origin.local.content.set('test:event:a', JSON.stringify(attempted));
    origin.database.setState('full');
    const { records } = await open(origin).journal.load(new AbortController().signal);
    expect(records).toEqual([attempted]);
  });

  it('leaves the events of a living page to it, and takes those of a dead one', async () => {
    const origin = createOrigin();
    const [first, second] = [open(origin), open(origin)];
    await first.journal.add(record('a', origin.now()));
    await second.journal.add(record('b', origin.now()));
    expect(keys((await second.journal.load(new AbortController().signal)).records)).toEqual(['b']);
    expect(keys(await second.journal.list())).toEqual(['a', 'b']);
    first.tab.kill();
    expect(keys((await second.journal.load(new AbortController().signal)).records)).toEqual([
      'a',
      'b',
    ]);
  });

  it('takes the events of a page that has let go', async () => {
    const origin = createOrigin();
    const [first, second] = [open(origin), open(origin)];
    await first.journal.add(record('a', origin.now()));
    first.journal.letGo([]);
    await origin.settle();
    expect(keys((await second.journal.load(new AbortController().signal)).records)).toEqual(['a']);
  });

  it('reclaims a spilled copy, which knows better than the stored one', async () => {
    const origin = createOrigin();
    const { journal } = open(origin);
    const stored = record('a', origin.now());
    await journal.add(stored);
    journal.letGo([{ ...stored, owner: '', attempts: 3 }]);
    await origin.settle();
    const { records } = await open(origin).journal.load(new AbortController().signal);
    expect(records).toMatchObject([{ key: 'a', attempts: 3 }]);
    expect(spilled(origin)).toEqual([]);
    expect(await origin.database.records('test')).toMatchObject([{ key: 'a', attempts: 3 }]);
  });

  it('removes for good, and clears for good', async () => {
    const origin = createOrigin();
    const { journal } = open(origin);
    const [a, b] = [record('a', origin.now()), record('b', origin.now())];
    await Promise.all([journal.add(a), journal.add(b)]);
    journal.letGo([a, b]);
    await journal.remove([a]);
    expect(keys((await journal.load(new AbortController().signal)).records)).toEqual(['b']);
    await journal.clear();
    expect((await journal.load(new AbortController().signal)).records).toEqual([]);
    expect(await open(origin).journal.list()).toEqual([]);
  });
});
