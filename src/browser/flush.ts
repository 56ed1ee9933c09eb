/**
 * When what is sent. One flush at a time in all of the origin, but for a page that is being hidden, which
 * sends its own events at once.
 */
import { BODY_MAX_BYTES, ENVELOPE_BYTES, LEASE_MS, STORE_TIMEOUT_MS } from '../shared/limits.js';
import { nextRequests, type Request } from './batch.js';
import { createDelivery, type DeliveryParts } from './deliver.js';
import type { Lock } from './lock.js';
import type { QueuedEvent } from './queued-event.js';

export interface FlushParts extends DeliveryParts {
  lock: Lock;
  /** What has been reported. */
  counters: { delivered: number };
  /** Asks for another flush in so many ms. */
  schedule: (delayMs: number) => void;
}

/** Room for the profile in a request's body. */
const PROFILE_BYTES = 1000;

export const createFlusher = (parts: FlushParts) => {
  const { env, settings, journal, throttle, transport, report, isGranted, counters } = parts;
  const { busy, finish, sendable, freeze, send } = createDelivery(parts);

  const isOpen = (): boolean => isGranted() && !throttle.pause();

  /** What may be kept: not what is too old, does not fit, or is no event at all. */
  const tidy = async (): Promise<QueuedEvent[]> => {
    const { records, garbage, isShared } = await journal.load();
    // Its page may be gone without anybody to tell: look again when it would be known.
    if (isShared && !parts.lock.isReal) parts.schedule(LEASE_MS);
    for (const key of garbage) report('dropped', { uniqueId: `${key}`, reason: 'invalid' });
    const expireAt = env.now() - settings.maxAgeMs;
    let room = settings.maxQueueBytes;
    // The oldest goes first, so the newest is asked first.
    const young = records.filter(({ createdAt }) => createdAt >= expireAt).reverse();
    const kept = young.filter(({ data }, index) => {
      room -= data.length;
      return room >= 0 && index < settings.maxQueueEvents;
    });
    const old = records.filter(({ createdAt }) => createdAt < expireAt);
    await finish(old, 'dropped', { reason: 'expired' });
    await finish(young.slice(kept.length), 'dropped', { reason: 'evicted' });
    return kept.reverse();
  };

  const run = async (): Promise<void> => {
    const before = counters.delivered;
    let remaining = 0;
    await parts.lock.run(async () => {
      for (let isWork = true; isWork && isGranted(); ) {
        const records = await tidy();
        const items = sendable(records);
        isWork = false;
        remaining = records.length;
        while (isOpen()) {
          parts.lock.renew();
          const requests = nextRequests(
            items.filter(({ record }) => !busy.has(record.key)),
            { maxEvents: settings.maxBatchEvents, maxBytes: BODY_MAX_BYTES },
          );
          if (!requests.length) break;
          isWork = true;
          requests.forEach(freeze);
          // An attempt that nobody will remember could spoil a batch later: rather not now.
          if (!(await journal.persist(requests.flatMap((request) => request.records)))) {
            return parts.schedule(STORE_TIMEOUT_MS);
          }
          if (!isGranted()) return;
          await Promise.all(requests.map(send));
        }
      }
    });
    const pause = throttle.pause();
    if (pause && remaining) parts.schedule(pause.untilAt - env.now());
    report('flushed', { delivered: counters.delivered - before, remaining });
  };

  let current: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const flush = (): Promise<void> => {
    if (current) {
      // What was tracked since it loaded the queue may have come too late for the one under way.
      next ??= current.then(() => {
        next = undefined;
        return flush();
      });
      return next;
    }
    current = run()
      // Locks refused (a sandboxed frame): tried again with the next event.
      .catch(() => undefined)
      .finally(() => {
        current = undefined;
      });
    return current;
  };

  return {
    flush,

    /** The page may never run again: sends what fits, stores what is not stored, lets go of the rest. */
    hide: (): void => {
      const chosen: Request[] = [];
      journal.refresh();
      if (isOpen()) {
        let left = transport.keepaliveLeft();
        let items = sendable([...journal.own.values()]);
        for (let isRoom = true; isRoom; ) {
          const requests = nextRequests(items, {
            maxEvents: settings.maxBatchEvents,
            maxBytes: left - PROFILE_BYTES,
            concurrency: items.length,
          });
          isRoom = false;
          for (const request of requests) {
            const bytes = items
              .filter(({ record }) => request.records.includes(record))
              .reduce((sum, item) => sum + item.bytes + ENVELOPE_BYTES, PROFILE_BYTES);
            if (bytes > left) continue;
            left -= bytes;
            isRoom = true;
            chosen.push(request);
          }
          const taken = new Set(requests.flatMap((request) => request.records));
          items = items.filter(({ record }) => !taken.has(record));
        }
      }
      chosen.forEach(freeze);
      const changed = chosen.flatMap((request) => request.records);
      if (journal.letGo(changed)) for (const request of chosen) void send(request);
    },
  };
};
