/**
 * Delivery. One flush at a time in all of the origin, but for a page that is being hidden, which sends
 * its own events at once.
 */

import { BODY_MAX_BYTES } from '../shared/limits.js';
import { type Outcome, readOutcome } from '../shared/outcome.js';
import { bulkBody, eventBody, profileBody } from '../shared/payload.js';
import type { Identifiers } from '../shared/profile.js';
import { nextRequests, type Request, type Sendable } from './batch.js';
import type { Env } from './env.js';
import type { Identity } from './identity.js';
import type { Journal } from './journal.js';
import type { Lock } from './lock.js';
import type { Settings } from './options.js';
import { type QueuedEvent, SINGLE } from './queue.js';
import type { EventReport, PauseReason, Report, Reports } from './reports.js';
import type { Throttle } from './throttle.js';
import { bytesOf, type Endpoint, type Transport } from './transport.js';

export interface FlushParts {
  env: Env;
  settings: Settings;
  journal: Journal;
  identity: Identity;
  throttle: Throttle;
  lock: Lock;
  transport: Transport;
  report: Report;
  /** Consent, as of now. */
  isGranted: () => boolean;
  /** Asks for another flush in so many ms. */
  schedule: (delayMs: number) => void;
}

/** Room for the profile in a request's body. */
const PROFILE_BYTES = 1000;

export const createFlusher = (parts: FlushParts) => {
  const { env, settings, journal, identity, throttle, transport, report, isGranted } = parts;
  /** Under way, or finished: not to be sent again by this page. */
  const busy = new Set<string>();
  let hasWarned = false;
  let delivered = 0;

  /** Takes records out for good. */
  const finish = async <N extends 'delivered' | 'dropped'>(
    records: QueuedEvent[],
    name: N,
    rest: Omit<Reports[N], keyof EventReport>,
  ): Promise<void> => {
    for (const { key } of records) busy.add(key);
    await journal.remove(records);
    for (const { uniqueId, metric } of records) {
      report(name, { uniqueId, metric, ...rest } as Reports[N]);
    }
  };

  /** Once it has been sent, an event keeps the identity it was sent with. */
  const whoOf = (record: QueuedEvent): Identifiers | undefined =>
    record.attempts
      ? record.who
      : (identity.resolve(record.anonymousId, record.who) ??
        (settings.anonymous === 'send' ? {} : undefined));

  const sendable = (records: QueuedEvent[]): Sendable[] =>
    records.flatMap((record) => {
      const who = busy.has(record.key) ? undefined : whoOf(record);
      return who
        ? [
            {
              record,
              who: JSON.stringify([record.anonymousId, who]),
              bytes: bytesOf(record.data),
            },
          ]
        : [];
    });

  /** Marks the members, which must be stored before they are sent. A frozen batch stays as it is. */
  const freeze = ({ bulk, records }: Request): void => {
    const batch = `${env.uuid()}:${records.length}`;
    for (const record of records) {
      record.who = whoOf(record) ?? {};
      record.batch = bulk ? (record.batch ?? batch) : SINGLE;
      record.attempts++;
    }
  };

  const settle = async ({ bulk, records }: Request, outcome: Outcome): Promise<void> => {
    const { kind, status, retryAfterMs, detail } = outcome;
    if (kind === 'delivered') {
      throttle.succeed();
      delivered += records.length;
      return finish(records, kind, {});
    }
    // Withdrawn meanwhile: there is nothing to keep, and nothing may be stored.
    if (!isGranted()) return;
    if (kind === 'rejected' || kind === 'tooLarge') {
      if (!bulk) return finish(records, 'dropped', { reason: 'rejected', detail });
      // Refused as a whole, so nothing of it was recorded. Too large: two halves. Else one by one, where
      // the culprit shows itself.
      const half = kind === 'tooLarge' ? records.length >> 1 : 0;
      for (const record of records) record.batch = undefined;
      for (const part of [records.slice(0, half), records.slice(half)]) {
        freeze({ bulk: half > 1, records: part });
      }
      return journal.persist(records);
    }
    const reason: PauseReason = kind === 'retryable' ? (status ? 'server' : 'network') : kind;
    if (kind === 'denied' && !hasWarned) {
      hasWarned = true;
      env.warn(
        `Klaviyo answers ${status}: events wait. Check companyId, apiHost and what guards it.`,
      );
    }
    report('paused', throttle.fail(reason, retryAfterMs));
  };

  const compose = ({ bulk, records }: Request): [Endpoint, string] => {
    const { anonymousId, who, data, metric } = records[0]!;
    const staleAt = env.now() - settings.staleAfterMs;
    const members = records.map((record) => ({
      data: record.data,
      backfill: record.createdAt < staleAt,
    }));
    if (bulk) return ['event-bulk-create', bulkBody(anonymousId, who, members)];
    return metric
      ? ['events', eventBody(anonymousId, who, members[0]!)]
      : ['profiles', profileBody(anonymousId, who, data)];
  };

  const send = async (request: Request): Promise<void> => {
    const { records } = request;
    // The page was hidden meanwhile and has sent these.
    if (records.some(({ key }) => busy.has(key))) return;
    for (const { key } of records) busy.add(key);
    let outcome: Outcome;
    try {
      outcome = await transport.send(...compose(request));
    } catch (error) {
      // Stored text that is no JSON any more.
      outcome = readOutcome(400, null, `${error}`);
    }
    for (const { key } of records) busy.delete(key);
    await settle(request, outcome);
  };

  const isOpen = (): boolean => isGranted() && !throttle.pause();

  /** What may be kept: not what is too old, does not fit, or is no event at all. */
  const tidy = async (): Promise<QueuedEvent[]> => {
    const { records, garbage } = await journal.load();
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
    delivered = 0;
    let remaining = 0;
    await parts.lock.run(async () => {
      for (let isWork = true; isWork && isGranted(); ) {
        const records = await tidy();
        const items = sendable(records);
        isWork = false;
        remaining = records.length;
        while (isOpen()) {
          const requests = nextRequests(
            items.filter(({ record }) => !busy.has(record.key)),
            { maxEvents: settings.maxBatchEvents, maxBytes: BODY_MAX_BYTES },
          );
          if (!requests.length) break;
          isWork = true;
          requests.forEach(freeze);
          await journal.persist(requests.flatMap((request) => request.records));
          if (!isGranted()) return;
          await Promise.all(requests.map(send));
        }
      }
    });
    const pause = throttle.pause();
    if (pause && remaining) parts.schedule(pause.untilAt - env.now());
    report('flushed', { delivered, remaining });
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
              .reduce((sum, item) => sum + item.bytes, PROFILE_BYTES);
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
      for (const record of journal.own.values()) record.owner = '';
      // An attempt that nobody will remember could spoil a batch later; nothing stored, nothing to spoil.
      if (journal.spill(changed)) for (const request of chosen) void send(request);
      journal.letGo();
    },
  };
};
