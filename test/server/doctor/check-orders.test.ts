import { describe, expect, it } from 'vitest';
import { serverEnv } from '../../../src/server/env.js';
import type { OrderServer } from '../../../src/server/node.js';
import {
  diagnose,
  environmentOf,
  nowhere,
  serve,
  startDoctor,
  startOrders,
} from '../../helpers/start-doctor.js';
import { startSandbox } from '../../sandbox/requests.js';
import { orderOf, privateKey, secret, signed } from '../orders.js';

const groups = ['orders'] as const;
const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;

const environmentFor = (ordersUrl: string, over: Record<string, string> = {}) =>
  environmentOf('http://127.0.0.1:9', {
    ...{ ORDER_ENDPOINT_URL: ordersUrl, ORDER_SIGNING_SECRET: secret, ...over },
  });

const waitingIn = async ({ url }: OrderServer): Promise<number> =>
  ((await (await fetch(`${url}/readyz`)).json()) as { waiting: number }).waiting;

describe('the order endpoint', () => {
  it('is reachable, ready, and takes the secret, and no order is made', async () => {
    const sandbox = await startSandbox();
    const server = await startOrders({
      ...{
        apiHost: sandbox.url,
        shopifySecrets: ['shopify’s own'],
        woocommerceSecrets: ['woo, &'],
      },
    });
    const run = await diagnose(
      environmentFor(`${server.url}/`, {
        SHOPIFY_WEBHOOK_SECRET: 'shopify’s own',
        WOOCOMMERCE_WEBHOOK_SECRET: 'woo, &',
      }),
      { groups },
    );
    const mine = run.results.filter(({ group }) => group === 'orders');
    expect(mine.map(({ id, status }) => [id, status])).toEqual([
      ...[
        ['order-endpoint', 'passed'],
        ['order-health', 'passed'],
        ['order-ready', 'passed'],
      ],
      ...[
        ['order-clock', 'passed'],
        ['order-signature', 'passed'],
      ],
      ...[
        ['order-shopify', 'passed'],
        ['order-woocommerce', 'passed'],
      ],
    ]);
    expect(await waitingIn(server)).toBe(0);
    expect(sandbox.requests()).toEqual([]);
  });

  it('is skipped where there is none', async () => {
    const { results } = await diagnose({}, { groups });
    const mine = results.filter(({ group }) => group === 'orders');
    expect(mine).toHaveLength(7);
    for (const { status, message } of mine) {
      expect([status, message]).toEqual([
        'skipped',
        expect.stringContaining('ORDER_ENDPOINT_URL is not set'),
      ]);
    }
  });

  it('has another secret', async () => {
    const server = await startOrders();
    const run = await diagnose(environmentFor(server.url, { ORDER_SIGNING_SECRET: other }), {
      groups,
    });
    expect(run.failures()).toEqual(['order-signature']);
    expect(run.messageOf('order-signature')).toContain('refuses ORDER_SIGNING_SECRET (401)');
  });

  it('has one of two secrets', async () => {
    const server = await startOrders();
    const run = await diagnose(
      environmentFor(server.url, { ORDER_SIGNING_SECRET: `${secret} ${other}` }),
      { groups },
    );
    expect(run.messageOf('order-signature')).toContain('ORDER_SIGNING_SECRET number 2 of 2');
  });

  it('is down', async () => {
    const run = await diagnose(environmentFor(await nowhere()), { groups });
    expect(run.failures()).toEqual(['order-endpoint']);
    expect(run.messageOf('order-endpoint')).toContain('nothing listens there. Is it running');
    expect(run.statusOf('order-signature')).toBe('skipped');
  });

  it('is somewhere else', async () => {
    const server = await startOrders();
    const run = await diagnose(environmentFor(`${server.url}/api/klaviyo`), { groups });
    expect(run.failures()).toEqual(['order-endpoint']);
    expect(run.messageOf('order-endpoint')).toContain('its base path included?');
  });

  it('hangs, and the check ends in time', async () => {
    let arrived = (): void => undefined;
    const hasArrived = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const url = await serve(() => arrived());
    const { clock, done } = startDoctor(environmentFor(url), { groups });
    await hasArrived;
    await clock.advance(10_000);
    const run = await done;
    expect(run.failures()).toEqual(['order-endpoint']);
    expect(run.messageOf('order-endpoint')).toContain('no end within 10 s');
  });

  it.each([
    [202, 'it takes what nobody has signed (202)'],
    [301, 'it leads elsewhere (301)'],
    [500, 'answers 500 to what is not signed'],
  ])('is another program that answers %d', async (status, words) => {
    const url = await serve((_, response) => response.writeHead(status, { location: '/' }).end());
    const run = await diagnose(environmentFor(url), { groups });
    expect(run.failures()).toEqual(['order-endpoint']);
    expect(run.messageOf('order-endpoint')).toContain(words);
  });

  it('keeps its health off the internet', async () => {
    const server = await startOrders();
    const url = await serve((request, response) => {
      if (request.url !== '/orders') {
        response.writeHead(404).end();
        return;
      }
      const parts: Buffer[] = [];
      request
        .on('data', (part) => parts.push(part))
        .on('end', async () => {
          const headers = Object.entries(request.headers)
            .filter(([name]) => /^(webhook-|content-type)/.test(name))
            .map(([name, value]): [string, string] => [name, `${value}`]);
          const answer = await fetch(`${server.url}/orders`, {
            method: 'POST',
            headers,
            body: Buffer.concat(parts),
          });
          response.writeHead(answer.status).end(await answer.text());
        });
    });
    const run = await diagnose(environmentFor(url), { groups });
    expect(run.failures()).toEqual([]);
    expect(run.statusOf('order-health')).toBe('skipped');
    expect(run.messageOf('order-ready')).toContain('/readyz answers 404 from here');
    expect(run.statusOf('order-signature')).toBe('passed');
  });

  it('has a key that Klaviyo refuses', async () => {
    const sandbox = await startSandbox({ privateKeys: {} });
    const server = await startOrders({ apiHost: sandbox.url });
    const body = JSON.stringify(orderOf('1001'));
    await fetch(`${server.url}/orders`, { method: 'POST', headers: signed(body), body });
    await sandbox.waitFor(({ requests }) => requests().some(({ status }) => status === 401));
    await expect
      .poll(async () => (await (await fetch(`${server.url}/readyz`)).json()).delivery)
      .toBe('denied');
    const run = await diagnose(environmentFor(server.url), { groups });
    expect(run.failures()).toEqual(['order-ready']);
    expect(run.messageOf('order-ready')).toContain('Klaviyo refuses its key, and orders wait');
  });

  it.each([
    [{ store: 'unreachable', delivery: 'running' }, 'its store does not answer'],
    [{ store: 'reachable', delivery: 'dead' }, 'it has stopped delivering'],
    ['a page', 'answers 503, and not as the order endpoint does'],
  ])('is not ready: %j', async (body, words) => {
    const url = await serve((request, response) => {
      const isReady = request.url === '/readyz';
      response.writeHead(request.url === '/orders' ? 401 : isReady ? 503 : 200);
      response.end(isReady ? JSON.stringify(body) : '{"ok":true}');
    });
    const run = await diagnose(environmentFor(url), { groups });
    expect(run.messageOf('order-ready')).toContain(words);
    expect(run.failures()).toContain('order-ready');
  });

  it('tells of what Klaviyo has refused for good', async () => {
    const state = { store: 'reachable', delivery: 'running', waiting: 3, givenUp: 2 };
    const url = await serve((request, response) => {
      response.writeHead(request.url === '/orders' ? 401 : 200).end(JSON.stringify(state));
    });
    const { messageOf, statusOf } = await diagnose(environmentFor(url), { groups });
    expect(statusOf('order-ready')).toBe('passed');
    expect(messageOf('order-ready')).toBe(
      'delivery is running, 3 events wait. Klaviyo has refused 2 for good: see them with npx klaviyo-storefront outbox list.',
    );
    // No endpoint of ours answers its health like that.
    expect(statusOf('order-health')).toBe('failed');
  });

  it('has a clock of its own', async () => {
    const server = await startOrders();
    const env = { ...serverEnv(), now: () => Date.now() - 400_000 };
    const run = await diagnose(environmentFor(server.url), { groups, env });
    expect(run.failures()).toEqual(['order-clock', 'order-signature']);
    expect(run.messageOf('order-clock')).toMatch(/(39\d|400) s behind the endpoint’s/);
  });

  it.each(['shopify', 'woocommerce'])('has another secret of %s, or none', async (platform) => {
    const variable = `${platform.toUpperCase()}_WEBHOOK_SECRET`;
    const environment = { [variable]: 'the secret of a shop' };
    const server = await startOrders({ [`${platform}Secrets`]: ['another one'] });
    const run = await diagnose(environmentFor(server.url, environment), { groups });
    expect(run.failures()).toEqual([`order-${platform}`]);
    expect(run.messageOf(`order-${platform}`)).toContain(`refuses ${variable} (401)`);
    const bare = await startOrders();
    const second = await diagnose(environmentFor(bare.url, environment), { groups });
    expect(second.messageOf(`order-${platform}`)).toContain('no such route (404)');
    for (const { message } of run.results) {
      for (const word of ['the secret of', secret, privateKey]) expect(message).not.toContain(word);
    }
  });
});
