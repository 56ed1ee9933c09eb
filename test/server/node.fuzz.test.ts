// Hostile requests against a server of its own process. 1500 in `npm test`, 20,000 with `npm run test:hostile`.
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import fc, { seed } from '../helpers/fast-check.js';
import { bundleServer } from '../helpers/spawn-server.js';
import { startSandbox } from '../sandbox/requests.js';
import { hmac, orderOf, privateKey, secret, signed } from './orders.js';

const total = Number(process.env.REQUESTS ?? 1500);
/** Senders who never finish stay until the end: they may not take the place of others. */
const stalledMax = 200;
const lanes = 16;

let bundle: Awaited<ReturnType<typeof bundleServer>>;
beforeAll(async () => {
  bundle = await bundleServer();
});
afterAll(() => bundle.remove());

type Headers = Record<string, string>;
interface Hostile {
  path: string;
  method: string;
  headers: Headers;
  body: Buffer;
  /** How it is put on the wire. */
  wire: 'whole' | 'chunked' | 'cut' | 'stalled' | 'longer' | 'no-length';
}

const latin = fc.string({
  unit: fc.integer({ min: 32, max: 126 }).map((c) => String.fromCharCode(c)),
  maxLength: 60,
});
const json = fc.jsonValue({ maxDepth: 4, noUnicodeString: false });
const names = Object.keys(orderOf('1'));

/** An order with one thing about it changed, or anything at all. */
const mutated = fc
  .tuple(fc.constantFrom(...names, '__proto__', 'constructor', 'x'), json, fc.uuid())
  .map(([name, value, id]) =>
    JSON.stringify({ ...orderOf(id), [name]: value }).replace('"x":', '"__proto__":'),
  );
const deep = fc
  .integer({ min: 10, max: 20_000 })
  .map((depth) => `{"properties":${'['.repeat(depth)}${']'.repeat(depth)}}`);
const text = fc.oneof(
  { arbitrary: fc.uuid().map((id) => JSON.stringify(orderOf(id))), weight: 4 },
  { arbitrary: mutated, weight: 5 },
  { arbitrary: json.map((value) => JSON.stringify(value) ?? ''), weight: 2 },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 500 }), weight: 1 },
  { arbitrary: deep, weight: 1 },
  {
    arbitrary: fc.constantFrom(
      '',
      '{',
      '[]',
      'null',
      '1e999',
      '"\\ud800"',
      '{"id":"\\u0000"}',
      '\ufeff{}',
    ),
    weight: 1,
  },
);
const body = fc.oneof(
  { arbitrary: text.map((each) => Buffer.from(each)), weight: 30 },
  { arbitrary: fc.uint8Array({ maxLength: 400 }).map((each) => Buffer.from(each)), weight: 3 },
  {
    arbitrary: fc.integer({ min: 900_000, max: 1_300_000 }).map((size) => Buffer.alloc(size, '[')),
    weight: 1,
  },
);
const path = fc.oneof(
  {
    arbitrary: fc.constantFrom(
      '/orders',
      '/webhooks/shopify',
      '/webhooks/woocommerce',
      '/orders/1/refunded',
      '/orders/%00/canceled',
      '/orders/%ff/fulfilled',
    ),
    weight: 6,
  },
  { arbitrary: latin.map((each) => `/${each.replace(/[ ?#]/g, '')}`), weight: 1 },
  {
    arbitrary: fc.constantFrom('/metrics', '/readyz', '/healthz', '//', '/orders/../..', '/?a=%'),
    weight: 1,
  },
);
const method = fc.oneof(
  { arbitrary: fc.constant('POST'), weight: 30 },
  {
    arbitrary: fc.constantFrom('GET', 'PUT', 'OPTIONS', 'DELETE', 'HEAD', 'TRACE', 'BREW'),
    weight: 1,
  },
);
const types = [
  'text/plain',
  'application/json; charset=utf-16',
  'application/x-www-form-urlencoded',
  '',
];
const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc
    .option(arbitrary, { nil: undefined, freq: 1 })
    .chain((value) =>
      fc.integer({ min: 1, max: 10 }).map((roll) => (roll === 1 ? value : undefined)),
    );
const topics = [
  'orders/create',
  'refunds/create',
  'order.updated',
  'order.created',
  'orders/cancelled',
];
const headers: fc.Arbitrary<Headers> = fc
  .tuple(
    rarely(fc.constantFrom(...types)).map((type) => type ?? 'application/json'),
    rarely(fc.constantFrom('gzip', 'br', 'identity', 'x')),
    rarely(latin),
    fc.constantFrom(...topics),
  )
  .map(([type, encoding, requestId, topic]) => ({
    'content-type': type,
    ...(encoding !== undefined && { 'content-encoding': encoding }),
    ...(requestId !== undefined && { 'x-request-id': requestId }),
    ...{ 'x-shopify-topic': topic, 'x-wc-webhook-topic': topic },
  }));
const signing = fc.oneof(
  { arbitrary: fc.constant('good'), weight: 6 },
  { arbitrary: fc.constantFrom('none', 'stale', 'other', 'mangled'), weight: 2 },
);
const wire = fc.oneof(
  { arbitrary: fc.constantFrom<Hostile['wire'][]>('whole', 'chunked'), weight: 12 },
  {
    arbitrary: fc.constantFrom<Hostile['wire'][]>('cut', 'stalled', 'longer', 'no-length'),
    weight: 1,
  },
);

