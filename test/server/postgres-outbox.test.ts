import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Outbox } from '../../src/server/outbox.js';
import { createPostgresOutbox } from '../../src/server/postgres-outbox.js';
import type { OutboxOptions } from '../../src/server/sql-outbox.js';
import { startProxy } from '../helpers/lossy-proxy.js';
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

  /** A connection of somebody else's to the same database. */
  async function connect(): Promise<pg.Client> {
    const client = new pg.Client(connectionString);
    await client.connect();
    onTestFinished(() => client.end());
    return client;
  }

  outboxContract(open, reopen);

  it('outlives a connection that breaks in the middle of a transaction', async () => {
    const outbox = await open();
    const [holder, killer] = [await connect(), await connect()];
    const uncaught: unknown[] = [];
    const note = (error: unknown) => uncaught.push(error);
    process.on('uncaughtException', note);
    onTestFinished(() => void process.off('uncaughtException', note));
    for (const id of ['1001', '1002', '1003']) {
      await holder.query('begin');
      await holder.query('lock table klaviyo_accepted in exclusive mode');
      const accepted = outbox.accept([acceptanceOf(id)]);
      await expect
        .poll(async () => {
          const { rowCount } = await killer.query(
            `select pg_terminate_backend(pid) from pg_stat_activity
              where application_name = 'klaviyo-storefront' and wait_event_type = 'Lock'`,
          );
          return rowCount;
        })
        .toBe(1);
      await holder.query('commit');
      expect((await accepted)[0]?.kind).toBe('accepted');
    }
    expect(uncaught).toEqual([]);
  });

  it('finds out what became of a commit whose answer was lost', async () => {
    await open();
    const proxy = await startProxy(new URL(connectionString));
    const through = await createPostgresOutbox({ connectionString: proxy.url });
    onTestFinished(async () => {
      await through.close();
      proxy.close();
    });
    const acceptance = acceptanceOf('1001');
    proxy.loseAnswerTo('commit');
    const { receipt, acceptedAt } = acceptance;
    expect(await through.accept([acceptance])).toEqual([{ kind: 'accepted', receipt, acceptedAt }]);
    expect(proxy.lost()).toBe(1);
    expect((await through.stats()).waiting).toBe(3);
    // Delivered twice is delivered: what waits for it is due all the same.
    const wish = { singles: 9, bulk: false, batchFrom: 9, leaseMs: 9000, now: Date.now() };
    const lead = await through.claim(wish);
    proxy.loseAnswerTo('commit');
    await through.ack(lead!, lead!.entries);
    expect(proxy.lost()).toBe(2);
    expect((await through.claim(wish))?.entries).toHaveLength(2);
  });

  it('bounds its transactions by itself, so that a pooler may stand between', async () => {
    const outbox = await open();
    const admin = await connect();
    await admin.query(`create table seen (idle text, statement text);
      create function note() returns trigger as $$ begin
        insert into seen values (current_setting('idle_in_transaction_session_timeout'),
          current_setting('statement_timeout'));
        return new; end $$ language plpgsql;
      create trigger note before insert on klaviyo_accepted for each row execute function note()`);
    await outbox.accept([acceptanceOf('1001')]);
    const { rows } = await admin.query('select * from seen');
    expect(rows).toEqual([{ idle: '30s', statement: '15s' }]);
  });

  it('refuses the tables of a newer version, and takes those from before there were versions', async () => {
    const outbox = await open();
    await outbox.accept([acceptanceOf('1001')]);
    const admin = await connect();
    await admin.query('update klaviyo_schema set version = 99');
    await expect(createPostgresOutbox({ connectionString })).rejects.toThrow(/newer.*version 99/);
    await admin.query('drop table klaviyo_schema');
    expect((await (await reopen()).stats()).waiting).toBe(3);
    const { rows } = await admin.query('select version from klaviyo_schema');
    expect(rows).toEqual([{ version: '1' }]);
  });

  it('needs no right to make tables once they are there', async () => {
    await open();
    const admin = await connect();
    await admin.query(`create role clerk login;
      grant select, insert, update, delete on all tables in schema public to clerk;
      grant usage on all sequences in schema public to clerk`);
    const outbox = await createPostgresOutbox({
      connectionString: connectionString.replace('postgres@', 'clerk@'),
    });
    onTestFinished(() => outbox.close());
    const [accepted] = await outbox.accept([acceptanceOf('1001')]);
    expect(accepted?.kind).toBe('accepted');
  });

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
    const restarted = postgres.restart();
    const accept = () => outbox.accept([acceptanceOf('1002')]);
    // What is asked meanwhile waits for it, but not for ever.
    const answer = accept().catch(() => restarted.then(accept));
    await restarted;
    expect((await answer)[0]?.kind).toBe('accepted');
    expect((await outbox.stats()).waiting).toBe(6);
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
