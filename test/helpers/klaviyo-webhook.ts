// A webhook as Klaviyo sends it, signed by its guide and not by our code.
import { createHmac } from 'node:crypto';

export const webhookSecret = 'a secret of at least sixteen';
export const webhookId = '01HWEBHOOK';

export const item = (id = '3E7', topic = 'event:klaviyo.opened_email') => ({
  external_id: id,
  topic,
  payload: {
    data: {
      type: 'event',
      id,
      attributes: {
        timestamp: 1_795_341_600,
        datetime: '2026-11-22T10:00:00+00:00',
        event_properties: { Subject: 'Hello' },
        uuid: 'u-1',
      },
      relationships: {
        metric: { data: { type: 'metric', id: 'M1' } },
        profile: { data: { type: 'profile', id: 'P1' } },
      },
    },
    included: [{ type: 'metric', id: 'M1', attributes: { name: 'Opened Email' } }],
  },
});

export const webhookBody = (data: unknown[] = [item()]) => ({
  data,
  meta: { klaviyo_webhook_id: webhookId },
});

interface Over {
  secret?: string;
  timestamp?: string;
  headers?: Record<string, string | undefined>;
  method?: string;
}

/** @param body what is sent: text or bytes as they are, anything else as JSON */
export function webhookRequest(body: unknown = webhookBody(), over: Over = {}): Request {
  const {
    secret = webhookSecret,
    timestamp = 'Sun, 22 Nov 2026 10:00:01 GMT',
    method = 'POST',
  } = over;
  const bytes =
    body instanceof Uint8Array
      ? body
      : new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
  const signature = createHmac('sha256', secret).update(bytes).update(timestamp).digest('hex');
  const headers = new Headers({ 'content-type': 'application/json' });
  const given = {
    'klaviyo-signature': signature,
    'klaviyo-timestamp': timestamp,
    'klaviyo-webhook-id': webhookId,
    ...over.headers,
  };
  for (const [name, value] of Object.entries(given))
    if (value !== undefined) headers.set(name, value);
  return new Request('https://shop.test/klaviyo', {
    ...{ method, headers },
    ...(method === 'POST' && { body: new Uint8Array(bytes) }),
  });
}
