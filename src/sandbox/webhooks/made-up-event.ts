import { randomUUID } from 'node:crypto';
import type { StoredEvent } from '../store/events.js';

/** What `sendWebhook` tells of: an event that Klaviyo would have, such as an opened mail. */
export interface WebhookEvent {
  /** A topic of the account, such as `event:klaviyo.opened_email`. */
  topic: string;
  /** Default: the first of the sandbox's companies. */
  companyId?: string;
  /** Its `external_id`. Default: one of the sandbox's own. Give the same one again to send a duplicate. */
  eventId?: string;
  /** Whose it is. Default: nobody's of the sandbox. */
  profileId?: string;
  /** Default: none. */
  properties?: Record<string, unknown>;
  /** When it happened, epoch ms. Default: now. */
  at?: number;
}

/** Makes the event in the form in which recorded ones are kept. It is in no list. */
export function createMadeUpEvents() {
  let made = 0;
  return (event: WebhookEvent, companyId: string, now: number): StoredEvent => {
    made += 1;
    const happenedAt = Math.floor((event.at ?? now) / 1000) * 1000;
    const id = event.eventId ?? `webhook-event-${made}`;
    return {
      ...{ id, seq: made, happenedAt, uuid: randomUUID() },
      metricId: event.topic.replace(/^event:/, ''),
      record: {
        ...{ id, companyId, metric: event.topic, backfill: false, duplicates: 0 },
        time: new Date(happenedAt).toISOString(),
        properties: event.properties ?? {},
        profileId: event.profileId ?? '',
        endpoint: 'api/events',
        receivedAt: now,
      },
    };
  };
}
