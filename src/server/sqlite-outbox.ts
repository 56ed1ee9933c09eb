import { setTimeout as delay } from 'node:timers/promises';
import type { Outbox } from './outbox.js';
import { type Dialect, migrate, SchemaVersionError } from './outbox-schema.js';
import { importPeer } from './peer.js';
import type { Database, Row, Sql } from './sql.js';
import { createSqlOutbox, type OutboxOptions } from './sql-outbox.js';

export interface SqliteOutboxOptions extends OutboxOptions {
  /** The file, made when it is not there. Beside it SQLite keeps `-wal` and `-shm`; they belong together. */
  path: string;
}

/** Statements that are kept prepared. There are about twenty, and one more for each number of rows. */
const PREPARED_MAX = 200;

/** How long another writer of the file is waited for. */
const BUSY_MAX_MS = 5000;

const dialect: Dialect = {
  ...{ number: 'integer', serial: 'integer primary key autoincrement' },
  findVersion: "select 1 from sqlite_master where type = 'table' and name = 'klaviyo_schema'",
};

type Libsql = typeof import('libsql');

/**
 * SQLite in WAL mode with synchronous=FULL: what is committed survives a power cut. libsql's calls are
 * synchronous; transactions follow one another, since there is one connection.
 */
function openDatabase(Driver: Libsql, path: string): Database {
  const connection = new Driver(path);
  connection.exec('pragma busy_timeout = 5000');
  connection.exec('pragma journal_mode = wal');
  connection.exec('pragma synchronous = full');
  // From here on a file that another one writes to is asked for again without blocking this thread, whose
  // own second connection may be the other one.
  connection.exec('pragma busy_timeout = 0');

  const prepared = new Map<string, ReturnType<typeof connection.prepare>>();
  function prepare(text: string) {
    const known = prepared.get(text);
    if (known) return known;
    if (prepared.size >= PREPARED_MAX) prepared.clear();
    const statement = connection.prepare(text.replace(/\$(\d+)/g, '?$1'));
    prepared.set(text, statement);
    return statement;
  }

  const sql: Sql = async (text, values = []) => {
    const statement = prepare(text);
    if (/^\s*select|\breturning\b/i.test(text)) return statement.all([...values]) as Row[];
    statement.run([...values]);
    return [];
  };

  let last: Promise<unknown> = Promise.resolve();

  async function begin(): Promise<void> {
    const startedAt = performance.now();
    for (let tries = 1; ; tries += 1) {
      try {
        connection.exec('begin immediate');
        return;
      } catch (error) {
        const isBusy = String((error as { code?: string }).code).startsWith('SQLITE_BUSY');
        if (!isBusy || performance.now() - startedAt > BUSY_MAX_MS) throw error;
        await delay(Math.min(tries, 20));
      }
    }
  }

  async function run<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    await begin();
    try {
      const result = await work(sql);
      connection.exec('commit');
      return result;
    } catch (error) {
      // SQLite may have rolled back already, for example on a full disk.
      if (connection.inTransaction) connection.exec('rollback');
      throw error;
    }
  }

  return {
    skipLocked: '',
    transaction(work) {
      const result = last.then(() => run(work));
      last = result.catch(() => undefined);
      return result;
    },
    async close() {
      await last;
      prepared.clear();
      connection.close();
    },
  };
}

/** An outbox in one file, for one machine. Rejects when the file can't be opened. */
export async function createSqliteOutbox(options: SqliteOutboxOptions): Promise<Outbox> {
  const { default: Driver } = await importPeer(
    'The SQLite outbox',
    ['libsql'],
    () => import('libsql'),
  );
  let database: Database | undefined;
  try {
    database = openDatabase(Driver, options.path);
    await database.transaction(async (sql) => {
      await migrate(sql, dialect);
      // A file on a read-only disk opens, and would say so with the first order only.
      await sql('update klaviyo_schema set version = version');
    });
  } catch (cause) {
    await database?.close();
    if (cause instanceof SchemaVersionError) throw cause;
    const file = `The SQLite file of the outbox (DATABASE_URL), ${options.path}, cannot be opened.`;
    const questions = "Does its folder exist, is it SQLite's, and may this user write there?";
    throw new Error(`${file} ${questions}`, { cause });
  }
  return createSqlOutbox(database, options);
}
