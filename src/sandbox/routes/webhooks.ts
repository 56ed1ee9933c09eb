import type { Answer } from '../api-error.js';
import { maxBodyBytes } from '../limits.js';
import type { Rendering, Resource } from '../resources/resource.js';
import { renderTopic, renderWebhook, webhookFields } from '../resources/webhook.js';
import type { Kept } from '../store/collection.js';
import type { Webhook } from '../store/webhooks.js';
import { createdWebhook, patchedWebhook } from '../validate/webhook.js';
import { topicsOf } from '../webhooks/topics.js';
import { answerOne, answerPage, empty, notFound, refusePointer, renderingOf } from './answers.js';
import { type Call, type Rows, row, type World } from './row.js';

export type WebhookEndpoint =
  | 'GET api/webhook-topics'
  | 'GET api/webhooks'
  | 'POST api/webhooks'
  | 'GET api/webhooks/{id}'
  | 'PATCH api/webhooks/{id}'
  | 'DELETE api/webhooks/{id}';

interface WebhookBody {
  data: {
    id?: string;
    attributes: {
      name?: string | null;
      description?: string | null;
      endpoint_url?: string | null;
      secret_key?: string | null;
      enabled?: boolean | null;
    };
    relationships?: { 'webhook-topics'?: { data?: { id: string }[] } };
  };
}

const oneWebhook = { fields: { webhook: webhookFields } };
const taken = {
  fields: { webhook: webhookFields, 'webhook-topic': ['id'] },
  include: ['webhook-topics'],
};

/** Webhooks and what they can be told of. */
export function webhookRoutes({ options, ledger }: World): Rows<WebhookEndpoint> {
  const { webhooks, metrics } = ledger;
  const topicsAt = (companyId: string) => topicsOf(metrics.of(companyId).values());

  const includedWith = (call: Call<Webhook>, webhook: Webhook, rendering: Rendering): Resource[] =>
    call.query.include.includes('webhook-topics')
      ? webhook.topicIds.map((id) => renderTopic(id, rendering))
      : [];
  const show = (call: Call<Webhook>, status: number, webhook: Webhook): Answer => {
    const rendering = renderingOf(call);
    const included = includedWith(call, webhook, rendering);
    return answerOne(call, status, renderWebhook(webhook, rendering), included);
  };

  /** Answers 404 where there is no such webhook. */
  const withWebhook =
    (handle: (call: Call<Webhook>, webhook: Webhook) => Answer) =>
    (call: Call<Webhook>): Answer => {
      const webhook = webhooks.of(call.companyId).get(call.id);
      return webhook ? handle(call, webhook) : notFound('Not found.');
    };

  const topicsIn = ({ data }: WebhookBody): string[] | undefined =>
    data.relationships?.['webhook-topics']?.data?.map(({ id }) => id);
  function refuseTopics(companyId: string, ids: readonly string[] = []): Answer | undefined {
    const known = topicsAt(companyId);
    const unknown = ids.findIndex((id) => !known.includes(id));
    if (unknown < 0) return undefined;
    const pointer = `/data/relationships/webhook-topics/data/${unknown}/id`;
    return refusePointer(pointer, `There is no webhook topic '${ids[unknown]}' in this account.`);
  }

  return {
    'GET api/webhook-topics': row<Kept>({
      query: () => ({ fields: { 'webhook-topic': ['id'] } }),
      handle: (call) =>
        answerPage(
          call,
          {
            items: topicsAt(call.companyId).map((id, seq) => ({ id, seq })),
            by: ({ id }) => id,
          },
          ({ id }, rendering) => renderTopic(id, rendering),
        ),
    }),
    'GET api/webhooks': row<Webhook>({
      query: () => taken,
      handle: (call) =>
        answerPage(
          call,
          webhooks.of(call.companyId).ordered(),
          renderWebhook,
          (webhook, rendering) => includedWith(call, webhook, rendering),
        ),
    }),
    'POST api/webhooks': row<Webhook>({
      query: () => oneWebhook,
      body: {
        maxBytes: maxBodyBytes,
        check: () => createdWebhook(options().allowHttpWebhooks),
      },
      handle(call) {
        const body = call.body as WebhookBody;
        const { name, description, endpoint_url, secret_key } = body.data.attributes;
        const topicIds = topicsIn(body) ?? [];
        const refused = refuseTopics(call.companyId, topicIds);
        if (refused) return refused;
        const webhook = webhooks.create(call.companyId, {
          name: name ?? '',
          description: description ?? null,
          endpointUrl: endpoint_url ?? '',
          secretKey: secret_key ?? '',
          enabled: true,
          topicIds,
          createdAt: call.at,
          updatedAt: call.at,
        });
        return show(call, 201, webhook);
      },
    }),
    'GET api/webhooks/{id}': row<Webhook>({
      query: () => taken,
      handle: withWebhook((call, webhook) => show(call, 200, webhook)),
    }),
    'PATCH api/webhooks/{id}': row<Webhook>({
      query: () => oneWebhook,
      body: {
        maxBytes: maxBodyBytes,
        check: () => patchedWebhook(options().allowHttpWebhooks),
      },
      handle: withWebhook((call, webhook) => {
        const body = call.body as WebhookBody;
        const { id, attributes } = body.data;
        if (id !== call.id) return refusePointer('/data/id', 'The id is not that of the path.');
        const topicIds = topicsIn(body);
        const refused = refuseTopics(call.companyId, topicIds);
        if (refused) return refused;
        // As seen: a null changes nothing, a description's neither.
        webhook.name = attributes.name ?? webhook.name;
        webhook.description = attributes.description ?? webhook.description;
        webhook.endpointUrl = attributes.endpoint_url ?? webhook.endpointUrl;
        webhook.secretKey = attributes.secret_key ?? webhook.secretKey;
        webhook.enabled = attributes.enabled ?? webhook.enabled;
        webhook.topicIds = topicIds ?? webhook.topicIds;
        webhook.updatedAt = call.at;
        return show(call, 200, webhook);
      }),
    }),
    'DELETE api/webhooks/{id}': row<Webhook>({
      handle: withWebhook(({ companyId }, webhook) => {
        webhooks.of(companyId).remove(webhook);
        return empty(204);
      }),
    }),
  };
}
