import type { IncomingEvent } from './incoming.js';
import type { Endpoint } from './options.js';
import type { RecordedEvent } from './records.js';

/** Where and for whom an event arrived. */
export interface Arrival {
  companyId: string;
  profileId: string;
  endpoint: Endpoint;
  receivedAt: number;
}

/** Klaviyo truncates an event's time to the second. */
const toSecond = (at: number) => Math.floor(at / 1000) * 1000;

/** What makes an event the same as another of its profile: its unique_id, else its time to the second. */
function identityOf(event: IncomingEvent, receivedAt: number): string {
  return event.uniqueId !== undefined
    ? `id ${event.uniqueId}`
    : `time ${toSecond(event.occurredAt ?? receivedAt)}`;
}

/** The recorded events. One (profile, metric, unique_id) is recorded once; later copies are counted. */
export function createEvents() {
  let events: RecordedEvent[] = [];
  // Without the profile in the key, because a merge changes the profile of what is recorded.
  let index = new Map<string, RecordedEvent[]>();

  const keyOf = (event: IncomingEvent, { companyId, receivedAt }: Arrival) =>
    JSON.stringify([companyId, event.metric, identityOf(event, receivedAt)]);

  /** The recorded event this one repeats. */
  function findCopy(event: IncomingEvent, arrival: Arrival): RecordedEvent | undefined {
    return index
      .get(keyOf(event, arrival))
      ?.find((recorded) => recorded.profileId === arrival.profileId);
  }

  function record(event: IncomingEvent, arrival: Arrival): RecordedEvent {
    const recorded: RecordedEvent = {
      id: `event-${events.length + 1}`,
      companyId: arrival.companyId,
      metric: event.metric,
      ...(event.uniqueId !== undefined && { uniqueId: event.uniqueId }),
      time: new Date(toSecond(event.occurredAt ?? arrival.receivedAt)).toISOString(),
      ...(event.value !== undefined && { value: event.value }),
      ...(event.valueCurrency !== undefined && { valueCurrency: event.valueCurrency }),
      backfill: event.backfill,
      properties: event.properties,
      profileId: arrival.profileId,
      endpoint: arrival.endpoint,
      receivedAt: arrival.receivedAt,
      duplicates: 0,
    };
    events.push(recorded);
    const key = keyOf(event, arrival);
    index.set(key, [...(index.get(key) ?? []), recorded]);
    return recorded;
  }

  /** Positions of the events that an earlier one of the same request repeats. */
  function repeatedWithin(
    members: readonly { event: IncomingEvent; arrival: Arrival }[],
  ): Set<number> {
    const seen = new Set<string>();
    const repeated = new Set<number>();
    members.forEach(({ event, arrival }, position) => {
      const key = `${arrival.profileId} ${keyOf(event, arrival)}`;
      if (seen.has(key)) repeated.add(position);
      seen.add(key);
    });
    return repeated;
  }

  return {
    findCopy,
    record,
    repeatedWithin,
    /** The events of one profile become another's. */
    move(companyId: string, fromProfileId: string, intoProfileId: string) {
      for (const event of events) {
        if (event.companyId === companyId && event.profileId === fromProfileId) {
          event.profileId = intoProfileId;
        }
      }
    },
    list: (): RecordedEvent[] => events.map((event) => ({ ...event })),
    clear() {
      events = [];
      index = new Map();
    },
  };
}
