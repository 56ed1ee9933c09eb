/**
 * The outbox's tables, in SQL that SQLite and PostgreSQL both take. Moments are epoch ms.
 *
 * `accepted` remembers that something was accepted, `entries` holds the events until they are delivered, and
 * a row of `batches` stands for a frozen batch: whoever holds that row holds all its members.
 */
export const schema = (number: string, serial: string): string[] => [
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
];
