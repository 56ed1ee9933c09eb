import { describe, expect, it, onTestFinished } from 'vitest';
import { createOrderHandler } from '../../src/server/handler.js';
import type { OrderHandlerOptions } from '../../src/server/handler-options.js';
import type { Fields, Log } from '../../src/server/log.js';
import type { Outbox } from '../../src/server/outbox.js';
import { createSqliteOutbox } from '../../src/server/sqlite-outbox.js';
import { createPrivateKlaviyo, startAt } from '../helpers/fake-private-klaviyo.js';
import { hmac, orderOf, privateKey, secret, signedRequest } from './orders.js';

interface Problem {
  title: string;
  status: number;
  detail: string;
  errors?: { field: string; message: string }[];
}

async function start(over: Partial<OrderHandlerOptions> = {}, outboxOver: Partial<Outbox> = {}) {
  const klaviyo = createPrivateKlaviyo();
  const { clock, env } = klaviyo;
  const outbox = await createSqliteOutbox({ path: ':memory:', now: clock.now, maxWaiting: 50 });
  const lines: string[] = [];
  const write = (fields: Fields, message: string) => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  const log: Log = { info: write, warn: write, error: write };
  const handler = createOrderHandler({
    ...{ outbox: { ...outbox, ...outboxOver }, log, env },
    klaviyo: { privateKey },
    signingSecrets: [secret],
    ...over,
  });
  onTestFinished(async () => {
    const closed = handler.close();
    await clock.advance(20_000);
    await closed;
    await outbox.close();
  });
  return {
    ...{ klaviyo, clock, outbox, handler, lines },
    recorded: () => klaviyo.recorded().map(({ metric, uniqueId }) => `${metric} ${uniqueId}`),
    post: (path: string, body: unknown, signing = {}) =>
      handler(signedRequest(path, body, { at: clock.now(), ...signing })),
  };
}

const problemOf = async (response: Response): Promise<Problem> => {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return (await response.json()) as Problem;
};

describe('POST /orders', () => {
  it('answers 202 with a receipt, once the order is stored, and Klaviyo gets it', async () => {
    const { post, clock, recorded } = await start();
    const response = await post('/orders', orderOf('1001'));
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({
      receipt: expect.stringMatching(/^[0-9a-f-]{36}$/),
      ...{ order: '1001', action: 'placed', acceptedAt: '2026-11-22T10:00:00.000Z' },
    });
    await clock.advance(10);
    expect(recorded()).toEqual([
      'Placed Order 1001',
      'Ordered Product 1001_1',
      'Ordered Product 1001_2',
    ]);
  });

  it('answers the same order again with 200 and the same receipt', async () => {
    const { post, clock, recorded } = await start();
    const first = await (await post('/orders', orderOf('1001'))).json();
    await clock.advance(1000);
    // The names in another order are the same order.
    const shuffled = Object.fromEntries(Object.entries(orderOf('1001')).reverse());
    const again = await post('/orders', shuffled);
    expect(again.status).toBe(200);
    expect(await again.json()).toEqual(first);
    await clock.advance(1000);
    expect(recorded()).toHaveLength(3);
  });

  it('answers a replayed message as a duplicate', async () => {
    const { post } = await start();
    await post('/orders', orderOf('1001'), { id: 'msg_1' });
    expect((await post('/orders', orderOf('1001'), { id: 'msg_1' })).status).toBe(200);
    const reused = await post('/orders', orderOf('1002'), { id: 'msg_1' });
    expect(reused.status).toBe(409);
    expect((await problemOf(reused)).detail).toContain('webhook-id');
  });

  it('answers the same id with other content with 409, and says so', async () => {
    const { post, clock, recorded } = await start();
    await post('/orders', orderOf('1001'));
    const response = await post('/orders', orderOf('1001', { total: 1 }));
    expect(response.status).toBe(409);
    expect((await problemOf(response)).detail).toMatch(/different content.*receipt/);
    await clock.advance(1000);
    expect(recorded()).toHaveLength(3);
  });

  it('names every field that is wrong', async () => {
    const { post } = await start();
    const response = await post('/orders', { ...orderOf('1001'), total: 'much', items: [{}] });
    expect(response.status).toBe(422);
    const { errors } = await problemOf(response);
    expect(errors?.map(({ field }) => field)).toEqual(
      expect.arrayContaining(['total', 'items[0].id', 'items[0].price']),
    );
  });

  it('answers 503 when too much waits, and takes nothing it would forget', async () => {
    const { post, klaviyo, clock, outbox } = await start();
    klaviyo.addFault({ status: 500 });
    for (let id = 0; id < 17; id += 1) {
      expect((await post('/orders', orderOf(`${id}`))).status).toBe(202);
    }
    const refused = await post('/orders', orderOf('17'));
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await outbox.stats()).waiting).toBe(51);
    klaviyo.clearFaults();
    await clock.advance(600_000);
    expect((await post('/orders', orderOf('17'))).status).toBe(202);
  });

  it('answers 503 when the store fails, and shows nothing of why', async () => {
    const accept = async () => {
      throw new Error('disk full: insert ada@shop.test-mail.net');
    };
    const { post, lines } = await start({}, { accept });
    const response = await post('/orders', orderOf('1001'));
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await response.text()).not.toContain('ada@');
    expect(lines.join()).not.toContain('ada@');
  });
});

