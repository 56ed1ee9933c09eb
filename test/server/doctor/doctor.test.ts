import { readFileSync } from 'node:fs';
import { getRequestListener } from '@hono/node-server';
import { describe, expect, it } from 'vitest';
import { GROUPS } from '../../../src/server/doctor/check.js';
import { renderResult, renderSum, reportOf } from '../../../src/server/doctor/render-report.js';
import { createWebhookHandler } from '../../../src/server/klaviyo/webhook-handler.js';
import { diagnose, environmentOf, serve, startOrders } from '../../helpers/start-doctor.js';
import { integrityOf, script, startPage } from '../../helpers/start-page.js';
import { startSandbox } from '../../sandbox/requests.js';
import { privateKey, secret } from '../orders.js';

const webhookSecret = 'the secret of the webhook';

/** A shop where all is set up. */
async function startShop() {
  const sandbox = await startSandbox();
  const orders = await startOrders({
    ...{ apiHost: sandbox.url, shopifySecrets: ['of shopify'], woocommerceSecrets: ['of woo&,'] },
  });
  const handler = createWebhookHandler({ secret: webhookSecret, on: {} });
  const { shopUrl } = await startPage({
    ...{ attributes: `integrity="${integrityOf(script)}"`, apiHost: sandbox.url },
    policy: `default-src 'none'; script-src 'self'; connect-src ${sandbox.url}`,
  });
  const environment = environmentOf(sandbox.url, {
    ...{ ORDER_ENDPOINT_URL: orders.url, ORDER_SIGNING_SECRET: secret, SHOP_URL: shopUrl },
    ...{ SHOPIFY_WEBHOOK_SECRET: 'of shopify', WOOCOMMERCE_WEBHOOK_SECRET: 'of woo&,' },
    KLAVIYO_WEBHOOK_SECRET: webhookSecret,
    KLAVIYO_WEBHOOK_URL: await serve(getRequestListener(handler)),
    KLAVIYO_SCOPES: 'all',
  });
  return { sandbox, environment };
}

describe('the doctor', () => {
  it('finds nothing wrong where all is set up, and skips nothing', async () => {
    const { environment, sandbox } = await startShop();
    const { results } = await diagnose(environment, { live: 'me@lovelace.shop' });
    expect(results.filter(({ status }) => status !== 'passed')).toEqual([]);
    expect(new Set(results.map(({ group }) => group))).toEqual(new Set(GROUPS));
    // Sentences, so that they read well after a title.
    for (const { message } of results) expect(message).toMatch(/\.$/);
    expect(sandbox.events().map(({ metric }) => metric)).toEqual([
      ...['klaviyo-storefront doctor', 'klaviyo-storefront doctor'],
    ]);
  });

  it('writes nothing into the account without being asked', async () => {
    const { environment, sandbox } = await startShop();
    const { failures } = await diagnose(environment);
    expect(failures()).toEqual([]);
    expect([sandbox.events(), sandbox.profiles()]).toEqual([[], []]);
  });

  it('fails for what is missing, and skips the rest, in an empty environment', async () => {
    const { results, failures } = await diagnose({});
    expect(failures()).toEqual(['private-key']);
    const others = results.filter(({ id }) => id !== 'private-key');
    expect(others.filter(({ status }) => status !== 'skipped')).toEqual([]);
    for (const { message } of others) expect(message).toMatch(/ set|needs|--live/);
  });

  it('shows no key, secret or address, whatever it meets', async () => {
    const { environment, sandbox } = await startShop();
    const hidden = [privateKey, secret, secret.slice(6), webhookSecret, 'of shopify', 'of woo&,'];
    const live = 'me@lovelace.shop';
    // Whatever Klaviyo answers, it quotes what it was sent.
    for (const status of [400, 401, 403, 409, 429, 500]) {
      sandbox.clearFaults();
      sandbox.addFault({ status, detail: `${live} ${privateKey} ${secret}` });
      const { results } = await diagnose(environment, { live, groups: ['api', 'orders'] });
      const text = JSON.stringify(results);
      for (const word of [...hidden, live]) expect(text).not.toContain(word);
    }
    const swapped = { KLAVIYO_PUBLIC_KEY: privateKey, KLAVIYO_PRIVATE_KEY: secret };
    const { results } = await diagnose({ ...environment, ...swapped });
    for (const word of hidden) expect(JSON.stringify(results)).not.toContain(word);
  });

  it('prints what the README shows', async () => {
    const sandbox = await startSandbox();
    const { shopUrl } = await startPage({
      ...{ attributes: `integrity="${integrityOf(script)}"`, apiHost: sandbox.url },
      policy: "default-src 'self'",
    });
    const environment = environmentOf(sandbox.url, { SHOP_URL: shopUrl });
    const { results } = await diagnose(environment, { groups: ['page'] });
    const lines = results.map((result, index) => renderResult(result, results[index - 1]));
    const printed = [...lines, renderSum(reportOf(results))].join('\n');
    const plain = (text: string) =>
      text.replace(/:\d{4,5}\b/g, ':PORT').replace(/[\d.]+ kB/g, 'SIZE kB');
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    expect(plain(readme)).toContain(`\`\`\`\n${plain(printed)}\n\`\`\``);
  });

  it.each([
    ['SHOP_URL', 'shop.test'],
    ['SCRIPT_URL', 'ftp://shop.test/script.js'],
    ['KLAVIYO_WEBHOOK_URL', 'https://me:hidden@shop.test/hook'],
    ['ORDER_ENDPOINT_URL', 'https://orders.shop.test/?shop=1'],
    ['KLAVIYO_API_HOST', 'http://klaviyo.test'],
    ['KLAVIYO_SCOPES', 'events:wright'],
  ])('does not begin with a bad %s', async (name, value) => {
    const error = await diagnose({ [name]: value }).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ name: 'EnvironmentError' });
    expect((error as Error).message).toContain(name);
    expect((error as Error).message).not.toContain('hidden');
  });

  it('does not begin with a revision that is no date', async () => {
    await expect(diagnose({}, { revision: 'latest' })).rejects.toThrow('--revision must be a date');
  });
});
