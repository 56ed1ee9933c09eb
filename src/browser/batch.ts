/**
 * Decides what goes out next. Pure: from the records that may be sent, in order, to the requests that may
 * be under way together.
 *
 * The rule behind it: Klaviyo may refuse a whole bulk request, even after a 202, because one member was
 * received before. So a bulk request holds either only events that never left, or exactly the members it
 * had the first time; everything else goes one by one, where sending again is harmless.
 */
import { BULK_ATTEMPTS_MAX, BULK_FROM, CONCURRENCY, ENVELOPE_BYTES } from '../shared/limits.js';
import { type QueuedEvent, SINGLE } from './queued-event.js';

/** A record with the identity it goes out as (JSON text, to compare). */
export interface Sendable {
  record: QueuedEvent;
  who: string;
  bytes: number;
}

export interface Request {
  bulk: boolean;
  records: QueuedEvent[];
}

export interface BatchLimits {
  maxEvents: number;
  maxBytes: number;
  /** Single requests at once. Default 5. */
  concurrency?: number;
}

const isBulk = ({ record }: Sendable): boolean => !!record.batch && record.batch !== SINGLE;

/** As many from the start as fit, at least `least`. */
const thoseThatFit = (
  items: Sendable[],
  count: number,
  maxBytes: number,
  least: number,
): Sendable[] => {
  let bytes = 0;
  return items.slice(0, count).filter((item, index) => {
    bytes += item.bytes + ENVELOPE_BYTES;
    return index < least || bytes <= maxBytes;
  });
};

export const nextRequests = (
  items: Sendable[],
  { maxEvents, maxBytes, concurrency = CONCURRENCY }: BatchLimits,
): Request[] => {
  const toRecords = (chosen: Sendable[]): QueuedEvent[] => chosen.map(({ record }) => record);
  const toSingles = (chosen: Sendable[]): Request[] =>
    toRecords(chosen).map((record) => ({ bulk: false, records: [record] }));

  const [first] = items;
  if (!first) return [];
  // A profile update goes alone, before the events that were tracked after it.
  const profileAt = items.findIndex(({ record }) => !record.metric);
  if (!profileAt) return toSingles([first]);
  const run = profileAt > 0 ? items.slice(0, profileAt) : items;

  if (isBulk(first)) {
    const { batch = '', attempts } = first.record;
    const members = items.filter(({ record }) => record.batch === batch);
    const isWhole = members.length === +batch.split(':')[1]!;
    if (isWhole && attempts < BULK_ATTEMPTS_MAX) {
      return [{ bulk: true, records: toRecords(members) }];
    }
    return toSingles(members.slice(0, concurrency));
  }

  const fresh = run.filter(({ record, who }) => !record.batch && who === first.who);
  const bulk = fresh.length < BULK_FROM ? [] : thoseThatFit(fresh, maxEvents, maxBytes, 1);
  if (bulk.length > 1) return [{ bulk: true, records: toRecords(bulk) }];
  return toSingles(
    thoseThatFit(
      run.filter((item) => !isBulk(item)),
      concurrency,
      maxBytes,
      1,
    ),
  );
};
