/** Signs as senders do: the other side of `signature.ts`. */
import { createHmac } from 'node:crypto';
import { readSecret } from '../signature.js';

/** Headers of a Standard Webhooks request. A secret that is none signs with nothing: check it before. */
export function signStandard(
  secret: string,
  body: string,
  { id, at }: { id: string; at: number },
): Record<string, string> {
  const timestamp = `${Math.floor(at / 1000)}`;
  const hmac = createHmac('sha256', readSecret(secret) ?? '').update(`${id}.${timestamp}.${body}`);
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${hmac.digest('base64')}`,
  };
}

/** What Shopify and WooCommerce put into their header. */
export const signPlatform = (secret: string, body: string): string =>
  createHmac('sha256', secret).update(body).digest('base64');

/** Headers of one of Klaviyo's webhooks. */
export function signKlaviyo(
  secret: string,
  body: string,
  { webhookId, at }: { webhookId: string; at: number },
): Record<string, string> {
  const timestamp = new Date(at).toISOString();
  const hmac = createHmac('sha256', secret).update(body).update(timestamp);
  return {
    'klaviyo-signature': hmac.digest('hex'),
    'klaviyo-timestamp': timestamp,
    'klaviyo-webhook-id': webhookId,
  };
}
