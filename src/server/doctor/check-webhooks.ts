/** Klaviyo's webhooks to the shop: signed as Klaviyo does, read as the shop does, and sent to its endpoint. */
import type { ServerEnv } from '../env.js';
import { createWebhookReader } from '../klaviyo/verify-webhook.js';
import { type Answer, type Ask, originOf } from './ask.js';
import { type Check, type Finding, failed, passed, skipped } from './check.js';
import type { DoctorSettings } from './settings.js';
import { signKlaviyo } from './sign-request.js';

/** Nobody has a listener for it, so nothing is done about it. */
const TOPIC = 'event:klaviyo-storefront.doctor';
const WEBHOOK_ID = 'klaviyo-storefront-doctor';

const bodyOf = (id: string): string =>
  JSON.stringify({
    data: [{ external_id: id, topic: TOPIC, payload: {} }],
    meta: { klaviyo_webhook_id: WEBHOOK_ID },
  });

export function webhookChecks(settings: DoctorSettings, env: ServerEnv, ask: Ask): Check[] {
  const { webhookSecret: secret, webhookUrl } = settings;
  const body = bodyOf(env.uuid());
  const sign = (): Record<string, string> => ({
    'content-type': 'application/json',
    ...signKlaviyo(secret, body, { webhookId: WEBHOOK_ID, at: env.now() }),
  });

  async function roundTrip(): Promise<Finding> {
    if (secret === '') {
      return skipped(
        'KLAVIYO_WEBHOOK_SECRET is not set. Set it to what your webhook was made with, if you have one.',
      );
    }
    if (secret !== secret.trim()) {
      return failed(
        'KLAVIYO_WEBHOOK_SECRET has a blank at its beginning or end, which signs, too: take it out.',
      );
    }
    if (/^(["']).*\1$/.test(secret)) {
      return failed(
        'KLAVIYO_WEBHOOK_SECRET has quotation marks around it, which sign, too: take them out.',
      );
    }
    const read = createWebhookReader(secret, env);
    const requestOf = (text: string) =>
      new Request('http://localhost/', { method: 'POST', headers: sign(), body: text });
    const genuine = await read(requestOf(body));
    const forged = await read(requestOf(body.replace(TOPIC, `${TOPIC}s`)));
    if ('refused' in genuine || !('refused' in forged)) {
      return failed('verifyWebhook does not tell a genuine webhook from a forged one: report it.');
    }
    return passed('a webhook signed with the secret is genuine, a changed one is refused.');
  }

  async function post(headers: Record<string, string>, signal: AbortSignal): Promise<Answer> {
    return ask(webhookUrl ?? '', { method: 'POST', headers, body, signal });
  }

  const noAnswer = ({ url, failure }: Answer): Finding =>
    failed(`${originOf(url)} does not answer: ${failure}. Is KLAVIYO_WEBHOOK_URL right?`);

  async function takes(signal: AbortSignal): Promise<Finding> {
    const answer = await post(sign(), signal);
    const { status } = answer;
    if (status === 0) return noAnswer(answer);
    if (status >= 200 && status < 300)
      return passed(`a signed webhook of no known topic is taken (${status}).`);
    if (status === 401 || status === 403) {
      return failed(
        `it refuses KLAVIYO_WEBHOOK_SECRET (${status}). Give endpoint and webhook the same one, and verify before any body parser.`,
      );
    }
    const where =
      status === 404 || status === 405 ? ' Is KLAVIYO_WEBHOOK_URL right?' : ' Look into its log.';
    return failed(`it answers ${status}, and Klaviyo would send again for that.${where}`);
  }

  async function refusesForged(signal: AbortSignal): Promise<Finding> {
    // Of the right shape, by somebody who does not know the secret.
    const answer = await post({ ...sign(), 'klaviyo-signature': '0'.repeat(64) }, signal);
    const { status } = answer;
    if (status === 0) return noAnswer(answer);
    if (status >= 400 && status < 500) return passed(`${status} to a wrong signature.`);
    return failed(
      `it answers ${status} to a wrong signature, and should answer 401: verify with createWebhookHandler or verifyWebhook.`,
    );
  }

  const needsAddress = (run: Check['run']): Check['run'] =>
    webhookUrl === undefined
      ? () =>
          skipped(
            'KLAVIYO_WEBHOOK_URL is not set. Set it to where your shop takes Klaviyo’s webhooks.',
          )
      : run;

  return [
    {
      ...{ id: 'webhook-signature', group: 'webhooks', title: 'webhook signature' },
      run: roundTrip,
    },
    {
      ...{ id: 'webhook-endpoint', group: 'webhooks', title: 'webhook endpoint' },
      needs: ['webhook-signature'],
      run: needsAddress(takes),
    },
    {
      ...{ id: 'webhook-forged', group: 'webhooks', title: 'forged webhooks refused' },
      needs: ['webhook-endpoint'],
      run: needsAddress(refusesForged),
    },
  ];
}
