/** An event as Klaviyo keeps it. */
import { type Metric, readMetric } from './metric.js';
import { readProfile, type StoredProfile } from './profile.js';
import { EVENTS } from './query-rules.js';
import { momentOf, present, type Resource, readResource, relatedId } from './wire.js';

export interface StoredEvent {
  /** Klaviyo's own; not the unique id it was sent with. */
  id: string;
  uuid?: string;
  /** When it happened, epoch ms, to the second. */
  at: number;
  properties: Record<string, unknown>;
  metricId?: string;
  profileId?: string;
  /** Only when included. */
  metric?: Metric;
  /** Only when included. */
  profile?: StoredProfile;
}

export type EventField = keyof typeof EVENTS.fields;
export type EventInclude = keyof typeof EVENTS.include;

/** An event in our words, with what came along in the same answer. */
export function readEvent(resource: Resource, included: readonly Resource[] = []): StoredEvent {
  const { attributes = {} } = resource;
  const { at, properties, ...known } = readResource<StoredEvent>(resource, EVENTS.fields);
  const metricId = relatedId(resource, 'metric');
  const profileId = relatedId(resource, 'profile');
  const found = (type: string, id: string | undefined) =>
    included.find((other) => other.type === type && other.id === id);
  const metric = found('metric', metricId);
  const profile = found('profile', profileId);
  return {
    ...known,
    ...present({ at: momentOf(attributes.datetime), metricId, profileId }),
    ...('event_properties' in attributes && { properties: properties ?? {} }),
    ...present({ metric: metric && readMetric(metric), profile: profile && readProfile(profile) }),
  } as StoredEvent;
}
