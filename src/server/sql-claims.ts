/** What the worker does with the outbox: claim, ack, release, give up. */
import { BODY_MAX_BYTES, BULK_MAX_EVENTS, ENVELOPE_BYTES } from '../shared/limits.js';
import { DUE_AHEAD_MAX_MS } from './limits.js';
import type { Claim, ClaimWish, Entry, Outbox } from './outbox.js';
import { type Database, placeholders, type Row, type Sql } from './sql.js';

export const entryOf = (row: Row): Entry => ({
  id: Number(row.id),
  receipt: String(row.receipt),
  orderId: String(row.order_id),
  requestId: String(row.request_id),
  metric: String(row.metric),
  uniqueId: String(row.unique_id),
  profile: String(row.profile),
  data: String(row.data),
  attempts: Number(row.attempts),
  acceptedAt: Number(row.accepted_at),
});

const inOrder = (rows: Row[]): Entry[] => rows.map(entryOf).sort((a, b) => a.id - b.id);

/** With `$1` as now. A clock that was set back must not leave what waits for it unsent. */
const isDue = `(due_at <= $1 or due_at > $1 + ${DUE_AHEAD_MAX_MS})`;

/** What was never tried is put off by nothing, whatever the clock has done since it was accepted. */
const isFree = `state = 'waiting' and batch is null and (attempts = 0 or ${isDue})`;

/** Of a bulk body, and generous: two people's events share no envelope. */
const bytesOf = ({ profile, data }: Entry): number =>
  Buffer.byteLength(profile) + Buffer.byteLength(data) + 4 * ENVELOPE_BYTES;

/** How many of them, from the first on, one bulk request can hold. */
function fitting(entries: Entry[]): number {
  let bytes = 0;
  const over = entries.findIndex((entry) => {
    bytes += bytesOf(entry);
    return bytes > BODY_MAX_BYTES;
  });
  return over < 0 ? entries.length : Math.max(1, over);
}

type Claims = Pick<Outbox, 'claim' | 'ack' | 'release' | 'giveUp'>;

