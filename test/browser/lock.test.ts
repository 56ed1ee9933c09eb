// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { createLock } from '../../src/browser/lock.js';
import { LEASE_MS } from '../../src/shared/limits.js';
import { createOrigin } from '../helpers/fake-env.js';

const create = (locks: boolean) => {
  const origin = createOrigin({ locks });
  const open = () => {
    const tab = origin.open();
    const { run, ...lock } = createLock(tab.env, 'test');
    const page = new AbortController();
    return {
      ...{ tab, leave: () => page.abort() },
      lock: { ...lock, run: (task: () => Promise<void>) => run(task, page.signal) },
    };
  };
  const log: string[] = [];
  const task =
    (name: string, ms: number, env: { after: (ms: number, run: () => void) => unknown }) =>
    async () => {
      log.push(`${name} begins`);
      await new Promise<void>((resolve) => env.after(ms, resolve));
      log.push(`${name} ends`);
    };
  return { origin, open, log, task };
};

describe.each([true, false])('the flusher of an origin (Web Locks: %s)', (locks) => {
  it('is one at a time', async () => {
    const { origin, open, log, task } = create(locks);
    for (const name of ['a', 'b', 'c']) {
      const { tab, lock } = open();
      void lock.run(task(name, 1000, tab.env));
    }
    await origin.advance(20_000);
    expect(log.length).toBe(6);
    for (const [index, line] of log.entries()) {
      if (index % 2) expect(line).toBe(`${log[index - 1]!.split(' ')[0]} ends`);
    }
  });

  it('is another when a task fails, and when its page is killed', async () => {
    const { origin, open, log, task } = create(locks);
    const [first, second, third] = [open(), open(), open()];
    await Promise.all([
      expect(first.lock.run(() => Promise.reject(new Error('task')))).rejects.toThrow('task'),
      origin.advance(1000),
    ]);
    void second.lock.run(task('killed', 5000, second.tab.env));
    await origin.advance(1000);
    second.tab.kill();
    void third.lock.run(task('next', 10, third.tab.env));
    await origin.advance(2 * LEASE_MS);
    expect(log).toEqual(['killed begins', 'next begins', 'next ends']);
  });
});

describe.each([true, false])('a page that is left (Web Locks: %s)', (locks) => {
  it('holds back nobody, in the middle of its turn or before it', async () => {
    const { origin, open, log, task } = create(locks);
    const [flushing, waiting, other] = [open(), open(), open()];
    const turn = flushing.lock.run(task('flushing', 9000, flushing.tab.env));
    await origin.advance(1000);
    const ask = waiting.lock.run(task('waiting', 10, waiting.tab.env)).catch(() => undefined);
    void other.lock.run(task('other', 10, other.tab.env));
    await origin.advance(1000);
    waiting.leave();
    flushing.leave();
    await origin.advance(1000);
    expect(log).toEqual(['flushing begins', 'other begins', 'other ends']);
    await Promise.all([turn, ask]);
  });
});

describe('a lease that is garbage', () => {
  it.each(['7', '{}', '["page"]', '["page","soon"]', '["page",[{"toString":null}]]'])(
    'holds nobody back: %s',
    async (text) => {
      const { origin, open, log, task } = create(false);
      const { tab, lock } = open();
      origin.local.content.set('test', text);
      void lock.run(task('a', 10, tab.env));
      await origin.advance(1000);
      expect(log).toEqual(['a begins', 'a ends']);
    },
  );
});

describe('the owner of an event', () => {
  it('is alive with Web Locks until it lets go or its page ends', async () => {
    const { origin, open } = create(true);
    const [first, second, judge] = [open(), open(), open()];
    const letGo = first.lock.own('one');
    second.lock.own('two');
    const states = async () => {
      await origin.settle();
      const alive = await judge.lock.alive();
      return ['one', 'two', 'nobody', ''].map((owner) => alive(owner, 0));
    };
    expect(await states()).toEqual([true, true, false, false]);
    letGo();
    expect(await states()).toEqual([false, true, false, false]);
    second.tab.kill();
    expect(await states()).toEqual([false, false, false, false]);
  });

  it('is taken for alive without Web Locks for the time of a lease', async () => {
    const { origin, open } = create(false);
    const alive = await open().lock.alive();
    const now = origin.now();
    expect(alive('one', now)).toBe(true);
    expect(alive('', now)).toBe(false);
    expect(alive('one', now - LEASE_MS)).toBe(false);
  });
});
