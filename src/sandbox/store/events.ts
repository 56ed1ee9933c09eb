import { randomUUID } from 'node:crypto';
import type { Endpoint } from '../endpoints.js';
import type { IncomingEvent } from '../incoming.js';
import type { RecordedEvent } from '../records.js';
import {
  type Collection,
  createCollection,
  type Kept,
  perAccount,
  type SortBy,
} from './collection.js';

/** Where and for whom an event arrived. */
export interface Arrival {
  companyId: string;
  profileId: string;
  endpoint: Endpoint;
  receivedAt: number;
}

/** A recorded event as it is kept. */
export interface StoredEvent extends Kept {
  record: RecordedEvent;
  /** When it happened, epoch ms, whole seconds. */
  happenedAt: number;
  uuid: string;
  metricId: string;
}

/** Klaviyo truncates an event's time to the second. */
const toSecond = (at: number) => Math.floor(at / 1000) * 1000;

/** What makes an event the same as another of its profile: its unique_id, else its time to the second. */
function identityOf(event: IncomingEvent, receivedAt: number): string {
  return event.uniqueId !== undefined
    ? `id ${event.uniqueId}`
    : `time ${toSecond(event.occurredAt ?? receivedAt)}`;
}

const byTime: SortBy<StoredEvent> = ({ happenedAt }) => happenedAt;

const append = <K, V>(map: Map<K, V[]>, key: K, ...values: V[]): void => {
  const list = map.get(key);
  if (list) list.push(...values);
  else map.set(key, values);
};

/** The recorded events. One (profile, metric, unique_id) is recorded once; later copies are counted. */
export function createEvents() {
  const accounts = perAccount(() => ({
    events: createCollection<StoredEvent>({ datetime: byTime, timestamp: byTime }),
    byProfile: new Map<string, StoredEvent[]>(),
    // Without the profile in the key, because a merge changes the profile of what is recorded.
    byIdentity: new Map<string, StoredEvent[]>(),
  }));
  let lastSeq = 0;

  const keyOf = (event: IncomingEvent, { receivedAt }: Arrival) =>
    JSON.stringify([event.metric, identityOf(event, receivedAt)]);

  /** The recorded event this one repeats. */
  function findCopy(event: IncomingEvent, arrival: Arrival): RecordedEvent | undefined {
    return accounts
      .of(arrival.companyId)
      .byIdentity.get(keyOf(event, arrival))
      ?.find(({ record }) => record.profileId === arrival.profileId)?.record;
  }

  function record(event: IncomingEvent, arrival: Arrival, metricId: string): StoredEvent {
    lastSeq += 1;
    const happenedAt = toSecond(event.occurredAt ?? arrival.receivedAt);
    const recorded: RecordedEvent = {
      id: `event-${lastSeq}`,
      companyId: arrival.companyId,
      metric: event.metric,
      ...(event.uniqueId !== undefined && { uniqueId: event.uniqueId }),
      time: new Date(happenedAt).toISOString(),
      ...(event.value !== undefined && { value: event.value }),
      ...(event.valueCurrency !== undefined && { valueCurrency: event.valueCurrency }),
      backfill: event.backfill,
      properties: event.properties,
      profileId: arrival.profileId,
      endpoint: arrival.endpoint,
      receivedAt: arrival.receivedAt,
      duplicates: 0,
    };
    const { id } = recorded;
    const uuid = randomUUID();
    const kept = { id, seq: lastSeq, record: recorded, happenedAt, uuid, metricId };
    const { events, byProfile, byIdentity } = accounts.of(arrival.companyId);
    events.add(kept);
    append(byProfile, arrival.profileId, kept);
    append(byIdentity, keyOf(event, arrival), kept);
    return kept;
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
      const { byProfile } = accounts.of(companyId);
      const moved = byProfile.get(fromProfileId) ?? [];
      for (const event of moved) event.record.profileId = intoProfileId;
      append(byProfile, intoProfileId, ...moved);
      byProfile.delete(fromProfileId);
    },
    of: (companyId: string): Collection<StoredEvent> => accounts.of(companyId).events,
    ofProfile: (companyId: string, profileId: string): readonly StoredEvent[] =>
      accounts.of(companyId).byProfile.get(profileId) ?? [],
    list: (): RecordedEvent[] =>
      [...accounts.all()]
        .flatMap(({ events }) => [...events.values()])
        .sort((a, b) => a.seq - b.seq)
        .map((event) => ({ ...event.record })),
    get size() {
      return [...accounts.all()].reduce((sum, { events }) => sum + events.size, 0);
    },
    clear() {
      accounts.clear();
      lastSeq = 0;
    },
  };
}
