import type { Webhook } from '../store/webhooks.js';
import { type Rendering, type Resource, renderResource, toIso } from './resource.js';

export const webhookFields = [
  ...['created_at', 'description', 'enabled', 'endpoint_url', 'id', 'name', 'updated_at'],
];

/** As seen: Klaviyo shows whose address it is and hides the rest. */
const masked = (url: string): string => `${new URL(url).origin}/*****`;

export const renderWebhook = (webhook: Webhook, rendering: Rendering): Resource =>
  renderResource(
    {
      type: 'webhook',
      id: webhook.id,
      attributes: {
        name: webhook.name,
        description: webhook.description,
        endpoint_url: masked(webhook.endpointUrl),
        enabled: webhook.enabled,
        created_at: toIso(webhook.createdAt),
        updated_at: toIso(webhook.updatedAt),
      },
      relationships: {
        'webhook-topics': webhook.topicIds.map((id) => ({ type: 'webhook-topic', id })),
      },
    },
    rendering,
  );

export const renderTopic = (id: string, rendering: Rendering): Resource =>
  renderResource({ type: 'webhook-topic', id }, rendering);
