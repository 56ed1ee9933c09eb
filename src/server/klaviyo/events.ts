import type { EventName, PropertiesOf, TrackOptions } from '../../shared/event.js';
import { eventBody } from '../../shared/payload.js';
import type { Profile } from '../../shared/profile.js';
import type { ServerEnv } from '../env.js';
import type { CallEndpoint, CallOptions } from './call.js';
import { ENDPOINTS } from './endpoints.js';
import { type EventField, type EventInclude, readEvent, type StoredEvent } from './event.js';
import { writeEvent } from './event-input.js';
import { type Walk, walk } from './pages.js';
import { isAppending } from './profile-input.js';
import { type ListOptions, listQuery } from './query.js';
import { EVENTS } from './query-rules.js';

/** An event to be recorded; what a builder such as `viewedProduct` or `placedOrder` makes is one. */
export interface EventToTrack<Name extends EventName = EventName> extends TrackOptions {
  /** The metric. Fewer than 128 characters. */
  name: Name;
  /** At most 400. Klaviyo takes 0, null and an empty text as never set. */
  properties?: PropertiesOf<Name>;
  /** True records it without starting flows, for what happened long ago. */
  backfill?: boolean;
}

export interface IterateEvents<Field extends EventField> extends ListOptions<typeof EVENTS> {
  /** Only these. Default: all. */
  fields?: readonly Field[];
  /** The metric's name, or the profile, with each event. */
  include?: readonly EventInclude[];
}

export interface Events {
  /**
   * Records an event of any metric. The profile (an identifier at least, or the browser's anonymous id) is created, or updated with what is said of it: no call of its own
   * is needed. It has a unique id of its own, so sending it again records it once; only when the profile appends to a
   * list it is not repeated after an unknown outcome.
   *
   * A resolved promise means accepted, not recorded: Klaviyo drops addresses at example.com and test.com after that.
   *
   * @returns its unique id
   * @klaviyo POST /api/events (2026-07-15) · events:write · 350/s, 3500/min
   */
  track<Name extends EventName>(
    profile: Profile,
    event: EventToTrack<Name>,
    options?: CallOptions,
  ): Promise<string>;
  /**
   * Walks events: all, or those that a filter lets through, 200 with one request.
   *
   * @klaviyo GET /api/events (2026-07-15) · events:read · 350/s, 3500/min
   */
  iterate<Field extends EventField = EventField>(
    options?: IterateEvents<Field>,
  ): Walk<Pick<StoredEvent, Field | 'id' | 'profileId' | 'metricId' | EventInclude>>;
}

export function createEvents(call: CallEndpoint, env: ServerEnv): Events {
  return {
    async track(profile, event, { signal } = {}) {
      const { uniqueId, profile: who, data } = writeEvent(profile, event, env);
      const isRepeatable = !isAppending(profile);
      await call(ENDPOINTS.createEvent, { body: eventBody(who, data), signal, isRepeatable });
      return uniqueId;
    },
    iterate: ({ fields = [], include = [], cursor, signal, ...options } = {}) =>
      walk({
        ...{ call, cursor, signal, read: readEvent },
        endpoint: ENDPOINTS.getEvents,
        query: listQuery(EVENTS, options, { fields, include }),
      }),
  };
}
