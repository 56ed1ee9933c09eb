/**
 * Decides what goes out next. Pure: from the records that may be sent, in order, to the requests that may
 * be under way together, each of them its members; more than one member is a bulk request.
 *
 * The rule behind it: Klaviyo may refuse a whole bulk request, even after a 202, because one member was
 * received before. So a bulk request holds either only events that never left, or exactly the members it
 * had the first time; everything else goes one by one, where sending again is harmless.
 */
import { BULK_ATTEMPTS_MAX, BULK_FROM, CONCURRENCY, ENVELOPE_BYTES } from '../shared/limits.js';
import { bytesOf } from './bytes-of.js';
import { type QueuedEvent, SINGLE } from './queued-event.js';

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
  const [first] = records;
  if (!first) return [];
  const { metric, attempts } = first;
  const batch = first.batch ?? SINGLE;
  // A profile update goes alone, before the events that were tracked after it.
  if (!metric && attempts < BULK_ATTEMPTS_MAX) return [[first]];
  const toSingles = (chosen: QueuedEvent[]): QueuedEvent[][] => chosen.map((record) => [record]);

  if (batch !== SINGLE) {
    const members = records.filter((record) => record.batch === batch);
    const isWhole = members.length === +batch.split(':')[1]!;
    return isWhole && attempts < BULK_ATTEMPTS_MAX
      ? [members]
      : toSingles(members.slice(0, concurrency));
  }

  const run: QueuedEvent[] = [];
  for (const record of records) {
    if (!record.metric && record.attempts < BULK_ATTEMPTS_MAX) break;
    if ((record.batch ?? SINGLE) === SINGLE) run.push(record);
  }
  const who = whoOf(first);
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
