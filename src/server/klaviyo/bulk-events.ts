import type { EventName } from '../../shared/event.js';
import { BODY_MAX_BYTES, BULK_MAX_EVENTS, ENVELOPE_BYTES } from '../../shared/limits.js';
import { eventBody } from '../../shared/payload.js';
import type { Profile } from '../../shared/profile.js';
import type { ServerEnv } from '../env.js';
import { jobOf } from '../klaviyo-api.js';
import { LANE_MAX } from '../limits.js';
import type { Many, Member, Rejected } from './batches.js';
import type { CallEndpoint, CallOptions } from './call.js';
import { ENDPOINTS } from './endpoints.js';
import { writeEvent } from './event-input.js';
import type { EventToTrack } from './events.js';
import { needFields, needMany } from './input-error.js';
import { KlaviyoApiError } from './klaviyo-error.js';
import { isAppending } from './profile-input.js';
import { atPlace, type Progress, workThrough } from './work-through.js';

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
   * that only the culprits are missing; each is named in the result. Rejects with a `KlaviyoBulkError<TrackedAll>`,
   * which says which events Klaviyo has not taken.
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

/** About what was sent, and not about the way it was sent: a 400 in words that are not Klaviyo's refuses no event. */
const isAboutEvents = (error: unknown): error is KlaviyoApiError =>
  error instanceof KlaviyoApiError &&
  (error.status === 413 ||
    (error.status === 400 &&
      error.details.length > 0 &&
      !error.details.some(({ parameter }) => parameter !== undefined)));

/** An event and those like it, which are not sent: what becomes of it becomes of them. */
type Alike = [Member<Ready>, ...Member<Ready>[]];

/** A repeated unique id can make Klaviyo refuse the whole request, or drop it in silence. */
function groupAlike(batch: readonly Member<Ready>[]): Alike[] {
  const known = new Map<string, Alike>();
  for (const member of batch) {
    const { profile, metric, uniqueId } = member.item;
    const key = JSON.stringify([profile, metric, uniqueId]);
    const alike = known.get(key);
    if (alike) alike.push(member);
    else known.set(key, [member]);
  }
  return [...known.values()];
}

export function createBulkEvents(call: CallEndpoint, env: ServerEnv): BulkEvents {
  async function* written(events: Many<EventOfProfile>): AsyncGenerator<Ready> {
    let index = 0;
    for await (const event of events) {
      yield atPlace(index, () => {
        needFields(event, 'an event');
        const { profile, ...rest } = event;
        return { ...writeEvent(profile, rest, env), isRepeatable: !isAppending(profile) };
      });
      index += 1;
    }
  }

  /** One by one, a lane's worth at a time; none is begun any more after a failure that is not about its event. */
  async function sendEach(
    groups: readonly Alike[],
    send: (alike: Alike) => Promise<void>,
    { doubt }: Progress,
  ): Promise<void> {
    const failures: unknown[] = [];
    const rest = groups.values();
    const work = async (): Promise<void> => {
      for (const alike of rest) {
        if (failures.length > 0) return;
        await send(alike).catch((error: unknown) => failures.push(error));
      }
    };
    await Promise.all(Array.from({ length: LANE_MAX }, work));
    if (failures.length === 0) return;
    const isOpen = (error: unknown) =>
      !(error instanceof KlaviyoApiError && !error.isOutcomeUnknown);
    if (failures.some(isOpen)) doubt();
    throw failures[0];
  }

  return {
    async trackAll(events, { signal } = {}) {
      needMany(events, 'What events.trackAll is given');
      const tracked: TrackedAll = { accepted: 0, duplicates: 0, rejected: [] };
      const work = {
        ...{ call: 'events.trackAll', items: written(events), limits: LIMITS },
        write: ({ profile, data }: Ready) => profile + data,
        async send(batch: Member<Ready>[], progress: Progress) {
          const groups = groupAlike(batch);
          const members = groups.map(([first]) => first);
          progress.sending();
          try {
            const body = jobOf(members.map(({ item }) => item));
            const isRepeatable = members.every(({ item }) => item.isRepeatable);
            await call(ENDPOINTS.createEvents, { body, signal, isRepeatable });
            tracked.accepted += members.length;
            tracked.duplicates += batch.length - members.length;
          } catch (error) {
            if (!isAboutEvents(error)) throw error;
            await sendEach(groups, (alike) => sendOne(alike, progress), progress);
          }
        },
      };
      const sendOne = async (alike: Alike, { settle }: Progress): Promise<void> => {
        const [{ item, index }] = alike;
        try {
          const body = eventBody(item.profile, item.data);
          const { isRepeatable } = item;
          await call(ENDPOINTS.createEvent, { body, signal, isRepeatable });
          tracked.accepted += 1;
        } catch (error) {
          if (!isAboutEvents(error)) throw error;
          tracked.rejected.push({ index, error });
        }
        tracked.duplicates += alike.length - 1;
        settle(alike);
      };
      try {
        return await workThrough(work, tracked);
      } finally {
        tracked.rejected.sort((a, b) => a.index - b.index);
      }
    },
  };
}
