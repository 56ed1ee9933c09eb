import { setTimeout as delay } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import { explainDatabase } from './database-error.js';
import type { Outbox } from './outbox.js';
import { type Dialect, migrate } from './outbox-schema.js';
import { importPeer } from './peer.js';
import type { Database, Row, Sql } from './sql.js';
import { createSqlOutbox, type OutboxOptions } from './sql-outbox.js';

export interface PostgresOutboxOptions extends OutboxOptions {
  /** Such as `postgres://user:password@host/database`. Its tables are made there, named `klaviyo_...`. */
  connectionString: string;
}

/** One commit at a time is in the group's way, the worker has the others. */
const CONNECTIONS = 8;
const CONNECT_TIMEOUT_MS = 5000;
/** A statement that takes longer waits for something that will not come. */
const STATEMENT_TIMEOUT_MS = 15_000;
/** An instance that vanished in the middle of a transaction, without a word, holds its locks no longer. */
const IDLE_TIMEOUT_MS = 30_000;
// Of the transaction and not of the connection: a pooler such as PgBouncer refuses those.
const BEGIN =
  `begin; set local statement_timeout = ${STATEMENT_TIMEOUT_MS}; ` +
  `set local idle_in_transaction_session_timeout = ${IDLE_TIMEOUT_MS}`;
const TRIES = 5;
/** A deadlock, or a transaction that met another one: PostgreSQL asks for it to be run again. */
const AGAIN = ['40P01', '40001'];
/** For how long a server that restarts, or fails over, is waited for. Senders wait about 5 s for an answer. */
const RECONNECT_MAX_MS = 4000;
const RECONNECT_PAUSE_MS = 50;
/** Shutting down, crashed, starting up; and what Node says of a connection. */
const LOST = ['57P01', '57P02', '57P03', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'];

function isLost(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  // pg's own errors have no code.
  return (
    LOST.includes(String(code)) || /^Connection terminated|not queryable/.test(String(message))
  );
}

// Both instances of a shop may start at once, and `create table if not exists` meets itself.
const SCHEMA_LOCK = 7_412_883_501;

const dialect: Dialect = {
  ...{ number: 'bigint', serial: 'bigserial primary key' },
  findVersion: "select 1 where to_regclass('klaviyo_schema') is not null",
};

function createDatabase(pool: Pool): Database {
  const sqlOf =
    (client: PoolClient): Sql =>
    async (text, values = []) => {
      const { rows } = await client.query<Row>(text, [...values]);
      return rows;
    };

  async function run<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    let isBroken = false;
    try {
      await client.query(BEGIN);
      const result = await work(sqlOf(client));
      await client.query('commit');
      return result;
    } catch (error) {
      // After an error of PostgreSQL's own the connection is good. After any other it may be stuck for long,
      // and to end it rolls back as well.
      isBroken = (error as { severity?: unknown }).severity !== 'ERROR';
      if (!isBroken) {
        await client.query('rollback').catch(() => {
          isBroken = true;
        });
      }
      throw error;
    } finally {
      client.release(isBroken);
    }
  }

  return {
    skipLocked: 'for update skip locked',
    // Whether a commit that got no answer took place nobody knows: run again, it finds what it has done.
    async transaction(work) {
      const startedAt = performance.now();
      for (let tries = 1; ; tries += 1) {
        try {
          return await run(work);
        } catch (error) {
          const isAgain =
            tries < TRIES && AGAIN.includes(String((error as { code?: string }).code));
          const isBack = isLost(error) && performance.now() - startedAt < RECONNECT_MAX_MS;
          if (!isAgain && !isBack) throw error;
          if (isBack) await delay(Math.min(tries * RECONNECT_PAUSE_MS, 500));
        }
      }
    },
    close: () => pool.end(),
  };
}

/** An outbox in PostgreSQL, for any number of instances. Rejects when the database can't be reached. */
export async function createPostgresOutbox(options: PostgresOutboxOptions): Promise<Outbox> {
  const { default: pg } = await importPeer('The PostgreSQL outbox', ['pg'], () => import('pg'));
  let pool: Pool;
  try {
    pool = new pg.Pool({
      connectionString: options.connectionString,
      max: CONNECTIONS,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: STATEMENT_TIMEOUT_MS + CONNECT_TIMEOUT_MS,
      application_name: 'klaviyo-storefront',
    });
  } catch (error) {
    throw explainDatabase(error);
  }
  // A connection that breaks, idle or in the middle of a transaction, is replaced, and what was asked of it
  // rejects. Its event besides, unheard, would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const database = createDatabase(pool);
  try {
    await database.transaction(async (sql) => {
      await sql(`select pg_advisory_xact_lock(${SCHEMA_LOCK})`);
      await migrate(sql, dialect);
    });
  } catch (error) {
    await pool.end().catch(() => undefined);
    throw explainDatabase(error);
  }
  return createSqlOutbox(database, options);
}
