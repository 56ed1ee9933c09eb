import { describe, expect, it } from 'vitest';
import { createGroupAccept } from '../../src/server/group-accept.js';
import { GROUP_MAX } from '../../src/server/limits.js';
import type { Acceptance, Accepted } from '../../src/server/outbox.js';
import { acceptanceOf } from './orders.js';

/** A store whose commits end when told, and what each was of. */
function create() {
  const commits: { ids: string[]; end(error?: Error): void }[] = [];
  const accept = createGroupAccept(
    (acceptances: Acceptance[]) =>
      new Promise<Accepted[]>((resolve, reject) => {
        const answer = acceptances.map(({ receipt, acceptedAt }) => ({
          ...{ kind: 'accepted' as const, receipt, acceptedAt },
        }));
        commits.push({
          ids: acceptances.map(({ orderId }) => orderId),
          end: (error) => (error ? reject(error) : resolve(answer)),
        });
      }),
  );
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { accept, commits, turn };
}

describe('group commit', () => {
  it('takes what came together in one commit, and what came meanwhile in the next', async () => {
    const { accept, commits, turn } = create();
    const [a, b] = [acceptanceOf('a'), acceptanceOf('b')];
    const first = [accept([a]), accept([b])];
    await turn();
    const later = ['c', 'd', 'e'].map((id) => accept([acceptanceOf(id)]));
    await turn();
    expect(commits.map(({ ids }) => ids)).toEqual([['a', 'b']]);
    commits[0]?.end();
    expect((await Promise.all(first)).flat()).toMatchObject([
      { receipt: a.receipt },
      { receipt: b.receipt },
    ]);
    await turn();
    expect(commits[1]?.ids).toEqual(['c', 'd', 'e']);
    commits[1]?.end();
    await Promise.all(later);
  });

  it('gives each caller the answers to its own', async () => {
    const { accept, commits, turn } = create();
    const own = ['a', 'b', 'c'].map((id) => acceptanceOf(id));
    const answers = [accept(own.slice(0, 2)), accept([]), accept(own.slice(2))];
    await turn();
    commits[0]?.end();
    const receipts = (await Promise.all(answers)).map((each) =>
      each.map((one) => ('receipt' in one ? one.receipt : '')),
    );
    expect(receipts).toEqual([[own[0]?.receipt, own[1]?.receipt], [], [own[2]?.receipt]]);
  });

  it('tells those who wait of a failure too, and not one group after the other', async () => {
    const { accept, commits, turn } = create();
    const ids = Array.from({ length: 2 * GROUP_MAX + 1 }, (_, index) => String(index));
    const settled = Promise.allSettled(ids.map((id) => accept([acceptanceOf(id)])));
    await turn();
    commits[0]?.end(new Error('no connection'));
    await turn();
    expect(commits).toHaveLength(1);
    expect(new Set((await settled).map(({ status }) => status))).toEqual(new Set(['rejected']));
    const next = accept([acceptanceOf('next')]);
    await turn();
    expect(commits[1]?.ids).toEqual(['next']);
    commits[1]?.end();
    expect(await next).toHaveLength(1);
  });

  it('tells everybody of a failure, and goes on', async () => {
    const { accept, commits, turn } = create();
    const failed = [accept([acceptanceOf('a')]), accept([acceptanceOf('b')])];
    const settled = Promise.allSettled(failed);
    await turn();
    commits[0]?.end(new Error('disk full'));
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = accept([acceptanceOf('c')]);
    await turn();
    commits[1]?.end();
    expect(await next).toHaveLength(1);
  });
});
