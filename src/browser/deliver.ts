/**
 * One request: what it is made of, and what its answer means for the events in it. An event is removed
 * after a final answer and not before.
 */
import { BACKOFF_BASE_MS, FAILING_FROM } from '../shared/limits.js';
import { readOutcome } from '../shared/outcome.js';
import {
  asBackfill,
  bulkBody,
  eventBody,
  profileBody,
  refusedIdentifier,
} from '../shared/payload.js';
import { attempt } from './attempt.js';
import type { Env } from './env.js';
import type { Identity } from './identity.js';
import type { Journal } from './journal.js';
import type { Settings } from './options.js';
import { isFailing, type QueuedEvent, SINGLE } from './queued-event.js';
import { type EventReport, nameOf, type Report, type Reports } from './reports.js';
import type { Throttle } from './throttle.js';
import type { Endpoint, Transport } from './transport.js';

export interface DeliveryParts {
  env: Env;
  settings: Settings;
  journal: Journal;
  identity: Identity;
  throttle: Throttle;
  /** That of events which have failed so often that nothing else waits for them. */
  failing: Throttle;
  transport: Transport;
  report: Report;
  /** Consent, as of now. */
  isGranted: () => boolean;
  isClosed: () => boolean;
  /** Asks for another flush in so many ms; `isLeast`: unless one is asked for already. */
  schedule: (delayMs: number, isLeast?: boolean) => void;
}

