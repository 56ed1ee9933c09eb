import { type ServerEnv, serverEnv } from '../env.js';
import { WEBHOOK_MAX_BYTES } from '../limits.js';
import { readBody } from '../read-body.js';
import { createKlaviyoVerify } from '../signature.js';
import { readEvent, type StoredEvent } from './event.js';
import type { Document } from './wire.js';

/** One thing that happened, as a webhook brings it. */
export interface WebhookEvent {
  /** The event's id. The same one is sent again after an answer that is no 2xx. */
  id: string;
  /** Such as `event:klaviyo.opened_email`. */
  topic: string;
  webhookId: string;
  /** As Klaviyo sent it: what `GET /api/events/{id}` answers. */
  payload: Record<string, unknown>;
  /** The same in our words, with metric and profile where they came along. */
  event?: StoredEvent;
}

/**
 * Why a request was not understood.
 * - `signature`: not signed with the secret, or for another webhook. Answer 401.
 * - `shape`: signed, and not a webhook's body. Answer 400.
 * - `large`, `slow`, `broken`: the body is over 5 MB, took over 10 s, or ended before its end.
 */
export type WebhookRefusal = 'signature' | 'shape' | 'large' | 'slow' | 'broken';

export type VerifiedWebhook =
  | { webhookId: string; events: WebhookEvent[] }
  | { refused: WebhookRefusal };

/** What can be wrong with the options of a webhook. The message says what to change, and shows no secret. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

type Fields = Record<string, unknown>;
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readPayload(payload: Fields): StoredEvent | undefined {
  const { data, included } = payload as Document;
  if (!isObject(data) || data.type !== 'event' || typeof data.id !== 'string') return undefined;
  const resource = { id: data.id, ...data };
  return readEvent(resource, Array.isArray(included) ? included : []);
}

function readItem(item: unknown, webhookId: string): WebhookEvent | undefined {
  if (!isObject(item)) return undefined;
  const { external_id: id, topic, payload } = item;
  if (typeof id !== 'string' || id === '' || typeof topic !== 'string' || !isObject(payload)) {
    return undefined;
  }
  const event = readPayload(payload);
  return { id, topic, webhookId, payload, ...(event && { event }) };
}

/** What is in a signed body; undefined when it is no webhook's. */
function readWebhook(bytes: Uint8Array): { webhookId: string; events: WebhookEvent[] } | undefined {
  let body: unknown;
  try {
    body = JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined; // no JSON, or no text at all
  }
  if (!isObject(body) || !Array.isArray(body.data) || !isObject(body.meta)) return undefined;
  const webhookId = body.meta.klaviyo_webhook_id;
  if (typeof webhookId !== 'string' || webhookId === '') return undefined;
  const events = body.data.map((item) => readItem(item, webhookId));
  const known = events.filter((event) => event !== undefined);
  return known.length === events.length ? { webhookId, events: known } : undefined;
}

/** Verifies requests with secrets that are checked once. */
export function createWebhookReader(secret: string | readonly string[], env: ServerEnv) {
  const secrets = [secret].flat();
  // With an empty secret everybody could sign.
  if (secrets.length === 0 || secrets.some((each) => typeof each !== 'string' || each === '')) {
    throw new WebhookError('secret must be the secret_key the webhook was made with.');
  }
  const verify = createKlaviyoVerify(secrets);
  return async (request: Request): Promise<VerifiedWebhook> => {
    const bytes = await readBody(request, env, WEBHOOK_MAX_BYTES);
    if (typeof bytes === 'string') return { refused: bytes };
    if (!verify(request.headers, bytes)) return { refused: 'signature' };
    const webhook = readWebhook(bytes);
    if (!webhook) return { refused: 'shape' };
    const isFor = request.headers.get('klaviyo-webhook-id') === webhook.webhookId;
    return isFor ? webhook : { refused: 'signature' };
  };
}

/**
 * Reads a webhook of Klaviyo's: verifies its signature over the raw bytes, in constant time and before anything is
 * parsed, then its shape, then that it is the webhook its header says. It reads the request's body, so nobody else can.
 *
 * Rejects with a `WebhookError` when there is no secret.
 *
 * @param secret what the webhook was made with; several while it is being replaced
 */
export async function verifyWebhook(
  request: Request,
  secret: string | readonly string[],
): Promise<VerifiedWebhook> {
  return createWebhookReader(secret, serverEnv())(request);
}
