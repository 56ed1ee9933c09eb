import type { Pool, PoolClient } from 'pg';
import type { Outbox } from './outbox.js';
import { schema } from './outbox-schema.js';
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
const TRIES = 5;
/** A deadlock, or a transaction that met another one: PostgreSQL asks for it to be run again. */
const AGAIN = ['40P01', '40001'];

// Both instances of a shop may start at once, and `create table if not exists` meets itself.
const SCHEMA_LOCK = 7_412_883_501;

function createDatabase(pool: Pool): Database {
  const sqlOf =
    (client: PoolClient): Sql =>
    async (text, values = []) => {
      const { rows } = await client.query<Row>(text, [...values]);
      return rows;
    };

  async function run<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('begin');
      const result = await work(sqlOf(client));
      await client.query('commit');
      return result;
    } catch (error) {
      // A connection whose rollback fails too is of no further use.
      await client.query('rollback').catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }

  return {
    skipLocked: 'for update skip locked',
    async transaction(work) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await run(work);
        } catch (error) {
          if (tries >= TRIES || !AGAIN.includes(String((error as { code?: string }).code)))
            throw error;
        }
      }
    },
    close: () => pool.end(),
  };
}

/** An outbox in PostgreSQL, for any number of instances. Rejects when the database can't be reached. */
export async function createPostgresOutbox(options: PostgresOutboxOptions): Promise<Outbox> {
  const { default: pg } = await importPeer('The PostgreSQL outbox', ['pg'], () => import('pg'));
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + CONNECT_TIMEOUT_MS,
    application_name: 'klaviyo-storefront',
  });
  // An idle connection that breaks is replaced by the next query; unheard, it would end the process.
  pool.on('error', () => undefined);
  const database = createDatabase(pool);
  try {
    await database.transaction(async (sql) => {
      await sql(`select pg_advisory_xact_lock(${SCHEMA_LOCK})`);
      for (const text of schema('bigint', 'bigserial primary key')) await sql(text);
    });
  } catch (error) {
    await pool.end().catch(() => undefined);
    throw error;
  }
  return createSqlOutbox(database, options);
}
