import { describe, expect, it } from 'vitest';
import { createKlaviyoApi } from '../../src/server/klaviyo-api.js';
import { createPrivateKlaviyo } from '../helpers/fake-private-klaviyo.js';
import { acceptanceOf, orderOf, privateKey } from './orders.js';

const [event, line] = acceptanceOf('1001').events;
if (!event || !line) throw new Error('An order has events.');

/** An API whose answer is given, and the calls it made. */
function answering(answer: () => Promise<Response>, options = {}) {
  const { env, clock } = createPrivateKlaviyo();
  const calls: { url: string; init: RequestInit }[] = [];
  const fetch = ((url: string, init: RequestInit) => {
    calls.push({ url, init });
    return answer();
  }) as typeof globalThis.fetch;
  const api = createKlaviyoApi({ ...env, fetch }, { privateKey, ...options });
  return { api, calls, clock };
}
const withBody =
  (status: number, body: string, headers = {}) =>
  async () =>
    new Response(body, { status, headers });
const errors = (detail: string, source = {}) => JSON.stringify({ errors: [{ detail, source }] });

describe('a request', () => {
  it('goes to Klaviyo with the private key, the revision and nothing to follow', async () => {
    const { api, calls } = answering(async () => new Response(null, { status: 202 }));
    expect((await api.sendEvent(event)).kind).toBe('delivered');
    expect(calls[0]?.url).toBe('https://a.klaviyo.com/api/events');
    expect(calls[0]?.init).toMatchObject({
      ...{ method: 'POST', redirect: 'manual' },
      headers: {
        authorization: `Klaviyo-API-Key ${privateKey}`,
        revision: '2026-07-15',
        accept: 'application/vnd.api+json',
        'content-type': 'application/vnd.api+json',
      },
    });
  });

  it('goes to another host and with another revision when asked', async () => {
    const { api, calls } = answering(async () => new Response(null, { status: 202 }), {
      apiHost: 'http://127.0.0.1:4000/',
      revision: '2027-01-15',
    });
    await api.sendBatch([event]);
    expect(calls[0]?.url).toBe('http://127.0.0.1:4000/api/event-bulk-create-jobs');
    expect(calls[0]?.init.headers).toMatchObject({ revision: '2027-01-15' });
  });

  it('is what the sandbox takes, alone and in bulk, each person once', async () => {
    const klaviyo = createPrivateKlaviyo();
    const api = createKlaviyoApi(klaviyo.env, { privateKey });
    const bo = orderOf('1002', { customer: { email: 'bo@shop.test-mail.net' } });
    const other = acceptanceOf('1002', {}, bo).events;
    expect((await api.sendEvent(event)).status).toBe(202);
    expect((await api.sendBatch([line, ...other])).status).toBe(202);
    expect(klaviyo.recorded()).toHaveLength(5);
    const job = JSON.stringify(klaviyo.bodies[1]?.body);
    expect(job.match(/"profile":/g)).toHaveLength(2);
  });

  it('ends after its time, and then there is no answer', async () => {
    const never = (_url: string, init: RequestInit) =>
      new Promise<Response>((_, reject) => {
        init.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      });
    const { env, clock } = createPrivateKlaviyo();
    const api = createKlaviyoApi({ ...env, fetch: never as typeof fetch }, { privateKey });
    const answer = api.sendEvent(event);
    await clock.advance(20_000);
    expect(await answer).toMatchObject({ kind: 'network', status: 0 });
  });
});

describe('an answer', () => {
  it.each<[string, number, string, string]>([
    ['in Klaviyo’s words', 400, errors('Invalid email.'), 'rejected'],
    ['about a parameter', 400, errors('revision', { parameter: 'revision' }), 'denied'],
    ['of a proxy', 400, '<html>Bad request</html>', 'denied'],
    ['of a challenge page', 403, '<html>Just a moment</html>', 'denied'],
    ['of a wrong address', 404, errors('Not found.'), 'denied'],
    ['of a redirect', 302, '', 'denied'],
    ['about the key', 401, errors('Not authenticated.'), 'denied'],
    ['of a conflict', 409, errors('Conflict.'), 'rejected'],
    ['about the size', 413, '', 'tooLarge'],
    ['of a broken Klaviyo', 500, '', 'server'],
    ['of Cloudflare', 522, '', 'server'],
    ['of the limiter', 429, errors('Expected available in 7 seconds.'), 'throttled'],
    ['that is JSON and no object', 400, 'null', 'denied'],
  ])('%s: %i is %s', async (_, status, body, kind) => {
    const { api } = answering(withBody(status, body));
    expect((await api.sendEvent(event)).kind).toBe(kind);
  });

  it.each([
    [400, 'network'],
    [413, 'network'],
    [202, 'delivered'],
  ])(
    '%i whose body breaks off is %s: nothing is given up for words nobody heard',
    async (status, kind) => {
      const body = new ReadableStream({ pull: (to) => to.error(new Error('reset')) });
      const { api } = answering(async () => new Response(body, { status }));
      expect((await api.sendEvent(event)).kind).toBe(kind);
    },
  );

  it('that is a page is not Klaviyo’s, whatever its status', async () => {
    const page = withBody(200, '<html>Sign in</html>', { 'content-type': 'text/html' });
    expect((await answering(page).api.sendEvent(event)).kind).toBe('denied');
  });

  it('says how long to stay away, and what is left of the limit', async () => {
    const headers = { 'Retry-After': '7', 'RateLimit-Remaining': '12', 'RateLimit-Reset': '30' };
    const { api } = answering(withBody(429, '', headers));
    expect(await api.sendEvent(event)).toMatchObject({
      ...{ retryAfterMs: 7000, remaining: 12, resetMs: 30_000 },
    });
  });
});
