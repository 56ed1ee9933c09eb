import { getRequestListener } from '@hono/node-server';
import { describe, expect, it } from 'vitest';
import { createWebhookHandler } from '../../../src/server/klaviyo/webhook-handler.js';
import { diagnose, nowhere, serve, startDoctor } from '../../helpers/start-doctor.js';

const groups = ['webhooks'] as const;
const secret = 'c2VjcmV0IG9mIGEgd2ViaG9vaw==';

/** A shop that takes webhooks. */
async function startShop(own = secret) {
  const heard: string[] = [];
  const on = { 'event:klaviyo.opened_email': () => heard.push('opened') };
  const handler = createWebhookHandler({ secret: own, on });
  return { url: await serve(getRequestListener(handler)), heard };
}

const look = (environment: Record<string, string>) => diagnose(environment, { groups });
const both = (url: string) => ({ KLAVIYO_WEBHOOK_SECRET: secret, KLAVIYO_WEBHOOK_URL: url });

describe('webhooks', () => {
  it('are genuine with the secret, taken by the shop, and nothing is done about them', async () => {
    const shop = await startShop();
    const { results } = await look(both(shop.url));
    expect(results.map(({ id, status }) => [id, status])).toEqual([
      ['webhook-signature', 'passed'],
      ['webhook-endpoint', 'passed'],
      ['webhook-forged', 'passed'],
    ]);
    expect(shop.heard).toEqual([]);
  });

  it('are skipped without a secret, and are not sent without an address', async () => {
    const none = await look({});
    expect(none.messageOf('webhook-signature')).toContain('KLAVIYO_WEBHOOK_SECRET is not set');
    expect(none.results.map(({ status }) => status)).toEqual(['skipped', 'skipped', 'skipped']);
    const half = await look({ KLAVIYO_WEBHOOK_SECRET: secret });
    expect(half.messageOf('webhook-endpoint')).toContain('KLAVIYO_WEBHOOK_URL is not set');
    expect(half.statusOf('webhook-signature')).toBe('passed');
  });

  it.each([
    [` ${secret}`, 'a blank at its beginning or end'],
    [`"${secret}"`, 'quotation marks around it'],
  ])('are signed with a secret that was copied badly', async (copied, words) => {
    const { failures, messageOf } = await look({ KLAVIYO_WEBHOOK_SECRET: copied });
    expect(failures()).toEqual(['webhook-signature']);
    expect(messageOf('webhook-signature')).toContain(words);
    expect(messageOf('webhook-signature')).not.toContain(secret);
  });

  it('are refused by a shop that has another secret', async () => {
    const shop = await startShop('another one');
    const { failures, messageOf } = await look(both(shop.url));
    expect(failures()).toEqual(['webhook-endpoint']);
    expect(messageOf('webhook-endpoint')).toContain('refuses KLAVIYO_WEBHOOK_SECRET (401)');
  });

  it('are taken by a shop that does not verify them', async () => {
    const url = await serve((_, response) => response.end('{}'));
    const { failures, messageOf } = await look(both(url));
    expect(failures()).toEqual(['webhook-forged']);
    expect(messageOf('webhook-forged')).toContain('answers 200 to a wrong signature');
  });

  it.each([
    [404, 'Is KLAVIYO_WEBHOOK_URL right?'],
    [500, 'Klaviyo would send again for that'],
    [301, 'answers 301'],
  ])('are answered %d', async (status, words) => {
    const url = await serve((_, response) => response.writeHead(status, { location: '/' }).end());
    const { failures, messageOf } = await look(both(url));
    expect(failures()).toEqual(['webhook-endpoint']);
    expect(messageOf('webhook-endpoint')).toContain(words);
  });

  it('go nowhere', async () => {
    const { failures, messageOf } = await look(both(await nowhere()));
    expect(failures()).toEqual(['webhook-endpoint']);
    expect(messageOf('webhook-endpoint')).toContain('nothing listens there');
  });

  it('are not answered, and the check ends in time', async () => {
    let arrived = (): void => undefined;
    const hasArrived = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const url = await serve(() => arrived());
    const { clock, done } = startDoctor(both(url), { groups });
    await hasArrived;
    await clock.advance(10_000);
    expect((await done).failures()).toEqual(['webhook-endpoint']);
  });
});
