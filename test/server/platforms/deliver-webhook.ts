// A platform's webhook through the whole handler, signed as the platform does it.
import { readFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { createOrderHandler } from '../../../src/server/handler.js';
import { createSqliteOutbox } from '../../../src/server/sqlite-outbox.js';
import { createPrivateKlaviyo } from '../../helpers/fake-private-klaviyo.js';
import { hmac, privateKey, secret } from '../orders.js';

const platformSecret = 'shared with the platform';

export const fixtureText = (name: string): string =>
  readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8');

/** A payload as the platform's documentation shows it; see test/server/fixtures. */
export const fixture = (name: string): Record<string, unknown> => JSON.parse(fixtureText(name));

const headersOf = {
  shopify: { signature: 'x-shopify-hmac-sha256', topic: 'x-shopify-topic' },
  woocommerce: { signature: 'x-wc-webhook-signature', topic: 'x-wc-webhook-topic' },
};

export async function startShop(platform: keyof typeof headersOf) {
  const klaviyo = createPrivateKlaviyo();
  const { clock, env } = klaviyo;
  const outbox = await createSqliteOutbox({ path: ':memory:', now: clock.now });
  const handler = createOrderHandler({
    ...{ outbox, env, klaviyo: { privateKey }, signingSecrets: [secret] },
    shopifySecrets: [platformSecret],
    woocommerceSecrets: [platformSecret],
  });
  onTestFinished(async () => {
    const closed = handler.close();
    await clock.advance(20_000);
    await closed;
    await outbox.close();
  });
  const names = headersOf[platform];
  async function sendText(topic: string, body: string, signature?: string) {
    const response = await handler(
      new Request(`http://shop.test/webhooks/${platform}`, {
        method: 'POST',
        headers: {
          ...{ 'content-type': 'application/json', [names.topic]: topic },
          [names.signature]: signature ?? hmac(platformSecret, body),
        },
        body,
      }),
    );
    await clock.advance(1000);
    return response;
  }
  return {
    klaviyo,
    handler,
    url: `http://shop.test/webhooks/${platform}`,
    sendText,
    /** Sends a webhook and lets everything arrive. */
    send: (topic: string, payload: unknown, signature?: string) =>
      sendText(topic, JSON.stringify(payload), signature),
    events: (metric?: string) =>
      klaviyo.recorded().filter((event) => metric === undefined || event.metric === metric),
    names: () => klaviyo.recorded().map(({ metric, uniqueId }) => `${metric} ${uniqueId}`),
  };
}
