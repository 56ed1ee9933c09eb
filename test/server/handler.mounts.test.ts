// The handler where shops mount it: each over a real socket, but for what has none.
import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import { Hono } from 'hono';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createOrderHandler, type OrderHandler } from '../../src/server/handler.js';
import type { OrderHandlerOptions } from '../../src/server/handler-options.js';
import { createSqliteOutbox } from '../../src/server/sqlite-outbox.js';
import { hmac, orderOf, privateKey, secret, signed, signedRequest } from './orders.js';

async function create(over: Partial<OrderHandlerOptions> = {}): Promise<OrderHandler> {
  const outbox = await createSqliteOutbox({ path: ':memory:' });
  const handler = createOrderHandler({
    ...{ outbox, klaviyo: { privateKey }, signingSecrets: [secret], worker: false },
    ...over,
  });
  onTestFinished(async () => {
    await handler.close();
    await outbox.close();
  });
  return handler;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

/** Orders as a shop's backend and a platform send them, below an address; their statuses. */
async function statusesAt(url: string): Promise<Record<string, number>> {
  const body = JSON.stringify(orderOf('A/1 Zoë'));
  const post = async (path: string, text: string, headers = signed(text), more = {}) =>
    (await fetch(`${url}${path}`, { method: 'POST', headers, body: text, ...more })).status;
  const change = JSON.stringify({ total: 43.5, currency: 'EUR' });
  const stream = new Blob([body]).stream();
  return {
    placed: await post('/orders', body),
    again: (
      await fetch(`${url}/orders`, {
        ...{ method: 'POST', headers: signed(body), body: stream },
        ...({ duplex: 'half' } as object),
      })
    ).status,
    canceled: await post(`/orders/${encodeURIComponent('A/1 Zoë')}/canceled`, change),
    unsigned: await post('/orders', body, { ...signed(body), 'webhook-signature': 'v1,AAAA' }),
    platform: await post('/webhooks/shopify', '{ "id" : 1 }', {
      ...signed('{}'),
      ...{ 'x-shopify-topic': 'products/create' },
      ...{ 'x-shopify-hmac-sha256': hmac('platform', '{ "id" : 1 }') },
    }),
    healthz: (await fetch(`${url}/healthz`)).status,
    wrongMethod: (await fetch(`${url}/orders`)).status,
    elsewhere: (await fetch(`${url}/order`)).status,
  };
}

const expected = {
  ...{ placed: 202, again: 200, canceled: 202, unsigned: 401, platform: 200 },
  ...{ healthz: 200, wrongMethod: 405, elsewhere: 404 },
};

describe('the handler', () => {
  it("answers in Node's own server", async () => {
    const handler = await create({ shopifySecrets: ['platform'] });
    const url = await listen(createServer(getRequestListener(handler)));
    expect(await statusesAt(url)).toEqual(expected);
  });

  it('answers below a path of an Express app, before its body parser, and leaves the rest alone', async () => {
    const handler = await create({ shopifySecrets: ['platform'] });
    const app = express();
    app.use('/klaviyo', getRequestListener(handler));
    app.use(express.json());
    app.post('/cart', (request, response) => void response.json(request.body));
    const url = await listen(createServer(app));
    expect(await statusesAt(`${url}/klaviyo`)).toEqual(expected);
    const headers = { 'content-type': 'application/json' };
    const cart = await fetch(`${url}/cart`, { method: 'POST', headers, body: '{"a":1}' });
    expect(await cart.json()).toEqual({ a: 1 });
  });

  it('says in the log what is wrong when a body parser was there first', async () => {
    const lines: string[] = [];
    const write = (_: unknown, message: string) => void lines.push(message);
    const handler = await create({ log: { info: write, warn: write, error: write } });
    const app = express();
    app.use(express.json());
    app.use('/klaviyo', getRequestListener(handler));
    const url = await listen(createServer(app));
    const body = JSON.stringify(orderOf('1001'));
    const response = await fetch(`${url}/klaviyo/orders`, {
      ...{ method: 'POST', headers: signed(body), body },
    });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('parser');
    expect(lines.join()).toMatch(/body was read before.*body parser/);
  });

  it('answers in Hono, mounted or called with a base path', async () => {
    const mounted = await create({ shopifySecrets: ['platform'] });
    const called = await create({ shopifySecrets: ['platform'], basePath: '/api/klaviyo' });
    const app = new Hono();
    app.mount('/klaviyo', mounted);
    app.all('/api/klaviyo/*', (context) => called(context.req.raw));
    app.get('/shop', (context) => context.text('shop'));
    const url = await listen(createServer(getRequestListener(app.fetch)));
    expect(await statusesAt(`${url}/klaviyo`)).toEqual(expected);
    expect(await statusesAt(`${url}/api/klaviyo`)).toEqual(expected);
    expect(await (await fetch(`${url}/shop`)).text()).toBe('shop');
  });

  it('is a route handler of Next, which calls it with a request of its own and a context', async () => {
    class NextRequest extends Request {
      readonly nextUrl = new URL(this.url);
    }
    const handler = await create({ basePath: '/api/klaviyo' });
    const routes: Record<
      'GET' | 'POST',
      (request: NextRequest, context: { params: Promise<{ path: string[] }> }) => Promise<Response>
    > = { GET: handler, POST: handler };
    const context = { params: Promise.resolve({ path: ['orders'] }) };
    const order = signedRequest('/api/klaviyo/orders', orderOf('1001'));
    expect((await routes.POST(new NextRequest(order), context)).status).toBe(202);
    const health = new NextRequest('http://shop.test/api/klaviyo/healthz');
    expect((await routes.GET(health, context)).status).toBe(200);
  });
});
