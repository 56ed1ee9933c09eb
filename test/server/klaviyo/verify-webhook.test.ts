import { describe, expect, it } from 'vitest';
import { verifyWebhook, WebhookError } from '../../../src/server/klaviyo/verify-webhook.js';
import {
  item,
  webhookBody,
  webhookId,
  webhookRequest,
  webhookSecret,
} from '../../helpers/klaviyo-webhook.js';

const verify = (request: Request, secret: string | string[] = webhookSecret) =>
  verifyWebhook(request, secret);

describe('a genuine webhook', () => {
  it('gives its events, in our words and as they came', async () => {
    expect(await verify(webhookRequest())).toEqual({
      webhookId,
      events: [
        {
          ...{ id: '3E7', topic: 'event:klaviyo.opened_email', webhookId },
          payload: item().payload,
          event: {
            ...{ id: '3E7', uuid: 'u-1', at: Date.parse('2026-11-22T10:00:00Z') },
            properties: { Subject: 'Hello' },
            ...{ metricId: 'M1', profileId: 'P1', metric: { id: 'M1', name: 'Opened Email' } },
          },
        },
      ],
    });
  });

  it('may have a payload of another shape', async () => {
    const payload = { anything: [1] };
    const body = webhookBody([{ external_id: '1', topic: 'event:api.x', payload }]);
    expect(await verify(webhookRequest(body))).toMatchObject({ events: [{ id: '1', payload }] });
  });

  it('is verified over its raw bytes: spaces and escapes do not matter', async () => {
    const text = ` ${JSON.stringify(webhookBody(), null, 3).replace('Hello', '\\u0048ello — ☕')}\n`;
    expect(await verify(webhookRequest(text))).toMatchObject({ webhookId });
  });

  it('passes with any of several secrets, and with a signature in capitals', async () => {
    expect(await verify(webhookRequest(), ['new', webhookSecret])).toMatchObject({ webhookId });
    const signature = String(webhookRequest().headers.get('klaviyo-signature')).toUpperCase();
    const request = webhookRequest(webhookBody(), { headers: { 'klaviyo-signature': signature } });
    expect(await verify(request)).toMatchObject({ webhookId });
  });
});

const good = String(webhookRequest().headers.get('klaviyo-signature'));

describe('a forged webhook', () => {
  it.each<[string, Request]>([
    ['another secret', webhookRequest(webhookBody(), { secret: 'another' })],
    [
      'no signature',
      webhookRequest(webhookBody(), { headers: { 'klaviyo-signature': undefined } }),
    ],
    [
      'no timestamp',
      webhookRequest(webhookBody(), { headers: { 'klaviyo-timestamp': undefined } }),
    ],
    ['another timestamp', webhookRequest(webhookBody(), { headers: { 'klaviyo-timestamp': '2' } })],
    [
      'half a signature',
      webhookRequest(webhookBody(), { headers: { 'klaviyo-signature': good.slice(0, 32) } }),
    ],
    [
      'a longer one',
      webhookRequest(webhookBody(), { headers: { 'klaviyo-signature': `${good}00` } }),
    ],
    [
      'no hexadecimal',
      webhookRequest(webhookBody(), { headers: { 'klaviyo-signature': 'z'.repeat(64) } }),
    ],
    [
      'one bit less',
      webhookRequest(webhookBody(), {
        headers: { 'klaviyo-signature': good.replace(/.$/, (c) => (c === '0' ? '1' : '0')) },
      }),
    ],
    [
      'another body',
      webhookRequest(webhookBody([item('4E8')]), { headers: { 'klaviyo-signature': good } }),
    ],
    [
      'another webhook’s id',
      webhookRequest(webhookBody(), { headers: { 'klaviyo-webhook-id': 'other' } }),
    ],
    [
      'no webhook’s id',
      webhookRequest(webhookBody(), { headers: { 'klaviyo-webhook-id': undefined } }),
    ],
  ])('is refused: %s', async (_, request) => {
    expect(await verify(request)).toEqual({ refused: 'signature' });
  });

  it('gets nothing from moving the border between body and timestamp', async () => {
    const text = JSON.stringify(webhookBody());
    const timestamp = '2026-11-22T10:00:01+00:00';
    const signature = webhookRequest(text, { timestamp }).headers.get('klaviyo-signature');
    for (const moved of [1, 4, timestamp.length]) {
      const request = webhookRequest(text + timestamp.slice(0, moved), {
        headers: {
          'klaviyo-signature': String(signature),
          'klaviyo-timestamp': timestamp.slice(moved) || '0',
        },
      });
      expect(await verify(request)).toHaveProperty('refused');
    }
    const shorter = webhookRequest(text.slice(0, -1), {
      headers: {
        'klaviyo-signature': String(signature),
        'klaviyo-timestamp': `${text.slice(-1)}${timestamp}`,
      },
    });
    expect(await verify(shorter)).toEqual({ refused: 'signature' });
  });
});

describe('a signed body that is no webhook’s', () => {
  it.each<[string, unknown]>([
    ['no JSON', '{'],
    ['nothing', ''],
    ['no text', new Uint8Array([0xff, 0xfe, 0x7b])],
    ['null', 'null'],
    ['a list', []],
    ['no data', { meta: { klaviyo_webhook_id: webhookId } }],
    ['data that is one thing', { ...webhookBody(), data: item() }],
    ['no meta', { data: [item()] }],
    ['a webhook id that is a number', { data: [], meta: { klaviyo_webhook_id: 7 } }],
    ['an event without an id', webhookBody([{ ...item(), external_id: undefined }])],
    ['an event without a topic', webhookBody([item(), { ...item(), topic: null }])],
    ['an event without a payload', webhookBody([{ ...item(), payload: 'text' }])],
    ['null for an event', webhookBody([null])],
  ])('is refused: %s', async (_, body) => {
    expect(await verify(webhookRequest(body))).toEqual({ refused: 'shape' });
  });
});

describe('a body', () => {
  it('of more than 5 MB is not read to its end', async () => {
    let pulled = 0;
    const body = new ReadableStream({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(100_000));
      },
    });
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    const request = new Request('https://shop.test/', init);
    expect(await verify(request)).toEqual({ refused: 'large' });
    expect(pulled).toBeLessThan(60);
  });
});

describe('a secret', () => {
  it.each([[''], [[]], [['good', '']], [undefined], [[undefined]]])(
    'has to be one: %j',
    async (secret) => {
      const verified = verifyWebhook(webhookRequest(), secret as string);
      await expect(verified).rejects.toThrow(WebhookError);
    },
  );
});