export const createDelivery = (parts: DeliveryParts) => {
  const { env, settings, journal, identity, throttle, failing, transport, report, isGranted } =
    parts;
  /** Under way. */
  const busy = new Set<string>();
  /** Finished by this page: a write that was slow may bring them back, and they are removed again. */
  const done = new Set<string>();
  let hasWarned = false;

  /** Takes records out for good. */
  const finish = async <N extends 'delivered' | 'dropped'>(
    records: QueuedEvent[],
    name: N,
    rest: Omit<Reports[N], keyof EventReport>,
  ): Promise<void> => {
    for (const { key, metric } of records) {
      done.add(key);
      // A profile update that was given up is said again the next time; after a refusal nothing is stored.
      if (!metric && name === 'dropped' && isGranted()) identity.unlearn();
    }
    if (records.some(isFailing)) failing.succeed();
    await journal.remove(records);
    for (const record of records) report(name, { ...nameOf(record), ...rest } as Reports[N]);
  };

  /**
   * Those of the records that may go out now, each with the identity it goes out as: once it has been sent
   * an event keeps the identity it was sent with.
   * @param isHiding asked of what this page has tracked only: what it does not see may fail as well
   */
  const sendable = (records: QueuedEvent[], isHiding?: boolean): QueuedEvent[] => {
    const isPaused = failing.pause();
    /** Visitors with a profile update that fails: it would undo a later one that overtakes it. */
    const behind = new Set<string>();
    return records.filter((record) => {
      const { key, metric, who, anonymousId, attempts } = record;
      const found = attempts ? who : identity.resolve(anonymousId, who);
      record.who = found ?? {};
      const isBehind = !metric && ((isHiding && failing.reason()) || behind.has(anonymousId));
      if (!metric && isFailing(record)) behind.add(anonymousId);
      return (
        !isBehind &&
        !busy.has(key) &&
        !done.has(key) &&
        !(isPaused && isFailing(record)) &&
        (found || settings.anonymous === 'send')
      );
    });
  };

  /** Marks the members, which must be stored before they are sent. */
  const freeze = (records: QueuedEvent[]): void => {
    const batch = records[1] ? `${env.uuid()}:${records.length}` : SINGLE;
    for (const record of records) {
      record.batch = batch;
      record.attempts++;
    }
  };

  const compose = (records: QueuedEvent[]): [Endpoint, string] => {
    const { anonymousId, who, data, metric } = records[0]!;
    if (!metric) return ['profiles', profileBody(anonymousId, who, JSON.parse(data))];
    const profile = profileBody(anonymousId, who);
    const staleAt = env.now() - settings.staleAfterMs;
    const members = records.map((record) =>
      record.createdAt < staleAt ? asBackfill(record.data) : record.data,
    );
    return records[1]
      ? ['event-bulk-create', bulkBody(profile, members)]
      : ['events', eventBody(profile, members[0]!)];
  };

  /**
   * Sends what has been frozen and stored. The request has started when this returns.
   * @param left ends the turn in which it is sent; without one it has been let go of
   */
  const send = async (records: QueuedEvent[], left?: AbortSignal): Promise<void> => {
    // The page was hidden meanwhile and has sent these.
    if (records.some(({ key }) => busy.has(key) || done.has(key))) return;
    for (const { key } of records) busy.add(key);
    /** A closed client hears of no refusal: it stores nothing that may have been wiped. */
    const isOurs = (): boolean => isGranted() && left?.aborted === false;
    const content = attempt(() => compose(records));
    // Without: stored text that is no JSON any more.
    const outcome = content ? await transport.send(...content) : readOutcome(400);
    const { kind, status, retryAfterMs, detail } = outcome;
    // A page that is being left has its requests rejected before it is told; they may well arrive. A
    // failure counts a task later, which such a page does not have.
    if (kind === 'network') await new Promise<void>((resolve) => env.after(0, resolve));
    for (const { key } of records) busy.delete(key);
    if (kind === 'delivered') {
      throttle.succeed();
      return finish(records, kind, {});
    }
    // Withdrawn meanwhile: there is nothing to keep, and nothing may be stored.
    if (!isGranted() && !parts.isClosed()) return;
    if (kind === 'rejected' || kind === 'tooLarge') {
      const [record, second] = records;
      const culprit = !second && refusedIdentifier(detail, record!.who);
      if (culprit) {
        // Only the identifier is given up: for its own sake Klaviyo would refuse all this visitor's events.
        identity.refuse({ [culprit]: record!.who[culprit] });
        record!.who = identity.resolve(record!.anonymousId, record!.who) ?? {};
        record!.attempts = 0;
        if (isGranted()) await journal.persist(records);
        return parts.schedule(0);
      }
      if (!second) {
        return finish(records, 'dropped', { reason: 'rejected', detail });
      }
      // Of what is not this page's turn any more another may be making pieces too: it goes as a whole once more.
      if (isOurs()) {
        // The answer was definite: what follows is no repetition of the same request.
        for (const record of records) record.attempts = 0;
        // Refused as a whole, so nothing of it was recorded. Too large: two halves. Else one by one, where
        // the culprit shows itself.
        const size = kind === 'tooLarge' ? Math.ceil(records.length / 2) : 1;
        for (let at = 0; at < records.length; at += size) freeze(records.slice(at, at + size));
        await journal.persist(records);
      }
      // A page that is hidden has no flush under way.
      return parts.schedule(0);
    }
    if (kind === 'denied' && !hasWarned) {
      hasWarned = true;
      env.warn(`Klaviyo answers ${status}: events wait. Check companyId and apiHost.`);
    }
    // Only a server that breaks may break because of an event: the others say nothing about it. A profile update may
    // be blocked by its address, and must not hold up the events for ever, but without a network everything waits.
    const [{ attempts, metric }] = records as [QueuedEvent];
    const isInnocent = kind === 'throttled' || (kind !== 'server' && (metric || env.offline()));
    if (!isInnocent && kind !== 'denied' && attempts > FAILING_FROM && !retryAfterMs) {
      // It may be at fault, and not the server. It comes after those of other tabs, which may not be.
      const { untilAt } = failing.fail(kind, retryAfterMs, attempts);
      return parts.schedule(untilAt - env.now() + BACKOFF_BASE_MS, true);
    }
    const before = throttle.pause()?.untilAt;
    const pause = throttle.fail(kind, retryAfterMs);
    parts.schedule(pause.untilAt - env.now());
    // Requests that fail side by side are one pause.
    if (pause.untilAt !== before) report('paused', pause);
    if (isInnocent) {
      // Its attempt is taken back, also for a page that finds it stored.
      for (const record of records) record.attempts = Math.max(1, record.attempts - 1);
      if (isOurs()) await journal.persist(records);
    }
    return undefined;
  };

  return { busy, done, finish, sendable, freeze, send };
};

export type Delivery = ReturnType<typeof createDelivery>;
