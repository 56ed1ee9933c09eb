import '@shopify/shopify-api/adapters/web-api';
import { createHmac, randomBytes } from 'node:crypto';
import { ApiVersion, shopifyApi } from '@shopify/shopify-api';
import { describe, expect, it } from 'vitest';
import {
  createPlatformVerify,
  createStandardVerify,
  messageIdOf,
  readSecret,
} from '../../src/server/signature.js';
import { hmac, secret, signed } from './orders.js';

const now = Date.parse('2026-11-22T10:00:00Z');
const bytes = (text: string) => new TextEncoder().encode(text);
const keyOf = (text: string) => {
  const key = readSecret(text);
  if (!key) throw new Error('No secret.');
  return key;
};
const other = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;
const verifyWith = (...secrets: string[]) => createStandardVerify(secrets.map(keyOf), () => now);
const body = '{"id":"1001","name":"Zoë"}';

describe('a Standard Webhooks signature', () => {
  const verify = verifyWith(secret);
  const headers = (over: Record<string, string> = {}, at = now) =>
    new Headers({ ...signed(body, { at, id: 'msg_1' }), ...over });

  it('made by the package standardwebhooks is genuine', () => {
    expect(verify(headers(), bytes(body))).toBe(true);
  });

  it('made with node:crypto from the text of the standard is genuine', () => {
    const timestamp = String(now / 1000);
    const key = Buffer.from(secret.slice(6), 'base64');
    const raw = randomBytes(500);
    const content = Buffer.concat([Buffer.from(`msg_2.${timestamp}.`), raw]);
    const signature = createHmac('sha256', key).update(content).digest('base64');
    const given = new Headers({
      ...{ 'webhook-id': 'msg_2', 'webhook-timestamp': timestamp },
      'webhook-signature': `v1,${signature}`,
    });
    // Bytes that are no text: what is verified is what came.
    expect(verify(given, new Uint8Array(raw))).toBe(true);
  });

  it('is none for another body, id, time or secret', () => {
    expect(verify(headers(), bytes(`${body} `))).toBe(false);
    expect(verify(headers({ 'webhook-id': 'msg_2' }), bytes(body))).toBe(false);
    expect(verify(headers({ 'webhook-timestamp': String(now / 1000 + 1) }), bytes(body))).toBe(
      false,
    );
    expect(verifyWith(other)(headers(), bytes(body))).toBe(false);
  });

  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('needs %s', (name) => {
    const given = headers();
    given.delete(name);
    expect(verify(given, bytes(body))).toBe(false);
  });

  it.each([
    [-300_000, true],
    [300_000, true],
    [-301_000, false],
    [301_000, false],
  ])('made %i ms away is genuine: %s', (awayMs, expected) => {
    expect(verify(headers({}, now + awayMs), bytes(body))).toBe(expected);
  });

  it.each(['1e3', '-1', '0x10', '', ' 1795341600 5', '01795341600'])(
    'has no timestamp like "%s"',
    (timestamp) => {
      expect(verify(headers({ 'webhook-timestamp': timestamp }), bytes(body))).toBe(false);
    },
  );

  it('is accepted under an old and a new secret, and beside others, while they are rotated', () => {
    const both = verifyWith(other, secret);
    expect(both(headers(), bytes(body))).toBe(true);
    const [a, b] = [secret, other].map(
      (each) => signed(body, { id: 'msg_1', at: now, secret: each })['webhook-signature'],
    );
    const given = headers({ 'webhook-signature': `v2,x ${a} ${b} v1a,abc` });
    expect(verify(given, bytes(body))).toBe(true);
    expect(verifyWith(other)(given, bytes(body))).toBe(true);
  });

  it('is not looked for among more than ten', () => {
    const own = signed(body, { id: 'msg_1', at: now })['webhook-signature'];
    const given = headers({ 'webhook-signature': `${'v1,AAAA '.repeat(10)}${own}` });
    expect(verify(given, bytes(body))).toBe(false);
  });

  it('is never genuine without a secret', () => {
    expect(createStandardVerify([], () => now)(headers(), bytes(body))).toBe(false);
  });
});

describe('a secret', () => {
  it.each([
    ['whsec_', false],
    ['whsec_AAAA', false],
    [`whsec_${'!'.repeat(40)}`, false],
    [Buffer.alloc(32).toString('base64'), false],
    [`whsec_${Buffer.alloc(23).toString('base64')}`, false],
    [`whsec_${Buffer.alloc(24).toString('base64')}`, true],
  ])('like %s is one: %s', (text, expected) => {
    expect(readSecret(text) !== undefined).toBe(expected);
  });
});

describe("Shopify's own validator", () => {
  const shopify = shopifyApi({
    ...{ apiKey: 'key', apiSecretKey: 'first', hostName: 'shop.test', isEmbeddedApp: false },
    ...{ apiVersion: ApiVersion.July25, logger: { log: async () => undefined } },
  });
  const verify = createPlatformVerify('x-shopify-hmac-sha256', ['first']);

  it.each([
    ['a body', body, hmac('first', body)],
    ['an empty object', '{}', hmac('first', '{}')],
    ['another body', body, hmac('first', `${body} `)],
    ['another secret', body, hmac('second', body)],
    ['half of one', body, hmac('first', body).slice(0, 20)],
    ['no base64', body, '%%%'],
  ])('agrees with ours on a signature of %s', async (_, rawBody, signature) => {
    const headers = {
      'x-shopify-hmac-sha256': signature,
      ...{ 'x-shopify-topic': 'orders/create', 'x-shopify-shop-domain': 'tide.myshopify.com' },
      ...{ 'x-shopify-api-version': '2025-07', 'x-shopify-webhook-id': 'w-1' },
    };
    const rawRequest = new Request('http://shop.test/webhooks/shopify', {
      ...{ method: 'POST', headers, body: rawBody },
    });
    const theirs = await shopify.webhooks.validate({ rawBody, rawRequest });
    expect(verify(new Headers(headers), bytes(rawBody))).toBe(theirs.valid);
  });
});

describe("a platform's signature", () => {
  const verify = createPlatformVerify('x-hmac', ['first', 'second']);

  it('is base64 of the HMAC of the body, under any of the secrets', () => {
    for (const key of ['first', 'second']) {
      expect(verify(new Headers({ 'x-hmac': hmac(key, body) }), bytes(body))).toBe(true);
    }
    expect(verify(new Headers({ 'x-hmac': hmac('third', body) }), bytes(body))).toBe(false);
  });

  it.each(['', 'AAAA', 'not base64', 'A'.repeat(10_001)])('is not "%.20s"', (text) => {
    expect(verify(new Headers({ 'x-hmac': text }), bytes(body))).toBe(false);
    expect(verify(new Headers(), bytes(body))).toBe(false);
  });

  it('is never genuine without a secret', () => {
    const open = createPlatformVerify('x-hmac', []);
    expect(open(new Headers({ 'x-hmac': hmac('', body) }), bytes(body))).toBe(false);
  });
});

it('a message id is printable and short', () => {
  const idOf = (id: string) => messageIdOf(new Headers({ 'webhook-id': id }));
  expect(idOf('msg_1')).toBe('msg_1');
  expect([idOf(''), idOf('a b'), idOf('x'.repeat(201))]).toEqual([undefined, undefined, undefined]);
});
