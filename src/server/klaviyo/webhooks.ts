import type { CallEndpoint, CallOptions, Reply } from './call.js';
import { ENDPOINTS } from './endpoints.js';
import { needFields, needMany, needText } from './input-error.js';
import { isNotThere } from './klaviyo-error.js';
import { type Walk, walk } from './pages.js';
import { type Document, oneOf, type Resource, readResource, relatedIds } from './wire.js';

/** A webhook at Klaviyo. */
export interface Webhook {
  id: string;
  name: string;
  description?: string;
  /** Cut short by Klaviyo. */
  endpointUrl: string;
  isEnabled: boolean;
  topics: string[];
  /** Epoch ms. */
  createdAt?: number;
  updatedAt?: number;
}

export interface WebhookToCreate {
  name: string;
  description?: string;
  /** Where `createWebhookHandler` listens; https. */
  endpointUrl: string;
  /** What Klaviyo signs with. Long and random: `openssl rand -base64 32`. */
  secret: string;
  /** Such as `event:klaviyo.opened_email`, see `topics`. */
  topics: readonly [string, ...string[]];
}

export interface Webhooks {
  /**
   * What webhooks can be about: Klaviyo's own events and those of the account's integrations.
   *
   * @klaviyo GET /api/webhook-topics (2026-07-15) · webhooks:read · 1/s, 15/min
   */
  topics(options?: CallOptions): Promise<string[]>;
  /**
   * Makes a webhook. Not repeated after an unknown outcome, which would deliver everything twice: look with `list`
   * first when the error says `isOutcomeUnknown`. Klaviyo's Advanced KDP accounts and app partners have webhooks.
   *
   * @klaviyo POST /api/webhooks (2026-07-15) · webhooks:write · 1/s, 15/min
   */
  create(webhook: WebhookToCreate, options?: CallOptions): Promise<Webhook>;
  /**
   * Walks the webhooks, each with its topics.
   *
   * @klaviyo GET /api/webhooks (2026-07-15) · webhooks:read · 1/s, 15/min
   */
  list(options?: CallOptions): Walk<Webhook>;
  /**
   * Deletes a webhook: nothing more is delivered. Rejects with a 404 when there is none.
   *
   * @klaviyo DELETE /api/webhooks/{id} (2026-07-15) · webhooks:write · 1/s, 15/min
   */
  delete(id: string, options?: CallOptions): Promise<void>;
}

const NAMES = {
  name: 'name',
  description: 'description',
  endpointUrl: 'endpoint_url',
  isEnabled: 'enabled',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
} as const satisfies Record<keyof Omit<Webhook, 'id' | 'topics'>, string>;

const readWebhook = (resource: Resource): Webhook => ({
  ...readResource<Omit<Webhook, 'topics'>>(resource, NAMES),
  topics: relatedIds(resource, 'webhook-topics'),
});

export function createWebhooks(call: CallEndpoint): Webhooks {
  const read = ({ body }: Reply<Document>): Webhook => readWebhook(oneOf(body));
  return {
    async topics({ signal } = {}) {
      const topics: string[] = [];
      const endpoint = ENDPOINTS.getWebhookTopics;
      const read = ({ id }: Resource): string => id;
      for await (const id of walk({ call, endpoint, query: {}, read, signal })) topics.push(id);
      return topics;
    },
    async create(webhook, { signal } = {}) {
      needFields(webhook, 'A webhook');
      const { name, description, endpointUrl, secret, topics } = webhook;
      needText(name, 'The name of a webhook');
      needText(endpointUrl, 'endpointUrl');
      // Deliveries signed with an empty one could be anybody's.
      needText(secret, 'secret');
      needMany(topics, 'topics');
      const attributes = { name, description, endpoint_url: endpointUrl, secret_key: secret };
      const data = topics.map((id) => ({ type: 'webhook-topic', id }));
      const relationships = { 'webhook-topics': { data } };
      const body = { data: { type: 'webhook', attributes, relationships } };
      return read(await call(ENDPOINTS.createWebhook, { body, signal }));
    },
    list: ({ signal } = {}) =>
      walk({
        ...{ call, signal, read: readWebhook, endpoint: ENDPOINTS.getWebhooks },
        // Without them Klaviyo does not say which topics it has.
        query: { include: 'webhook-topics' },
      }),
    async delete(id, { signal } = {}) {
      try {
        await call(ENDPOINTS.deleteWebhook, { id, signal });
      } catch (error) {
        // It was gone when it was sent again: the first time did it.
        if (!(isNotThere(error) && error.isOutcomeUnknown)) throw error;
      }
    },
  };
}