describe('what Klaviyo may have had before', () => {
  // Of a bulk request with one repeated unique_id nothing may be recorded, and the answer is 202.
  it.each([
    ['an order of the past', '/orders', orderOf('1', { backfill: true })],
    [
      'an order from before the outbox remembers',
      '/orders',
      orderOf('1', { time: '2026-08-01T10:00:00Z' }),
    ],
    ['an order of no time', '/orders', { ...orderOf('1'), time: undefined }],
    ['a change', '/orders/1/canceled', orderOf('1')],
  ])('goes alone: %s', async (_, path, body) => {
    const seen: (boolean | undefined)[] = [];
    const outboxOver: Partial<Outbox> = {
      async accept(acceptances) {
        seen.push(...acceptances.map(({ alone }) => alone));
        throw new Error('enough');
      },
    };
    const { post } = await start({}, outboxOver);
    await post(path, body);
    await post('/orders', orderOf('2'));
    expect(seen).toEqual([true, false]);
  });
});

describe('POST /orders/:id/...', () => {
  it.each([
    ['fulfilled', 'Fulfilled Order'],
    ['canceled', 'Canceled Order'],
    ['refunded', 'Refunded Order'],
  ])('%s tells Klaviyo %s, whose it was known from the order', async (action, metric) => {
    const { post, clock, recorded, klaviyo } = await start();
    await post('/orders', orderOf('A/1'));
    const response = await post(`/orders/A%2F1/${action}`, { total: 43.5, currency: 'EUR' });
    expect(response.status).toBe(202);
    await clock.advance(1000);
    expect(recorded()).toContain(`${metric} A/1`);
    expect(klaviyo.profiles()).toHaveLength(1);
  });

  it('takes several partial refunds, each once', async () => {
    const { post, clock, klaviyo } = await start();
    await post('/orders', orderOf('1001'));
    const refund = (id: string, amount: number) =>
      post('/orders/1001/refunded', { total: 43.5, currency: 'EUR', refund: { id, amount } });
    const statuses = [await refund('r1', 5), await refund('r2', 7), await refund('r1', 5)];
    expect(statuses.map(({ status }) => status)).toEqual([202, 202, 200]);
    await clock.advance(1000);
    const refunds = klaviyo.recorded().filter(({ metric }) => metric === 'Refunded Order');
    expect(refunds.map(({ value }) => value)).toEqual([5, 7]);
  });

  it('says that a further refund needs an id', async () => {
    const { post } = await start();
    await post('/orders', orderOf('1001'));
    const refund = (amount: number) =>
      post('/orders/1001/refunded', { total: 43.5, currency: 'EUR', refund: { amount } });
    expect((await refund(5)).status).toBe(202);
    const second = await refund(7);
    expect(second.status).toBe(409);
    expect((await problemOf(second)).detail).toMatch(/needs a refund\.id of its own\.$/);
  });

  it('needs a customer when the order was not placed here', async () => {
    const { post } = await start();
    const response = await post('/orders/1001/canceled', { total: 5, currency: 'EUR' });
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors).toMatchObject([{ field: 'customer' }]);
    const whole = await post('/orders/1001/canceled', orderOf('1001'));
    expect(whole.status).toBe(202);
  });

  it('has the id of its path', async () => {
    const { post } = await start();
    const response = await post('/orders/1001/canceled', orderOf('1002'));
    expect((await problemOf(response)).errors).toMatchObject([{ field: 'id' }]);
    expect((await post('/orders/%E0%A4%A/canceled', {})).status).toBe(404);
  });
});

