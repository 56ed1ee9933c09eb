/**
 * Decides what goes out next. Pure: from the records that may be sent, in order, to the requests that may
 * be under way together, each of them its members; more than one member is a bulk request.
 *
 * The rule behind it: Klaviyo may refuse a whole bulk request, even after a 202, because one member was
 * received before. So a bulk request holds either only events that never left, or exactly the members it
 * had the first time; everything else goes one by one, where sending again is harmless.
 */
import { BULK_FROM, CONCURRENCY, ENVELOPE_BYTES } from '../shared/limits.js';
import { bytesOf } from './bytes-of.js';
import { isFailing, type QueuedEvent, SINGLE } from './queued-event.js';

export interface BatchLimits {
  /** Members of one bulk request. */
  maxEvents: number;
  /** Of all requests together. */
  maxBytes: number;
  /** Single requests at once. Default 5. */
  concurrency?: number | undefined;
  /** Fresh events that are worth a bulk request. Default 24. */
  bulkFrom?: number | undefined;
  /** Events that go out whatever their size. Default 1. */
  least?: number;
}

/** What one event adds to a request. */
export const sizeOf = ({ data }: QueuedEvent): number => bytesOf(data) + ENVELOPE_BYTES;

/** As text, to compare. */
const whoOf = ({ anonymousId, who }: QueuedEvent): string => JSON.stringify([anonymousId, who]);

export const nextRequests = (
  records: QueuedEvent[],
  { maxEvents, maxBytes, concurrency = CONCURRENCY, bulkFrom = BULK_FROM, least = 1 }: BatchLimits,
): QueuedEvent[][] => {
  // What always breaks the server comes last, in turns, so that nothing waits for it.
  const rank = (record: QueuedEvent): number => (isFailing(record) ? record.attempts : 0);
  const inOrder = [...records].sort((a, b) => rank(a) - rank(b));
  const [oldest] = inOrder;
  if (!oldest) return [];
  // A profile update goes alone, before the events that were tracked after it, as long as it may get there.
  const isUpdate = (record: QueuedEvent): boolean => !record.metric && !isFailing(record);
  if (isUpdate(oldest)) return [[oldest]];
  const toSingles = (chosen: QueuedEvent[]): QueuedEvent[][] => chosen.map((record) => [record]);
  const updateAt = inOrder.findIndex(isUpdate);
  const run = updateAt < 0 ? inOrder : inOrder.slice(0, updateAt);

  // A frozen batch comes first: it is delivered, or in pieces, after a few attempts.
  const sizes = new Map<string, number>();
  for (const { batch = SINGLE } of records) sizes.set(batch, (sizes.get(batch) ?? 0) + 1);
  const whole = run.find((record) => {
    const { batch = SINGLE } = record;
    return !isFailing(record) && sizes.get(batch) === +batch.split(':')[1]!;
  });
  if (whole) return [records.filter(({ batch }) => batch === whole.batch)];
  const who = whoOf(run[0]!);
  const fresh = run.filter((record) => !record.batch && whoOf(record) === who);
  const isBulk = fresh.length >= bulkFrom;
  let bytes = 0;
  let isFull = false;
  const chosen = (isBulk ? fresh.slice(0, maxEvents) : run.slice(0, concurrency)).filter(
    (record, index) => {
      const after = bytes + sizeOf(record);
      if (isFull || (after > maxBytes && index >= least)) {
        // In order, but for a page that is being left: there what fits goes, whatever is before it.
        isFull = least > 0;
        return false;
      }
      bytes = after;
      return true;
    },
  );
  return isBulk && chosen[0] ? [chosen] : toSingles(chosen);
};