export function createSqlClaims({ transaction, skipLocked }: Database): Claims {
  /** A batch whose answer is not known yet comes before anything fresh. */
  async function claimBatch(sql: Sql, wish: ClaimWish, lease: string): Promise<Claim | undefined> {
    const [taken] = await sql(
      `update klaviyo_batches set lease = $2, due_at = $3, attempts = attempts + 1 where id =
        (select id from klaviyo_batches where ${isDue} order by due_at limit 1 ${skipLocked})
        returning id, attempts`,
      [wish.now, lease, wish.now + wish.leaseMs],
    );
    if (!taken) return undefined;
    const batch = String(taken.id);
    const members = await sql('select * from klaviyo_entries where batch = $1', [batch]);
    return { lease, batch, attempts: Number(taken.attempts), entries: inOrder(members) };
  }

  /** Counted without locking: a claim must lock no more than it takes, or another one finds nothing. */
  async function isBacklog(sql: Sql, { bulk, batchFrom, now }: ClaimWish): Promise<boolean> {
    if (!bulk || !Number.isFinite(batchFrom)) return false;
    const [row] = await sql(
      `select count(*) as fresh from (select 1 from klaviyo_entries where ${isFree} and attempts = 0
        limit ${batchFrom}) as counted`,
      [now],
    );
    return Number(row?.fresh) >= batchFrom;
  }

  async function claimEntries(sql: Sql, wish: ClaimWish, lease: string) {
    const inBulk = await isBacklog(sql, wish);
    const due = await sql(
      `select id from klaviyo_entries where ${isFree} ${inBulk ? 'and attempts = 0' : ''}
        order by id limit ${inBulk ? BULK_MAX_EVENTS : wish.singles} ${skipLocked}`,
      [wish.now],
    );
    const ids = due.map(({ id }) => Number(id));
    if (ids.length === 0) return undefined;
    if (inBulk) return freeze(sql, wish, lease, ids);
    const rows = await sql(
      `update klaviyo_entries set lease = $1, due_at = $2, attempts = attempts + 1
        where id in (${placeholders(ids.length, 3)}) returning *`,
      [lease, wish.now + wish.leaseMs, ...ids],
    );
    return { lease, batch: undefined, attempts: 1, entries: inOrder(rows) };
  }

  /** The batch's members are written down before anybody can send them. */
  async function freeze(sql: Sql, wish: ClaimWish, lease: string, ids: number[]): Promise<Claim> {
    const batch = lease;
    const rows = await sql(
      `update klaviyo_entries set batch = $1, due_at = $2, attempts = 1
        where id in (${placeholders(ids.length, 3)}) returning *`,
      [batch, wish.now, ...ids],
    );
    const entries = inOrder(rows);
    const kept = fitting(entries);
    const tooMany = entries.splice(kept).map(({ id }) => id);
    if (tooMany.length > 0) {
      await sql(
        `update klaviyo_entries set batch = null, attempts = 0
          where id in (${placeholders(tooMany.length)})`,
        tooMany,
      );
    }
    await sql('insert into klaviyo_batches (id, attempts, lease, due_at) values ($1, 1, $2, $3)', [
      batch,
      lease,
      wish.now + wish.leaseMs,
    ]);
    return { lease, batch, attempts: 1, entries };
  }

  return {
    claim: (wish) =>
      transaction(async (sql) => {
        const lease = crypto.randomUUID();
        const batch = wish.bulk ? await claimBatch(sql, wish, lease) : undefined;
        return batch ?? (await claimEntries(sql, wish, lease));
      }),

    ack: ({ batch }, entries) =>
      transaction(async (sql) => {
        const ids = entries.map(({ id }) => id);
        const gone = await sql(
          `delete from klaviyo_entries where id in (${placeholders(ids.length)})
            returning receipt, is_first`,
          ids,
        );
        const first = gone.filter((row) => Number(row.is_first) === 1);
        if (first.length > 0) {
          await sql(
            `update klaviyo_entries set state = 'waiting' where state = 'held'
              and receipt in (${placeholders(first.length)})`,
            first.map(({ receipt }) => String(receipt)),
          );
        }
        if (batch !== undefined) await sql('delete from klaviyo_batches where id = $1', [batch]);
      }),

    // A lease that has ended may be another worker's by now: then nothing is changed.
    release: ({ lease, batch }, entries, { dueAt, split = false, unsent = false }) =>
      transaction(async (sql) => {
        const back = unsent ? 1 : 0;
        if (batch === undefined) {
          const ids = entries.map(({ id }) => id);
          await sql(
            `update klaviyo_entries set lease = null, due_at = $2, attempts = attempts - ${back}
              where lease = $1 and id in (${placeholders(ids.length, 3)})`,
            [lease, dueAt, ...ids],
          );
        } else if (split) {
          const gone = await sql(
            'delete from klaviyo_batches where id = $1 and lease = $2 returning id',
            [batch, lease],
          );
          if (gone.length === 0) return;
          await sql('update klaviyo_entries set batch = null, due_at = $2 where batch = $1', [
            batch,
            dueAt,
          ]);
        } else {
          await sql(
            `update klaviyo_batches set lease = null, due_at = $3, attempts = attempts - ${back}
              where id = $1 and lease = $2`,
            [batch, lease, dueAt],
          );
        }
      }),

    giveUp: ({ lease }, { id }, reason) =>
      transaction(async (sql) => {
        const [gone] = await sql(
          `update klaviyo_entries set state = 'given-up', reason = $3, lease = null
            where id = $1 and lease = $2 returning receipt, is_first`,
          [id, lease, reason],
        );
        if (!gone || Number(gone.is_first) !== 1) return;
        await sql(
          `update klaviyo_entries set state = 'given-up', reason = $2
            where receipt = $1 and state = 'held'`,
          [String(gone.receipt), "The order's first event was given up."],
        );
      }),
  };
}