describe('a request that is not signed', () => {
  it.each<[string, Record<string, unknown>]>([
    ['by a known secret', { secret: `whsec_${Buffer.alloc(32, 9).toString('base64')}` }],
    ['in time', { at: startAt - 301_000 }],
    ['for this moment', { at: startAt + 301_000 }],
  ])('%s is answered 401 without saying which', async (_, signing) => {
    const { post, handler, outbox } = await start();
    const wrong = await post('/orders', orderOf('1001'), signing);
    const unsigned = await handler(
      new Request('http://shop.test/orders', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      }),
    );
    expect([wrong.status, unsigned.status]).toEqual([401, 401]);
    expect(await wrong.text()).toBe(await unsigned.text());
    expect((await outbox.stats()).waiting).toBe(0);
  });

  it('learns nothing of what its body lacks', async () => {
    const { post } = await start();
    const at = startAt - 400_000;
    const answers = await Promise.all(
      ['{}', 'not json', JSON.stringify(orderOf('1'))].map(async (body) =>
        (await post('/orders', body, { at })).text(),
      ),
    );
    expect(new Set(answers).size).toBe(1);
  });
});

describe('any other request', () => {
  const raw = (path: string, init: RequestInit) => new Request(`http://shop.test${path}`, init);

  it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s is answered 405', async (method) => {
    const { handler } = await start();
    const response = await handler(raw('/orders', { method }));
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', undefined])(
    'with the content type %s is answered 415',
    async (type) => {
      const { handler } = await start();
      const headers = new Headers(type === undefined ? {} : { 'content-type': type });
      const body = new TextEncoder().encode('{}');
      expect((await handler(raw('/orders', { method: 'POST', headers, body }))).status).toBe(415);
    },
  );

  it('that is compressed is answered 415', async () => {
    const { handler } = await start();
    const request = signedRequest('/orders', '{}', { at: startAt });
    request.headers.set('content-encoding', 'gzip');
    expect((await handler(request)).status).toBe(415);
  });

  it('over a megabyte is answered 413, declared or not', async () => {
    const { handler, post } = await start();
    expect((await post('/orders', `"${'x'.repeat(1_000_000)}"`)).status).toBe(413);
    expect((await post('/orders', `"${'x'.repeat(999_998)}"`)).status).toBe(422);
    const part = new Uint8Array(300_000);
    const body = new ReadableStream({ pull: (to) => to.enqueue(part) });
    const headers = { 'content-type': 'application/json' };
    const endless = raw('/orders', {
      method: 'POST',
      headers,
      body,
      duplex: 'half',
    } as RequestInit);
    expect((await handler(endless)).status).toBe(413);
  });

  it('whose body does not come is answered 408, one that breaks off 400', async () => {
    const { handler, clock } = await start();
    const send = (body: ReadableStream) =>
      handler(
        raw('/orders', {
          ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body },
          ...({ duplex: 'half' } as object),
        }),
      );
    const slow = send(new ReadableStream());
    await clock.advance(10_000);
    expect((await slow).status).toBe(408);
    const broken = new ReadableStream({ pull: (to) => to.error(new Error('gone')) });
    expect((await send(broken)).status).toBe(400);
  });

  it('that is no JSON in UTF-8 is answered 400', async () => {
    const { post } = await start();
    expect((await post('/orders', '{"id":')).status).toBe(400);
    expect((await post('/orders', '')).status).toBe(400);
  });

  it('for another path is answered 404', async () => {
    const { handler } = await start();
    for (const path of [
      '/',
      '/order',
      '/orders/1',
      '/orders/1/paid',
      '/webhooks/shopify',
      '//orders',
    ]) {
      expect((await handler(raw(path, { method: 'POST', body: '{}' }))).status).toBe(404);
    }
  });
});

describe('the base path', () => {
  it('is where the routes are', async () => {
    const { handler, post } = await start({ basePath: '/api/klaviyo/' });
    expect((await post('/api/klaviyo/orders', orderOf('1001'))).status).toBe(202);
    expect((await post('/orders', orderOf('1002'))).status).toBe(404);
    expect((await handler(new Request('http://x/api/klaviyo/healthz'))).status).toBe(200);
  });

  it.each(['api', '/api', 'api/', '/api/', '//api//'])('may be written %s', async (basePath) => {
    const { post, handler } = await start({ basePath });
    expect((await post('/api/orders', orderOf('1001'))).status).toBe(202);
    expect((await handler(new Request('http://x/healthz'))).status).toBe(404);
  });
});

