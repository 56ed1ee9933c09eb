import { createHmac } from 'node:crypto';

/** Klaviyo-Signature: hex HMAC-SHA256 over the raw body and, right behind it, Klaviyo-Timestamp. */
export const signWebhook = (secret: string, body: string, timestamp: string): string =>
  createHmac('sha256', secret).update(body).update(timestamp).digest('hex');
