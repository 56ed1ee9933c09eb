/**
 * When what is sent. One flush at a time in all of the origin, but for a page that is being hidden, which
 * sends its own events at once.
 */
import { BODY_MAX_BYTES, BULK_FROM, LEASE_MS, STORE_TIMEOUT_MS } from '../shared/limits.js';
import { nextRequests, sizeOf } from './batch.js';
import { createDelivery, type DeliveryParts } from './deliver.js';
import type { Lock } from './lock.js';
import type { QueuedEvent } from './queued-event.js';

export interface FlushParts extends DeliveryParts {
  lock: Lock;
  /** What has been reported. */
  counters: { delivered: number };
}

/** Room for the profile in a request's body. */
const PROFILE_BYTES = 1000;

export const createFlusher = (parts: FlushParts) => {
  const { env, settings, journal, throttle, failing, transport, report, isGranted, counters } =
    parts;
  const { busy, done, finish, sendable, freeze, send } = createDelivery(parts);

  /** Ends the flush under way when the page is left: from then on that is another page's business. */
  let control: AbortController;
  const restore = (): void => {
    control?.abort();
    control = new AbortController();
  };
  restore();

  /** Whether this page has had no final answer to it. */
  const isUnfinished = ({ key }: QueuedEvent): boolean => !done.has(key);
  const isOpen = (): boolean => isGranted() && !throttle.pause();

  /** What may be kept: not what is too old, does not fit, or is no event at all. */
  const tidy = async (): Promise<QueuedEvent[]> => {
    const { records: loaded, garbage, isPartial } = await journal.load(control.signal);
    await journal.remove(loaded.filter(({ key }) => done.has(key)));
    const records = loaded.filter(isUnfinished);
    // Looks again when it would be known.
    if (isPartial) parts.schedule(LEASE_MS);
    for (const key of garbage) report('dropped', { uniqueId: `${key}`, reason: 'invalid' });
    const expireAt = env.now() - settings.maxAgeMs;
    let room = settings.maxQueueBytes;
    const expired: QueuedEvent[] = [];
    const evicted: QueuedEvent[] = [];
    const kept: QueuedEvent[] = [];
    // The oldest goes first, so the newest is asked first.
    for (const record of records.reverse()) {
      room -= sizeOf(record);
      const isFull = room < 0 || kept.length >= settings.maxQueueEvents;
      // What is under way is not given up: it may well have been delivered.
      const gone = record.createdAt < expireAt ? expired : isFull ? evicted : kept;
      (busy.has(record.key) ? kept : gone).push(record);
    }
    await finish(expired.reverse(), 'dropped', { reason: 'expired' });
    await finish(evicted.reverse(), 'dropped', { reason: 'evicted' });
    return kept.reverse();
  };

  /** Frozen by the flush under way, and about to be sent once that is stored. */
  let frozen: QueuedEvent[][] = [];

  const run = async (): Promise<void> => {
    if (!isGranted() || control.signal.aborted) return;
    const before = counters.delivered;
    restore();
    const { signal } = control;
    let remaining = 0;
    await parts.lock.run(async () => {
      for (let isWork = true; isWork && isGranted() && !signal.aborted; ) {
        const records = await tidy();
        isWork = false;
        remaining = records.length;
        while (isOpen() && !signal.aborted) {
          parts.lock.renew();
          const reason = throttle.reason();
          const isThrottled = reason === 'throttled';
          // Until there is an answer all the same: some browsers are wrong about it.
          const isOffline =
            env.offline() && counters.delivered === before && (reason ?? 'network') === 'network';
          const requests = nextRequests(sendable(records), {
            maxEvents: settings.maxBatchEvents,
            maxBytes: BODY_MAX_BYTES,
            // After a 429 one asks whether there is room again, and the others wait for its answer. Offline
            // too: what was sent even in vain can join no other bulk request, so it is the same one each time.
            concurrency: isThrottled || isOffline ? 1 : undefined,
            bulkFrom: isOffline
              ? Infinity
              : isThrottled
                ? 1 + (BULK_FROM - 1) * Math.sqrt(env.random())
                : undefined,
          });
          if (!requests[0]) break;
          isWork = true;
          requests.forEach(freeze);
          frozen = requests;
          // An attempt that nobody will remember could spoil a batch later: rather not now.
          if (!(await journal.persist(requests.flat()))) return parts.schedule(STORE_TIMEOUT_MS);
          // Refused, or another page has met a pause.
          if (!isOpen() || signal.aborted) return;
          // The page was hidden meanwhile: what has not left is chosen anew.
          if (frozen !== requests) continue;
          frozen = [];
          await Promise.all(requests.map((request) => send(request, signal)));
        }
      }
    }, signal);
    const pause = throttle.pause();
    const last = pause ?? failing.pause();
    if (last && remaining) parts.schedule(last.untilAt - env.now(), !pause);
    report('flushed', { delivered: counters.delivered - before, remaining });
  };

  let last = Promise.resolve();
  let next: Promise<void> | undefined;
  /** What was tracked since the one under way has loaded the queue may have come too late for it. */
  const flush = (): Promise<void> => {
    if (!next) {
      next = last
        .then(() => {
          next = undefined;
          return run();
        })
        // Locks refused (a sandboxed frame): tried again with the next event.
        .catch(() => undefined);
      last = next;
    }
    return next;
  };

  return {
    flush,
    isUnfinished,

    /** The page is gone, or in the back/forward cache until it returns. */
    leave: (): void => control.abort(),
    isLeft: (): boolean => control.signal.aborted,
    /** From there. */
    restore,
    /** All is wiped: nothing of it is sent or stored any more, even if there is consent again by then. */
    forget: (): void => {
      restore();
      for (const key of busy) done.add(key);
    },

    /** The page may never run again: sends what fits, stores what is not stored, lets go of the rest. */
    hide: (): void => {
      if (!isGranted()) return;
      const chosen: QueuedEvent[][] = [];
      journal.refresh();
      // A batch that has never left may be made smaller: as a whole it could be more than a page that is
      // being closed can send.
      const thawed = frozen
        .filter(([first, second]) => second && first?.attempts === 1)
        .flat()
        .filter(({ key }) => journal.own.has(key));
      for (const record of thawed) record.batch = undefined;
      frozen = [];
      let left = isOpen() ? transport.keepaliveLeft() : 0;
      let rest = sendable([...journal.own.values()], true);
      while (left > 0) {
        const requests = nextRequests(rest, {
          maxEvents: settings.maxBatchEvents,
          maxBytes: left - PROFILE_BYTES,
          concurrency: rest.length,
          least: 0,
        });
        if (!requests[0]) break;
        for (const request of requests) {
          const bytes = request.reduce((sum, record) => sum + sizeOf(record), PROFILE_BYTES);
          if (bytes > left) continue;
          left -= bytes;
          chosen.push(request);
        }
        rest = rest.filter((record) => !requests.some((request) => request.includes(record)));
      }
      chosen.forEach(freeze);
      // For what does not fit, if the page stays.
      if (journal.own.size) parts.schedule(settings.flushIntervalMs);
      for (const request of chosen.filter(journal.letGo([...thawed, ...chosen.flat()]))) {
        void send(request);
      }
    },
  };
};
