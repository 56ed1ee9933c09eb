// Tells webhooks what happens: what comes at once goes in one delivery, and what is not taken is sent again.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ResolvedOptions } from '../options.js';
import type { RecordedDelivery } from '../records.js';
import { renderEvent } from '../resources/event.js';
import { toIso } from '../resources/resource.js';
import type { StoredEvent } from '../store/events.js';
import type { Ledger } from '../store/ledger.js';
import type { Webhook } from '../store/webhooks.js';
import { signWebhook } from './sign.js';
import { topicOf } from './topics.js';

/** What one event is to a webhook. */
interface Item {
  topic: string;
  event: StoredEvent;
}

/** "Klaviyo expects an answer within 5 seconds." */
const answerTimeoutMs = 5000;
/** "A single delivery may contain up to 1,000 events." */
const maxItems = 1000;
const revision = '2026-07-15';

/** @param origin scheme and host of the sandbox, where the links in payloads lead */
export function createWebhookSender(
  options: () => ResolvedOptions,
  ledger: Ledger,
  origin: () => string,
) {
  const closing = new AbortController();
  // What has come since the last turn of the event loop, by webhook.
  let waiting = new Map<Webhook, Item[]>();

  function bodyOf(webhook: Webhook, companyId: string, items: readonly Item[]): string {
    const rendering = { origin: origin(), fields: new Map(), additional: new Map() };
    return JSON.stringify({
      data: items.map(({ topic, event }) => ({
        topic,
        external_id: event.id,
        payload: { data: renderEvent(event, rendering, []) },
      })),
      meta: {
        timestamp: toIso(options().now()),
        klaviyo_webhook_id: webhook.id,
        klaviyo_account_id: companyId,
        version: revision,
      },
    });
  }

  async function post(webhook: Webhook, body: string): Promise<RecordedDelivery['status']> {
    const { now, webhookClockOffsetMs } = options();
    const timestamp = new Date(now() + webhookClockOffsetMs).toUTCString();
    try {
      const response = await fetch(webhook.endpointUrl, {
        method: 'POST',
        redirect: 'manual',
        body,
        headers: {
          'content-type': 'application/json',
          'Klaviyo-Webhook-Id': webhook.id,
          'Klaviyo-Timestamp': timestamp,
          'Klaviyo-Signature': signWebhook(webhook.secretKey, body, timestamp),
        },
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(answerTimeoutMs)]),
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return 'failed'; // no answer, or not in time
    }
  }

  const isTaken = (status: RecordedDelivery['status']) =>
    status !== 'failed' && status >= 200 && status < 300;
  /** A refusal is final; what is broken may be mended. */
  const isWorthRepeating = (status: RecordedDelivery['status']) =>
    status === 'failed' || status === 429 || status >= 500;

  /** Sends until it is taken, refused for good or given up. */
  async function deliver(
    webhook: Webhook,
    companyId: string,
    items: readonly Item[],
  ): Promise<RecordedDelivery | undefined> {
    let last: RecordedDelivery | undefined;
    for (let attempt = 1; !closing.signal.aborted; attempt += 1) {
      const isThere = ledger.webhooks.of(companyId).get(webhook.id) === webhook;
      if (!isThere || !webhook.enabled) return last;
      const at = options().now();
      const body = bodyOf(webhook, companyId, items);
      const status = await post(webhook, body);
      if (closing.signal.aborted) return last;
      last = {
        ...{ webhookId: webhook.id, companyId, attempt, status, at, body },
        topics: [...new Set(items.map(({ topic }) => topic))],
        eventIds: items.map(({ event }) => event.id),
      };
      ledger.addDelivery(last);
      const delayMs = options().webhookRetryDelaysMs[attempt - 1];
      if (isTaken(status) || !isWorthRepeating(status) || delayMs === undefined) return last;
      await sleep(delayMs, undefined, { signal: closing.signal, ref: false }).catch(
        () => undefined,
      );
    }
    return last;
  }

  const subscribers = (companyId: string, topic: string): Webhook[] =>
    [...ledger.webhooks.of(companyId).values()].filter(
      ({ enabled, topicIds }) => enabled && topicIds.includes(topic),
    );

  function flush(): void {
    const batches = waiting;
    waiting = new Map();
    for (const [webhook, items] of batches) {
      for (let first = 0; first < items.length; first += maxItems) {
        const batch = items.slice(first, first + maxItems);
        const companyId = batch[0]?.event.record.companyId ?? '';
        void deliver(webhook, companyId, batch);
      }
    }
  }

  ledger.onEvent((event, metric) => {
    const topic = topicOf(metric);
    for (const webhook of subscribers(event.record.companyId, topic)) {
      if (waiting.size === 0) setImmediate(flush);
      const items = waiting.get(webhook);
      if (items) items.push({ topic, event });
      else waiting.set(webhook, [{ topic, event }]);
    }
  });

  return {
    /** Tells every webhook of the topic; resolves when each has taken it, refused it, or was given up. */
    async send(companyId: string, topic: string, event: StoredEvent): Promise<RecordedDelivery[]> {
      const sent = subscribers(companyId, topic).map((webhook) =>
        deliver(webhook, companyId, [{ topic, event }]),
      );
      return (await Promise.all(sent)).filter((delivery) => delivery !== undefined);
    },
    close: (): void => closing.abort(),
  };
}
