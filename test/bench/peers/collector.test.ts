import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { POISON, startCollector } from './collector.mjs';

const adapter = {
  read: ({ body }: { body: Buffer }) => JSON.parse(body.toString()),
  accept: () => ({ ok: true }),
  refuse: () => ({ ok: false }),
};
let collector: Awaited<ReturnType<typeof startCollector>>;
beforeEach(async () => {
  collector = await startCollector(adapter);
});
afterEach(() => collector.close());

const send = (...events: { n: string; id: string }[]) =>
  fetch(`${collector.url}/event`, { method: 'POST', body: JSON.stringify(events) });

describe('the recording server', () => {
  it('tells a copy by the same id from one by an id of its own', async () => {
    await send({ n: 'a', id: '1' }, { n: 'b', id: '2' });
    await send({ n: 'a', id: '1' }, { n: 'b', id: '3' });
    expect(collector.count(['a', 'b', 'c'])).toEqual({ lost: 1, copies: 2, doubled: 1 });
  });

  it('refuses the poisoned event with all that came with it', async () => {
    expect((await send({ n: 'a', id: '1' }, { n: POISON, id: '2' })).status).toBe(400);
    expect(collector.count(['a']).lost).toBe(1);
    expect((await send({ n: 'a', id: '1' })).status).toBe(200);
    expect(collector.count(['a']).lost).toBe(0);
  });

  it('takes nothing while it fails, and says how long to wait', async () => {
    const fault = collector.setFault(429, 60_000, 10);
    const refused = await send({ n: 'a', id: '1' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10']);
    expect(collector.count(['a']).lost).toBe(1);
    fault.untilAt = 0;
    await send({ n: 'a', id: '1' });
    expect(collector.count(['a'])).toEqual({ lost: 0, copies: 0, doubled: 0 });
    expect(collector.requests.map(({ status }: { status: number }) => status)).toEqual([429, 200]);
  });

  it('does not count what has no id: a copy of it would look like another event', async () => {
    await fetch(`${collector.url}/event`, { method: 'POST', body: JSON.stringify([{ n: 'a' }]) });
    expect(() => collector.count(['a'])).toThrow('a arrived without an id.');
  });

  it('says whether it has waited in vain until the limit', async () => {
    await send({ n: 'a', id: '1' });
    const patience = { lingerMs: 0, quietMs: 0, limitMs: 60_000 };
    expect(await collector.settle(['a'], patience)).toBe(false);
    expect(await collector.settle(['a', 'b'], { ...patience, quietMs: 60_000, limitMs: 0 })).toBe(
      true,
    );
  });

  it('is there again at the same address after it was down', async () => {
    await collector.goDown();
    await expect(send({ n: 'a', id: '1' })).rejects.toThrow();
    await collector.comeUp();
    expect((await send({ n: 'a', id: '1' })).status).toBe(200);
  });
});
