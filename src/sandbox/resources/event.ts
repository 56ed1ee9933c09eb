import type { StoredEvent } from '../store/events.js';
import { type Rendering, type Resource, renderResource, toIso } from './resource.js';

export const eventFields = ['datetime', 'event_properties', 'id', 'timestamp', 'uuid'];

/** Besides its own properties an event shows its value and what makes it one of its kind, as in Klaviyo. */
export function renderEvent(
  event: StoredEvent,
  rendering: Rendering,
  include: readonly string[],
): Resource {
  const { record, happenedAt, metricId } = event;
  const timestamp = happenedAt / 1000;
  return renderResource(
    {
      type: 'event',
      id: event.id,
      attributes: {
        timestamp,
        event_properties: {
          ...record.properties,
          ...(record.valueCurrency !== undefined && { $value_currency: record.valueCurrency }),
          $event_id: record.uniqueId ?? String(timestamp),
          $value: record.value ?? 0,
        },
        datetime: toIso(happenedAt),
        uuid: event.uuid,
      },
      relationships: {
        profile: { type: 'profile', id: record.profileId },
        metric: { type: 'metric', id: metricId },
        // Attribution takes messages that were sent: here none are.
        ...(include.includes('attributions') && { attributions: [] }),
      },
    },
    rendering,
  );
}
