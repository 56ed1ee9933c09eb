// What a webhook can be told of: Klaviyo's own events, and those of every metric of the account.
import type { Metric } from '../store/metrics.js';

const own = [
  ...['bounced_email', 'clicked_email', 'dropped_email', 'marked_email_as_spam', 'opened_email'],
  ...['received_email', 'updated_email_preferences', 'subscribed_to_email_marketing'],
  ...['unsubscribed_from_email_marketing', 'manually_suppressed_from_email_marketing'],
  ...['manually_unsuppressed_from_email_marketing', 'clicked_sms', 'received_sms', 'sent_sms'],
  ...['failed_to_deliver_sms', 'received_automated_response_sms', 'subscribed_to_sms_marketing'],
  ...['failed_to_deliver_automated_response_sms', 'unsubscribed_from_sms_marketing'],
  ...['bounced_push', 'opened_push', 'received_push', 'subscribed_to_list'],
  ...['ready_to_review', 'submitted_rating', 'submitted_review', 'merged_profile'],
];

/** As seen: `Viewed Product`, sent to the API, is `event:api.viewed_product`. */
export const topicOf = ({ name, integration }: Pick<Metric, 'name' | 'integration'>): string =>
  `event:${integration.key}.${name
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}]+/gu, '_')
    .replace(/^_+|_+$/g, '')}`;

/** Every topic there is, in order. */
export const topicsOf = (metrics: Iterable<Metric>): string[] =>
  [
    ...new Set([...own.map((name) => `event:klaviyo.${name}`), ...[...metrics].map(topicOf)]),
  ].sort();
