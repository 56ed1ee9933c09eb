import { createGroupAccept } from './group-accept.js';
import { COUNT_MAX_AGE_MS, WAITING_MAX } from './limits.js';
import type { Acceptance, Accepted, Outbox } from './outbox.js';
import { type Database, insert, placeholders, type Row, type Sql, type Value } from './sql.js';
import { createSqlClaims } from './sql-claims.js';
import { createSqlDesk } from './sql-desk.js';

export interface OutboxOptions {
  /** Events that may wait before `accept` answers `full`. Default 100 000. */
  maxWaiting?: number;
  /** Epoch ms. Default `Date.now`. */
  now?: () => number;
}

const acceptedColumns = [
  ...['accept_key', 'order_id', 'digest', 'receipt', 'message_id', 'customer', 'accepted_at'],
];
const entryColumns = [
  ...['receipt', 'order_id', 'request_id', 'metric', 'unique_id', 'profile', 'data'],
  ...['is_first', 'state', 'due_at', 'accepted_at'],
];

const acceptedRow = (one: Acceptance): Value[] => [
  ...[one.key, one.orderId, one.digest, one.receipt],
  ...[one.messageId ?? null, one.customer ?? null, one.acceptedAt],
];

const entryRows = (one: Acceptance): Value[][] =>
  one.events.map((event, index) => [
    ...[one.receipt, one.orderId, one.requestId, event.metric, event.uniqueId],
    ...[event.profile, event.data, index === 0 ? 1 : 0],
    ...[index === 0 ? 'waiting' : 'held', one.acceptedAt, one.acceptedAt],
  ]);

/**
 * The outbox on an SQL database. Why not on pg-boss, which queues on PostgreSQL too: it has no members that
 * wait for another one, no batch that keeps its members over attempts, no way to give work back without
 * failing it, and what is accepted once is not a job but a row of ours in the same transaction. All of it
 * would be tables beside pg-boss's own; so there are tables only, and `for update skip locked`.
 */
export function createSqlOutbox(database: Database, options: OutboxOptions = {}): Outbox {
  const { maxWaiting = WAITING_MAX, now = Date.now } = options;
  let counted = { waiting: 0, at: Number.NEGATIVE_INFINITY };

  async function hasRoom(sql: Sql): Promise<boolean> {
    if (Math.abs(now() - counted.at) > COUNT_MAX_AGE_MS || counted.waiting >= maxWaiting) {
      const [row] = await sql(
        "select count(*) as waiting from klaviyo_entries where state <> 'given-up'",
      );
      counted = { waiting: Number(row?.waiting), at: now() };
    }
    return counted.waiting < maxWaiting;
  }

  /** What a key or a message id was accepted as before. */
  async function known(sql: Sql, column: string, values: string[]): Promise<Map<string, Row>> {
    const rows =
      values.length === 0
        ? []
        : await sql(
            `select * from klaviyo_accepted where ${column} in (${placeholders(values.length)})`,
            values,
          );
    return new Map(rows.map((row) => [String(row[column]), row]));
  }

  async function commit(acceptances: Acceptance[]): Promise<Accepted[]> {
    const { answers, stored } = await database.transaction(async (sql) => {
      // In the order of their keys, so that two instances never wait for each other.
      const inOrder = [...acceptances].sort((a, b) => (a.key < b.key ? -1 : 1));
      const fresh = (await hasRoom(sql))
        ? await insert(
            sql,
            'klaviyo_accepted',
            acceptedColumns,
            inOrder.map(acceptedRow),
            'on conflict do nothing returning receipt',
          )
        : [];
      const receipts = new Set(fresh.map(({ receipt }) => receipt));
      const isNew = ({ receipt }: Acceptance) => receipts.has(receipt);
      await insert(
        sql,
        'klaviyo_entries',
        entryColumns,
        acceptances.filter(isNew).flatMap(entryRows),
      );
      const others = acceptances.filter((one) => !isNew(one));
      const byKey = await known(
        sql,
        'accept_key',
        others.map(({ key }) => key),
      );
      const unknown = others.filter(({ key }) => !byKey.has(key));
      const byMessage = await known(
        sql,
        'message_id',
        unknown.flatMap(({ messageId }) => messageId ?? []),
      );
      return {
        answers: acceptances.map((one): Accepted => {
          const row = byKey.get(one.key);
          const { receipt, acceptedAt } = one;
          // Or new a moment ago, in a commit whose answer was lost.
          if (isNew(one) || row?.receipt === receipt) {
            return { kind: 'accepted', receipt, acceptedAt };
          }
          if (!row) return { kind: byMessage.has(one.messageId ?? '') ? 'reused' : 'full' };
          return {
            kind: row.digest === one.digest ? 'duplicate' : 'conflict',
            receipt: String(row.receipt),
            acceptedAt: Number(row.accepted_at),
          };
        }),
        stored: acceptances.filter(isNew).reduce((sum, { events }) => sum + events.length, 0),
      };
    });
    counted.waiting += stored;
    return answers;
  }

  return {
    accept: createGroupAccept(commit),
    ...createSqlClaims(database),
    ...createSqlDesk(database),
    close: () => database.close(),
  };
}
