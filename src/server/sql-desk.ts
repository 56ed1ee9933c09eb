/** What people, webhooks and health checks ask the outbox. */
import type { EntryFilter, EntryView, Outbox } from './outbox.js';
import type { Database, Row, Value } from './sql.js';
import { entryOf } from './sql-claims.js';

const viewOf = (row: Row): EntryView => ({
  ...entryOf(row),
  state: row.state as EntryView['state'],
  dueAt: Number(row.due_from),
  claimedUntil: row.claimed_by === null ? undefined : Number(row.due_from),
  reason: row.reason === null ? undefined : String(row.reason),
});

/** A `where` of what a filter names; empty when it names nothing. */
function whereOf({ state, of }: EntryFilter): { text: string; values: Value[] } {
  const values: Value[] = [];
  const conditions: string[] = [];
  if (state !== undefined) {
    values.push(state);
    conditions.push(`state = $${values.length}`);
  }
  if (of !== undefined) {
    values.push(of);
    conditions.push(`(receipt = $${values.length} or order_id = $${values.length})`);
  }
  return { text: conditions.length > 0 ? `where ${conditions.join(' and ')}` : '', values };
}

type Desk = Pick<Outbox, 'customerOf' | 'stats' | 'forget' | 'list' | 'retry' | 'drop'>;

export function createSqlDesk({ transaction }: Database): Desk {
  const givenUp = (of: string | undefined) =>
    whereOf({ state: 'given-up', ...(of !== undefined && { of }) });

  return {
    customerOf: (key) =>
      transaction(async (sql) => {
        const [row] = await sql(
          'select customer from klaviyo_accepted where accept_key = $1 and customer is not null',
          [key],
        );
        return row ? String(row.customer) : undefined;
      }),

    stats: () =>
      transaction(async (sql) => {
        const [row] = await sql(
          `select count(*) filter (where state <> 'given-up') as waiting,
            count(*) filter (where state = 'given-up') as given_up,
            min(case when state <> 'given-up' then accepted_at end) as oldest_at
            from klaviyo_entries`,
        );
        const oldest = row?.oldest_at ?? undefined;
        return {
          waiting: Number(row?.waiting),
          givenUp: Number(row?.given_up),
          oldestAt: oldest === undefined ? undefined : Number(oldest),
        };
      }),

    forget: (acceptedBefore) =>
      transaction(async (sql) => {
        await sql(
          `delete from klaviyo_accepted where accepted_at < $1 and not exists
            (select 1 from klaviyo_entries where receipt = klaviyo_accepted.receipt)`,
          [acceptedBefore],
        );
      }),

    list: (filter, limit) =>
      transaction(async (sql) => {
        const { text, values } = whereOf(filter);
        // A member of a batch is its batch's: due when that is, and claimed with it.
        const rows = await sql(
          `select entry.*, coalesce(whole.due_at, entry.due_at) as due_from,
            case when entry.batch is null then entry.lease else whole.lease end as claimed_by
            from klaviyo_entries as entry left join klaviyo_batches as whole on whole.id = entry.batch
            ${text} order by entry.id limit ${Math.floor(limit)}`,
          values,
        );
        return rows.map(viewOf);
      }),

    retry: (of) =>
      transaction(async (sql) => {
        const { text, values } = givenUp(of);
        // What waited for its order's first event waits again, if that one is still there.
        const rows = await sql(
          `update klaviyo_entries set due_at = 0, reason = null, lease = null,
            state = case when is_first = 0 and exists (select 1 from klaviyo_entries as whole
              where whole.receipt = klaviyo_entries.receipt and whole.is_first = 1)
              then 'held' else 'waiting' end
            ${text} returning id`,
          values,
        );
        return rows.length;
      }),

    drop: (of) =>
      transaction(async (sql) => {
        const { text, values } = givenUp(of);
        const rows = await sql(
          `delete from klaviyo_entries ${text} returning receipt, is_first`,
          values,
        );
        // Dropped whole: the order may be posted again, mended.
        for (const row of rows.filter(({ is_first }) => Number(is_first) === 1)) {
          await sql('delete from klaviyo_accepted where receipt = $1', [String(row.receipt)]);
        }
        return rows.length;
      }),
  };
}
