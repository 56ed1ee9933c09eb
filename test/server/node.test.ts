import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ServerConfig } from '../../src/server/environment.js';
import { silentLog } from '../../src/server/log.js';
import { createOrderServer, openOutbox } from '../../src/server/node.js';
import { startSandbox } from '../sandbox/requests.js';
import { orderOf, privateKey, secret, signed } from './orders.js';

function temporaryFile(): string {
  const directory = mkdtempSync(join(tmpdir(), 'klaviyo-storefront-node-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'orders.db');
}

const configOf = (over: Partial<ServerConfig>): ServerConfig => ({
  ...{ privateKey, signingSecrets: [secret], shopifySecrets: [], woocommerceSecrets: [] },
  ...{ database: ':memory:', port: 0, host: '127.0.0.1', logLevel: 'silent' },
  ...over,
});

async function startServer(over: Partial<ServerConfig> = {}) {
  const server = await createOrderServer({ config: configOf(over), log: silentLog });
  onTestFinished(() => server.close());
  const post = (order: { id: string }, path = '/orders') => {
    const body = JSON.stringify(order);
    return fetch(`${server.url}${path}`, { method: 'POST', headers: signed(body), body });
  };
  return { server, post };
}

/** Writes raw bytes to a port; resolves with what comes back until the other side ends. */
const speak = (port: number, text: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let heard = '';
    socket.on('data', (bytes) => {
      heard += bytes;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(heard));
    socket.end(text);
  });

describe('the server', () => {
  it('takes an order over HTTP, and the sandbox records it', async () => {
    const sandbox = await startSandbox();
    const { post } = await startServer({ apiHost: sandbox.url });
    const response = await post(orderOf('1001'));
    expect(response.status).toBe(202);
    await sandbox.waitFor(({ events }) => events().length === 3);
    expect(sandbox.events().map(({ metric }) => metric)).toEqual([
      ...['Placed Order', 'Ordered Product', 'Ordered Product'],
    ]);
    expect((await post(orderOf('1001'))).status).toBe(200);
  });

  it('keeps an order while Klaviyo is away, over a restart, and sends it after', async () => {
    const sandbox = await startSandbox();
    const database = temporaryFile();
    const fault = sandbox.addFault({ reset: 'before' });
    const first = await startServer({ apiHost: sandbox.url, database });
    expect((await first.post(orderOf('1001'))).status).toBe(202);
    await sandbox.waitFor(({ requests }) => requests().length > 0);
    await first.server.close();
    expect(fault).toBeDefined();
    const outbox = await openOutbox(database);
    expect((await outbox.stats()).waiting).toBe(3);
    await outbox.close();
    sandbox.clearFaults();
    await startServer({ apiHost: sandbox.url, database });
    await sandbox.waitFor(({ events }) => events().length === 3, 15_000);
  });

  it('says when its port is taken, and lets go of the store', async () => {
    const { server } = await startServer();
    const database = temporaryFile();
    await expect(
      createOrderServer({ config: configOf({ port: server.port, database }), log: silentLog }),
    ).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await startServer({ database });
  });

  it('looks at its options before it opens the store', async () => {
    const config = configOf({ database: '/no/such/folder/orders.db', shopifySecrets: [''] });
    await expect(createOrderServer({ config, log: silentLog })).rejects.toThrow(/shopifySecrets/);
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n', /^HTTP\/1\.1 400/],
    ['no host', 'GET /healthz HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400/],
    [
      'a host that is none',
      'GET /healthz HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
    [
      'a whole address',
      'GET http://other/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      /^HTTP\/1\.1 200/,
    ],
    [
      'a path that climbs',
      'GET /../../healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      /^HTTP\/1\.1 200/,
    ],
    [
      'two lengths',
      'POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}',
      /^HTTP\/1\.1 400/,
    ],
  ])('answers %s and goes on', async (_, text, expected) => {
    const { server } = await startServer();
    expect(await speak(server.port, text)).toMatch(expected);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });

  it('finishes an order that is under way when it stops, and ends its connection', async () => {
    const { server } = await startServer();
    const body = JSON.stringify(orderOf('1001'));
    const head = Object.entries({ ...signed(body), 'content-length': `${body.length}` })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('');
    const socket = connect(server.port, '127.0.0.1');
    let heard = '';
    socket.on('data', (bytes) => {
      heard += bytes;
    });
    const ended = new Promise((resolve) => socket.on('close', resolve));
    socket.write(
      `POST /orders HTTP/1.1\r\nHost: x\r\n${head}Connection: keep-alive\r\n\r\n${body.slice(0, 50)}`,
    );
    await expect.poll(async () => (await fetch(`${server.url}/healthz`)).status).toBe(200);
    const closed = server.close();
    socket.write(body.slice(50));
    await ended;
    await closed;
    expect(heard).toMatch(/^HTTP\/1\.1 202/);
    expect(heard).toMatch(/connection: close/i);
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  });
});
