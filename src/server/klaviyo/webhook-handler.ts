import { type ServerEnv, serverEnv } from '../env.js';
import { type Log, nameOf, silentLog } from '../log.js';
import { json, problem, type Reply } from '../reply.js';
import {
  createWebhookReader,
  WebhookError,
  type WebhookEvent,
  type WebhookRefusal,
} from './verify-webhook.js';

/** Does something about an event. When it throws or rejects, Klaviyo sends the event again. */
export type WebhookListener = (event: WebhookEvent) => unknown;

/** Remembers what was done. A `Set` is one; one that outlives the process is better. */
export interface WebhookStore {
  has(key: string): boolean | Promise<boolean>;
  /** Called after the listener has succeeded. */
  add(key: string): unknown;
}

export interface WebhookHandlerOptions {
  /** What the webhook was made with; several while it is being replaced. */
  secret: string | readonly string[];
  /** By topic, such as `event:klaviyo.opened_email`. What has no listener is answered 200 and ignored. */
  on: Record<string, WebhookListener>;
  /**
   * Recognises what was done before. Default: none, and listeners are called again for whatever comes again: Klaviyo
   * sends all events of a request once more when one failed or the answer was late, and somebody who has got hold of a
   * signed request can replay it at any time. Let them do nothing twice then, by `event.id`.
   */
  store?: WebhookStore;
  /** Default: no log. A pino logger fits. */
  log?: Log;
  /** The platform, for tests. */
  env?: ServerEnv;
}

const refusals: Record<WebhookRefusal, () => Reply> = {
  signature: () => problem(401, 'The request is not signed with the secret of this webhook.'),
  shape: () => problem(400, 'The body is no webhook of Klaviyo’s.'),
  large: () => problem(413, 'Send at most 5 MB.', { headers: { connection: 'close' } }),
  slow: () =>
    problem(408, 'Send the body within 10 seconds.', { headers: { connection: 'close' } }),
  broken: () => problem(400, 'The body ended before it was complete.'),
};

type Outcome = 'handled' | 'duplicate' | 'ignored' | 'failed';

/**
 * Handles Klaviyo's webhooks, from `Request` to `Response`; in Express it is
 * `app.post('/klaviyo', getRequestListener(handler))`, with `@hono/node-server` and before any body parser.
 *
 * It answers 401 to a bad signature, 400 to a body that is no webhook's, 500 when a listener has failed, so that
 * Klaviyo sends again, and 200 otherwise. Events of one request are handled in order, each listener being awaited; one
 * that fails does not keep the others from being handled. There may be a thousand, and Klaviyo waits for a few seconds
 * only: let a listener keep what takes long for later. With a `store` those that have succeeded are not handled again;
 * without one each delivery is handled as if it were the first, and nothing but its signature is looked at.
 * Throws a `WebhookError` for options that can't work; after that it never throws or rejects.
 */
export function createWebhookHandler(
  options: WebhookHandlerOptions,
): (request: Request) => Promise<Response> {
  const { secret, on, store, log = silentLog, env = serverEnv() } = options;
  const read = createWebhookReader(secret, env);
  for (const [topic, listener] of Object.entries(on)) {
    if (typeof listener !== 'function')
      throw new WebhookError(`on['${topic}'] must be a function.`);
  }
  // The same event twice at a time: the second waits for what becomes of the first.
  const underWay = new Map<string, Promise<Outcome>>();

  async function handle(event: WebhookEvent, listener: WebhookListener, key: string) {
    const { topic, webhookId } = event;
    try {
      if (await store?.has(key)) return 'duplicate';
      await listener(event);
    } catch (error) {
      log.error({ topic, webhookId, error: nameOf(error) }, 'a webhook’s listener failed');
      return 'failed';
    }
    try {
      await store?.add(key);
    } catch (error) {
      // It is done, and Klaviyo must not send it again for this.
      log.error({ topic, webhookId, error: nameOf(error) }, 'the store did not remember a webhook');
    }
    return 'handled';
  }

  async function handleOnce(event: WebhookEvent): Promise<Outcome> {
    const { id, topic, webhookId } = event;
    const listener = Object.hasOwn(on, topic) ? on[topic] : undefined;
    if (!listener) return 'ignored';
    if (!store) return handle(event, listener, '');
    const key = `${webhookId}:${topic}:${id}`;
    for (let other = underWay.get(key); other; other = underWay.get(key)) {
      const outcome = await other;
      if (outcome !== 'failed') return 'duplicate';
    }
    const task: Promise<Outcome> = handle(event, listener, key).finally(() => underWay.delete(key));
    underWay.set(key, task);
    return task;
  }

  async function receive(request: Request): Promise<Reply> {
    if (request.method !== 'POST') {
      return problem(405, 'Use POST.', { headers: { allow: 'POST' } });
    }
    const webhook = await read(request);
    if ('refused' in webhook) {
      log.warn({ reason: webhook.refused }, 'a webhook was refused');
      return refusals[webhook.refused]();
    }
    const counts: Record<Outcome, number> = { handled: 0, duplicate: 0, ignored: 0, failed: 0 };
    for (const event of webhook.events) counts[await handleOnce(event)] += 1;
    log.info({ webhookId: webhook.webhookId, ...counts }, 'a webhook was received');
    if (counts.failed > 0)
      return problem(500, 'Some events could not be handled. Send them again.');
    return json(200, counts);
  }

  return async (request) => {
    const reply = await receive(request).catch((error: unknown) => {
      log.error(
        { error: nameOf(error) },
        error instanceof WebhookError ? error.message : 'a defect of the webhook handler',
      );
      return problem(500, 'Send it again, and tell the shop’s developers.');
    });
    return new Response(reply.body, reply);
  };
}
