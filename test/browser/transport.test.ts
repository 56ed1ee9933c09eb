// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { readOptions } from '../../src/browser/options.js';
import { createTransport } from '../../src/browser/transport.js';
import { createOrigin } from '../helpers/fake-env.js';

interface Call {
  url: string;
  init: RequestInit;
}

/** A transport whose fetch is `answer`, and its calls. */
const create = (answer: () => Promise<Response>, options = {}) => {
  const origin = createOrigin();
  const calls: Call[] = [];
  const fetch = ((url: string, init: RequestInit) => {
    calls.push({ url, init });
    return answer();
  }) as typeof globalThis.fetch;
  const env = { ...origin.open().env, fetch };
  return {
    origin,
    calls,
    transport: createTransport(env, readOptions({ companyId: 'AbC123', ...options })),
  };
};
const accepted = async () => new Response(null, { status: 202 });
const never = () => new Promise<Response>(() => undefined);

describe('a request', () => {
  it.each([
    [undefined, 'https://a.klaviyo.com/client/events?company_id=AbC123'],
    ['https://shop.example/k/', 'https://shop.example/k/client/events?company_id=AbC123'],
    ['/k', '/k/client/events?company_id=AbC123'],
  ])('to apiHost %s goes to %s', async (apiHost, expected) => {
    const { transport, calls } = create(accepted, apiHost ? { apiHost } : {});
    await transport.send('events', '{}');
    expect(calls[0]!.url).toBe(expected);
  });

  it('has the headers that Klaviyo asks for, and no cookies', async () => {
    const { transport, calls } = create(accepted, { revision: '2027-01-15' });
    await transport.send('profiles', '{"a":1}');
    expect(calls[0]!.init).toMatchObject({
      method: 'POST',
      body: '{"a":1}',
      credentials: 'omit',
      headers: { revision: '2027-01-15', 'content-type': 'application/vnd.api+json' },
    });
  });

  it('is started before send() returns', () => {
    const { transport, calls } = create(never);
    void transport.send('events', '{}');
    expect(calls.length).toBe(1);
  });

  it('is keepalive as long as everything unfinished fits into 64 KiB', async () => {
    const { transport, calls } = create(never);
    void transport.send('events', 'x'.repeat(40_000));
    void transport.send('events', 'x'.repeat(30_000));
    expect(transport.keepaliveLeft()).toBe(20_000);
    void transport.send('events', 'ü'.repeat(11_000));
    void transport.send('events', 'ü'.repeat(9000));
    expect(calls.map(({ init }) => init.keepalive)).toEqual([true, false, false, true]);
  });

  it('gives its share of keepalive back when it ends, well or not', async () => {
    for (const answer of [accepted, () => Promise.reject(new TypeError('Failed to fetch'))]) {
      const { transport } = create(answer);
      const left = transport.keepaliveLeft();
      await transport.send('events', 'x'.repeat(50_000));
      expect(transport.keepaliveLeft()).toBe(left);
    }
  });
});

describe('the outcome', () => {
  it('is read from status, header and body', async () => {
    const headers = { 'retry-after': '7' };
    const { transport } = create(async () => new Response('why', { status: 429, headers }));
    expect(await transport.send('events', '{}')).toEqual({
      kind: 'throttled',
      status: 429,
      retryAfterMs: 7000,
      detail: 'why',
    });
  });

  it('waits until the date that a proxy says', async () => {
    const { transport, origin } = create(async () => {
      const at = new Date(origin.now() + 90_000).toUTCString();
      return new Response('', { status: 503, headers: { 'retry-after': at } });
    });
    const { retryAfterMs } = await transport.send('events', '{}');
    // An HTTP date has whole seconds.
    expect(retryAfterMs).toBeGreaterThan(88_999);
    expect(retryAfterMs).toBeLessThanOrEqual(90_000);
  });

  it.each(['', '0', '-5', 'soon', 'Thu, 01 Jan 1970 00:00:00 GMT'])(
    'does not wait for a Retry-After of %j',
    async (text) => {
      const headers = { 'retry-after': text };
      const { transport } = create(async () => new Response('', { status: 429, headers }));
      expect((await transport.send('events', '{}')).retryAfterMs).toBe(0);
    },
  );

  it.each<[string, () => Promise<Response>]>([
    ['a connection that fails', () => Promise.reject(new TypeError('Failed to fetch'))],
    ['an abort by any name', () => Promise.reject(new DOMException('x', 'TimeoutError'))],
    [
      'a fetch that another script has broken',
      () => {
        throw new Error('theirs');
      },
    ],
    ['an answer that is none', async () => undefined as never],
  ])('of %s is that of a broken network', async (_, answer) => {
    const { transport } = create(answer);
    expect(await transport.send('events', '{}')).toMatchObject({ kind: 'network', status: 0 });
  });

  it('follows the status though the body breaks', async () => {
    const broken = () =>
      new ReadableStream({ start: (controller) => controller.error(new Error('cut')) });
    for (const [status, kind] of [
      [202, 'delivered'],
      [400, 'rejected'],
      [503, 'server'],
    ] as const) {
      const { transport } = create(async () => new Response(broken(), { status }));
      expect((await transport.send('events', '{}')).kind).toBe(kind);
    }
  });

  it('is an abort after requestTimeoutMs', async () => {
    const { transport, calls, origin } = create(never, { requestTimeoutMs: 5000 });
    void transport.send('events', '{}');
    await origin.advance(4999);
    expect(calls[0]!.init.signal?.aborted).toBe(false);
    await origin.advance(1);
    expect(calls[0]!.init.signal?.aborted).toBe(true);
  });
});