describe('the request id', () => {
  it('is given back, and goes through to Klaviyo’s answer in the log', async () => {
    const { handler, clock, lines } = await start();
    const request = signedRequest('/orders', orderOf('1001'), { at: startAt });
    request.headers.set('x-request-id', 'checkout-77');
    expect((await handler(request)).headers.get('x-request-id')).toBe('checkout-77');
    await clock.advance(100);
    const own = lines.filter((line) => line.includes('checkout-77'));
    expect(own[0]).toMatch(/^accepted/);
    expect(own.filter((line) => line.startsWith('delivered'))).toHaveLength(3);
  });

  it('is a new one when the given one is none', async () => {
    const { handler } = await start();
    const headers = { 'x-request-id': 'ada@shop.test "quoted"' };
    const response = await handler(new Request('http://x/healthz', { headers }));
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('the log', () => {
  it('has no address, name or key, whatever happens', async () => {
    const { post, klaviyo, clock, lines } = await start();
    klaviyo.addFault({ status: 400, detail: 'Invalid ada@shop.test-mail.net', times: 1 });
    await post('/orders', orderOf('1001', { shippingAddress: { lastName: 'Lovelace' } }));
    await post('/orders', orderOf('1002', { customer: { email: 'no address' } }));
    await post('/orders', orderOf('1003'), { at: 0 });
    await clock.advance(10_000);
    const text = lines.join().toLowerCase();
    for (const word of ['ada@', 'lovelace', 'no address', 'encrypted.', privateKey, secret]) {
      expect(text).not.toContain(word.toLowerCase());
    }
    expect(lines.length).toBeGreaterThan(3);
  });
});

describe('GET', () => {
  const get = (path: string) => new Request(`http://shop.test${path}`);

  it('/healthz says that the process is there', async () => {
    const { handler } = await start();
    expect((await handler(get('/healthz'))).status).toBe(200);
    expect((await handler(new Request('http://x/healthz', { method: 'POST' }))).status).toBe(405);
  });

  it('/readyz says how it is going', async () => {
    const { handler, post, klaviyo, clock } = await start();
    klaviyo.addFault({ status: 401 });
    await post('/orders', orderOf('1001'));
    await clock.advance(5000);
    const response = await handler(get('/readyz'));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      ...{ ready: true, store: 'reachable', delivery: 'denied', waiting: 3, givenUp: 0 },
      oldestWaitingMs: 5000,
    });
  });

  it('/readyz is 503 when the store does not answer', async () => {
    const stats = async () => {
      throw new Error('gone');
    };
    const { handler } = await start({}, { stats });
    const response = await handler(get('/readyz'));
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ ready: false, store: 'unreachable' });
  });

  it('/readyz is 503 when nothing delivers any more', async () => {
    const { handler, clock } = await start();
    void handler.close();
    await clock.advance(0);
    expect((await handler(get('/readyz'))).status).toBe(503);
  });

  it('/metrics counts orders, events and refusals', async () => {
    const { handler, post, clock } = await start();
    await post('/orders', orderOf('1001'));
    await post('/orders', orderOf('1001'));
    await post('/orders', {});
    await clock.advance(1000);
    const response = await handler(get('/metrics'));
    expect(response.headers.get('content-type')).toContain('text/plain');
    const text = await response.text();
    for (const line of [
      'klaviyo_orders_accepted_total{action="placed"} 1',
      'klaviyo_orders_duplicate_total{action="placed"} 1',
      'klaviyo_requests_refused_total{status="422"} 1',
      'klaviyo_events_delivered_total{metric="Ordered Product"} 2',
      'klaviyo_outbox_waiting 0',
      'klaviyo_delivery_seconds_count 3',
      'klaviyo_accept_seconds_bucket{le="+Inf"} 2',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
  });
});

describe('the options', () => {
  // What `process.env.NAME!` gives where NAME is missing.
  const notSet = undefined as unknown as string;

  it.each<[string, Partial<OrderHandlerOptions>, RegExp]>([
    ['no secret', { signingSecrets: [] }, /signingSecrets must be whsec_/],
    ['a short secret', { signingSecrets: [secret, 'whsec_c2hvcnQ='] }, /openssl rand/],
    ['a secret that is not set', { signingSecrets: [notSet] }, /signingSecrets must be whsec_/],
    ['a public key', { klaviyo: { privateKey: 'AbC123' } }, /private API key/],
    ['a key that is not set', { klaviyo: { privateKey: notSet } }, /private API key/],
    ['a platform’s secret that is not set', { shopifySecrets: [notSet] }, /shopifySecrets/],
    ['a platform’s secret of nothing', { woocommerceSecrets: [' '] }, /woocommerceSecrets/],
  ])('with %s can’t work', async (_, over, message) => {
    await expect(start(over)).rejects.toThrow(message);
    await expect(start(over)).rejects.not.toThrow(/c2hvcnQ|AbC123/);
  });
});

it('a platform’s route takes only its own signature', async () => {
  const { handler } = await start({ shopifySecrets: ['shopify-secret'] });
  const body = '{"id":1}';
  const send = (key: string) =>
    handler(
      new Request('http://shop.test/webhooks/shopify', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...{ 'x-shopify-topic': 'products/create', 'x-shopify-hmac-sha256': hmac(key, body) },
        },
        body,
      }),
    );
  expect((await send('other')).status).toBe(401);
  const response = await send('shopify-secret');
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ ignored: 'no such topic' });
});
