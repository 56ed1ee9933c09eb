import type { EventName } from '../../shared/event.js';
import { BODY_MAX_BYTES, BULK_MAX_EVENTS, ENVELOPE_BYTES } from '../../shared/limits.js';
import { eventBody } from '../../shared/payload.js';
import type { Profile } from '../../shared/profile.js';
import type { ServerEnv } from '../env.js';
import { jobOf } from '../klaviyo-api.js';
import { batchesOf, type Many, type Member, type Rejected } from './batches.js';
import type { CallEndpoint, CallOptions } from './call.js';
import { ENDPOINTS } from './endpoints.js';
import { writeEvent } from './event-input.js';
import type { EventToTrack } from './events.js';
import { KlaviyoApiError } from './klaviyo-error.js';
import { isAppending } from './profile-input.js';

/** An event with who it is of. */
export interface EventOfProfile<Name extends EventName = EventName> extends EventToTrack<Name> {
  profile: Profile;
}

export interface TrackedAll {
  /** How many Klaviyo has taken. */
  accepted: number;
  /** How many were left out because one with the same profile, metric and unique id was in the same request. */
  duplicates: number;
  rejected: Rejected[];
}

export interface BulkEvents {
  /**
   * Records any number of events of any people, 1000 or 5 MB with one request. They may come one by one from a file
   * or a database: one request's worth is in memory. A request that Klaviyo refuses is sent again event by event, so
   * that only the culprits are missing; each is named in the result.
   *
   * Give each its `uniqueId` and `time` where a crash may make you begin again. Without `backfill` events of the past
   * start flows.
   *
   * @klaviyo POST /api/event-bulk-create-jobs (2026-07-15) · events:write · 10/s, 150/min
   */
  trackAll(events: Many<EventOfProfile>, options?: CallOptions): Promise<TrackedAll>;
}

type Ready = ReturnType<typeof writeEvent> & { isRepeatable: boolean };

const LIMITS = {
  maxCount: BULK_MAX_EVENTS,
  // Each may be of somebody else, and then both have an envelope.
  maxBytes: BODY_MAX_BYTES - 2 * BULK_MAX_EVENTS * ENVELOPE_BYTES,
};

/** About what was sent, and not about the way it was sent. */
const isAboutEvents = (error: unknown): error is KlaviyoApiError =>
  error instanceof KlaviyoApiError &&
  (error.status === 413 ||
    (error.status === 400 && !error.details.some(({ parameter }) => parameter !== undefined)));

/** A repeated unique id can make Klaviyo refuse the whole request, or drop it in silence. */
function withoutDuplicates(batch: readonly Member<Ready>[]): Member<Ready>[] {
  const known = new Map<string, Member<Ready>>();
  for (const member of batch) {
    const { profile, metric, uniqueId } = member.item;
    const key = JSON.stringify([profile, metric, uniqueId]);
    if (!known.has(key)) known.set(key, member);
  }
  return [...known.values()];
}

export function createBulkEvents(call: CallEndpoint, env: ServerEnv): BulkEvents {
  async function* written(events: Many<EventOfProfile>): AsyncGenerator<Ready> {
    for await (const { profile, ...event } of events) {
      yield { ...writeEvent(profile, event, env), isRepeatable: !isAppending(profile) };
    }
  }

  return {
    async trackAll(events, { signal } = {}) {
      const tracked: TrackedAll = { accepted: 0, duplicates: 0, rejected: [] };

      async function sendEach(members: readonly Member<Ready>[]): Promise<void> {
        // With the first that is not about its event all of them end: they would go out behind the caller's back.
        const failing = new AbortController();
        const ending = AbortSignal.any(signal ? [signal, failing.signal] : [failing.signal]);
        const send = async ({ item, index }: Member<Ready>): Promise<void> => {
          try {
            const body = eventBody(item.profile, item.data);
            const { isRepeatable } = item;
            await call(ENDPOINTS.createEvent, { body, signal: ending, isRepeatable });
            tracked.accepted += 1;
          } catch (error) {
            if (!isAboutEvents(error)) {
              failing.abort(error);
              throw error;
            }
            tracked.rejected.push({ index, error });
          }
        };
        await Promise.all(members.map(send));
      }

      const text = ({ profile, data }: Ready): string => profile + data;
      for await (const batch of batchesOf(written(events), text, LIMITS)) {
        const members = withoutDuplicates(batch);
        tracked.duplicates += batch.length - members.length;
        try {
          const body = jobOf(members.map(({ item }) => item));
          const isRepeatable = members.every(({ item }) => item.isRepeatable);
          await call(ENDPOINTS.createEvents, { body, signal, isRepeatable });
          tracked.accepted += members.length;
        } catch (error) {
          if (!isAboutEvents(error)) throw error;
          await sendEach(members);
        }
      }
      tracked.rejected.sort((a, b) => a.index - b.index);
      return tracked;
    },
  };
}