function sign(kind: string, raw: Buffer): Headers {
  if (kind === 'none') return {};
  const content = raw.toString();
  const at = kind === 'stale' ? Date.now() - 400_000 : Date.now();
  const own = signed(content, {
    at,
    ...(kind === 'other' && { secret: `whsec_${'A'.repeat(40)}` }),
  });
  const mac = hmac(kind === 'other' ? 'x' : 'platform', raw);
  const all: Headers = { ...own, 'x-shopify-hmac-sha256': mac, 'x-wc-webhook-signature': mac };
  delete all['content-type'];
  if (kind === 'mangled') all['webhook-signature'] = `v1,${'v1 , '.repeat(100)}`;
  return all;
}

const hostile: fc.Arbitrary<Hostile> = fc
  .record({ path, method, headers, body, wire, signing })
  .map(({ signing: kind, ...rest }) => ({
    ...rest,
    headers: { ...rest.headers, ...sign(kind, rest.body) },
  }));

/** Writes it as it is, without a client that would put it right; resolves with the status, or 0. */
function send(
  url: string,
  { path: to, method: how, headers: fields, body: raw, wire: kind }: Hostile,
  stalled: Set<() => void>,
): Promise<number> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let heard = '';
    const end = () => {
      socket.destroy();
      resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(heard)?.[1] ?? 0));
    };
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1');
      if (kind !== 'stalled' && heard.includes('\r\n\r\n')) end();
    });
    socket.on('error', end);
    socket.on('close', end);
    const lines = Object.entries(fields).map(
      ([name, value]) => `${name}: ${value.replace(/[^\x20-\x7e]/g, '')}\r\n`,
    );
    const length = kind === 'longer' ? raw.length + 10 : raw.length;
    const framing =
      kind === 'chunked'
        ? 'transfer-encoding: chunked\r\n'
        : kind === 'no-length'
          ? ''
          : `content-length: ${length}\r\n`;
    socket.write(`${how} ${to} HTTP/1.1\r\nhost: shop.test\r\n${lines.join('')}${framing}\r\n`);
    if (kind === 'chunked')
      socket.write(
        Buffer.concat([
          Buffer.from(`${raw.length.toString(16)}\r\n`),
          raw,
          Buffer.from('\r\n0\r\n\r\n'),
        ]),
      );
    else if (kind === 'whole') socket.write(raw);
    else socket.write(raw.subarray(0, Math.floor(raw.length / 2)));
    if (kind === 'cut' || kind === 'longer' || kind === 'no-length') socket.end();
    if (kind !== 'stalled') return;
    // It stays, and the test goes on.
    stalled.add(end);
    if (stalled.size > stalledMax) {
      const [first] = stalled;
      if (first) {
        stalled.delete(first);
        first();
      }
    }
    resolve(0);
  });
}

describe('hostile requests', () => {
  it(`${total} of them end in no 5xx, no crash and no growth, and the next order works`, {
    timeout: 60_000 + total * 60,
  }, async () => {
    const sandbox = await startSandbox({ rateLimits: false });
    const server = await bundle.start({
      config: {
        ...{ privateKey, signingSecrets: [secret], apiHost: sandbox.url, database: ':memory:' },
        ...{ shopifySecrets: ['platform'], woocommerceSecrets: ['platform'] },
        ...{ port: 0, host: '127.0.0.1', logLevel: 'silent', maxWaiting: 10_000_000 },
      },
    });
    onTestFinished(() => server.kill('SIGKILL'));
    const stalled = new Set<() => void>();
    const statuses = new Map<number, number>();
    const bad: unknown[] = [];
    const requests = fc.sample(hostile, Math.min(total, 3000));
    let next = 0;
    const lane = async (until: number) => {
      while (next < until) {
        const request = requests[next++ % requests.length]!;
        const status = await send(server.url, request, stalled);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status >= 500) {
          bad.push({ status, seed, ...request, body: request.body.toString().slice(0, 300) });
        }
      }
    };
    const heapMb: number[] = [];
    for (const part of [0.2, 0.4, 0.6, 0.8, 1]) {
      await Promise.all(Array.from({ length: lanes }, () => lane(total * part)));
      for (const end of stalled) end();
      stalled.clear();
      heapMb.push(await server.heapMb());
    }
    const counted = [...statuses].sort(([a], [b]) => a - b).map(([status, n]) => `${status}: ${n}`);
    const held = heapMb.map((mb) => mb.toFixed(1)).join(' ');
    console.info(`seed ${seed}; ${counted.join(', ')}; holds ${held} MB`);
    expect(bad.slice(0, 3)).toEqual([]);
    expect(server.hasEnded(), server.said()).toBe(false);
    expect(server.said()).toBe('');
    // Both verdicts occur: it was heard, and it was heard out.
    const taken = (statuses.get(202) ?? 0) + (statuses.get(200) ?? 0);
    expect(taken).toBeGreaterThan(total / 50);
    expect(statuses.get(401)).toBeGreaterThan(total / 50);
    // Flat: what is held at the end was held after the first fifth.
    expect(Math.max(...heapMb.slice(1))).toBeLessThan((heapMb[0] ?? 0) + 10);

    const good = JSON.stringify(orderOf('the good one'));
    const response = await fetch(`${server.url}/orders`, {
      method: 'POST',
      headers: signed(good),
      body: good,
    });
    expect(response.status).toBe(202);
    await sandbox.waitFor(
      ({ events }) => events().some(({ uniqueId }) => uniqueId === 'the good one'),
      60_000,
    );
  });
});
