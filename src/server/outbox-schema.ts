/**
 * The outbox's tables, in SQL that SQLite and PostgreSQL both take. Moments are epoch ms.
 *
 * `accepted` remembers that something was accepted, `entries` holds the events until they are delivered, and
 * a row of `batches` stands for a frozen batch: whoever holds that row holds all its members.
 */
import type { Sql } from './sql.js';

/** What the two spell differently. */
export interface Dialect {
  number: string;
  serial: string;
  /** Gives a row when there is a table `klaviyo_schema`. */
  findVersion: string;
}

/**
 * From an empty database to today's tables. The number of steps taken is the version that is written down
 * there. A step that was released is never changed: what comes later is a step of its own.
 */
const steps = ({ number, serial }: Dialect): string[][] => [
  [
    `create table if not exists klaviyo_accepted (
      accept_key text primary key,
      order_id text not null,
      digest text not null,
      receipt text not null,
      message_id text unique,
      customer text,
      accepted_at ${number} not null
    )`,
    `create table if not exists klaviyo_entries (
      id ${serial},
      receipt text not null,
      order_id text not null,
      request_id text not null,
      metric text not null,
      unique_id text not null,
      profile text not null,
      data text not null,
      is_first ${number} not null,
      state text not null,
      reason text,
      attempts ${number} not null default 0,
      batch text,
      lease text,
      due_at ${number} not null,
      accepted_at ${number} not null
    )`,
    `create table if not exists klaviyo_batches (
      id text primary key,
      attempts ${number} not null,
      lease text,
      due_at ${number} not null
    )`,
    "create index if not exists klaviyo_entries_waiting on klaviyo_entries (id) where state = 'waiting' and batch is null",
    'create index if not exists klaviyo_entries_receipt on klaviyo_entries (receipt)',
    'create index if not exists klaviyo_entries_batch on klaviyo_entries (batch) where batch is not null',
    'create index if not exists klaviyo_accepted_at on klaviyo_accepted (accepted_at)',
  ],
];

/** The database is of another version of this package. The message says which to install. */
export class SchemaVersionError extends Error {
  override readonly name = 'SchemaVersionError';
}

/** Makes the tables, or brings those of an older version up to date; in a transaction of its own. */
export async function migrate(sql: Sql, dialect: Dialect): Promise<void> {
  const [table] = await sql(dialect.findVersion);
  const [row] = table ? await sql('select version from klaviyo_schema') : [];
  const version = Number(row?.version ?? 0);
  const all = steps(dialect);
  if (version > all.length) {
    throw new SchemaVersionError(
      `The database (DATABASE_URL) was used by a newer klaviyo-storefront: its tables are of version ${version}, ` +
        `and this one knows them up to ${all.length}. Install the newer one again.`,
    );
  }
  if (version === all.length) return;
  for (const text of all.slice(version).flat()) await sql(text);
  if (!table) await sql(`create table klaviyo_schema (version ${dialect.number} not null)`);
  await sql('delete from klaviyo_schema');
  await sql('insert into klaviyo_schema (version) values ($1)', [all.length]);
}
