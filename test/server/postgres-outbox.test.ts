import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Outbox } from '../../src/server/outbox.js';
import { createPostgresOutbox } from '../../src/server/postgres-outbox.js';
import type { OutboxOptions } from '../../src/server/sql-outbox.js';
import { type Postgres, startPostgres, whyNoPostgres } from '../helpers/start-postgres.js';
import { acceptanceOf } from './orders.js';
import { outboxContract } from './outbox-contract.js';

if (whyNoPostgres) console.warn(whyNoPostgres);

describe.skipIf(whyNoPostgres)('a PostgreSQL outbox', () => {
  let postgres: Postgres;
  let connectionString = '';
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres.stop());

  async function reopen(options: OutboxOptions = {}): Promise<Outbox> {
    const outbox = await createPostgresOutbox({ connectionString, ...options });
    onTestFinished(() => outbox.close());
    return outbox;
  }
  async function open(options?: OutboxOptions): Promise<Outbox> {
    connectionString = await postgres.createDatabase();
    return reopen(options);
  }

  outboxContract(open, reopen);

  it('can be started by several instances at once', async () => {
    connectionString = await postgres.createDatabase();
    const outboxes = await Promise.all(Array.from({ length: 4 }, () => reopen()));
    const results = await Promise.all(outboxes.map((each) => each.accept([acceptanceOf('1001')])));
    const kinds = results.flat().map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(['accepted', 'duplicate', 'duplicate', 'duplicate']);
  });

  it('takes the same orders in any order from several instances without a deadlock', async () => {
    const one = await open();
    const two = await reopen();
    const ids = Array.from({ length: 100 }, (_, index) => `${index}`);
    const results = await Promise.all([
      ...ids.map((id) => one.accept([acceptanceOf(id)])),
      ...[...ids].reverse().map((id) => two.accept([acceptanceOf(id)])),
    ]);
    const kinds = results.flat().map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(100);
    expect(kinds.filter((kind) => kind === 'duplicate')).toHaveLength(100);
  });

  it('goes on after the server was restarted underneath', async () => {
    const outbox = await open();
    await outbox.accept([acceptanceOf('1001')]);
    await postgres.restart();
    // What was in the way of the restart may fail, and says so; what is asked next works.
    await outbox.stats().catch(() => undefined);
    expect((await outbox.stats()).waiting).toBe(3);
    const [again] = await outbox.accept([acceptanceOf('1001')]);
    expect(again?.kind).toBe('duplicate');
  });

  it('says so when it can’t be reached', async () => {
    const nowhere = 'postgres://postgres@127.0.0.1:1/nothing';
    await expect(createPostgresOutbox({ connectionString: nowhere })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });
});
