/**
 * One request: what it is made of, and what its answer means for the events in it. An event is removed
 * after a final answer and not before.
 */
import { type Outcome, readOutcome } from '../shared/outcome.js';
import { bulkBody, eventBody, profileBody } from '../shared/payload.js';
import type { Identifiers } from '../shared/profile.js';
import type { Request, Sendable } from './batch.js';
import { bytesOf } from './bytes-of.js';
import type { Env } from './env.js';
import type { Identity } from './identity.js';
import type { Journal } from './journal.js';
import type { Settings } from './options.js';
import { type QueuedEvent, SINGLE } from './queued-event.js';
import type { EventReport, PauseReason, Report, Reports } from './reports.js';
import type { Throttle } from './throttle.js';
import type { Endpoint, Transport } from './transport.js';

export interface DeliveryParts {
  env: Env;
  settings: Settings;
  journal: Journal;
  identity: Identity;
  throttle: Throttle;
  transport: Transport;
  report: Report;
  /** Consent, as of now. */
  isGranted: () => boolean;
}

export const createDelivery = (parts: DeliveryParts) => {
  const { env, settings, journal, identity, throttle, transport, report, isGranted } = parts;
  /** Under way, or finished: not to be sent again by this page. */
  const busy = new Set<string>();
  let hasWarned = false;

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

  /** Those of the records that may go out now, each with the identity it goes out as. */
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
      return finish(records, kind, {});
    }
    // Withdrawn meanwhile: there is nothing to keep, and nothing may be stored.
    if (!isGranted()) return;
    if (kind === 'rejected' || kind === 'tooLarge') {
      if (!bulk) return finish(records, 'dropped', { reason: 'rejected', detail });
      // Refused as a whole, so nothing of it was recorded. Too large: two halves. Else one by one, where
      // the culprit shows itself.
      const half = kind === 'tooLarge' ? records.length >> 1 : 0;
      for (const record of records) {
        record.batch = undefined;
        // The answer was definite: what follows is no repetition of the same request.
        record.attempts = 0;
      }
      for (const part of [records.slice(0, half), records.slice(half)]) {
        freeze({ bulk: half > 1, records: part });
      }
      await journal.persist(records);
      return;
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

  /** Sends what has been frozen and stored. The request has started when this returns. */
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

  return { busy, finish, sendable, freeze, send };
};

export type Delivery = ReturnType<typeof createDelivery>;
