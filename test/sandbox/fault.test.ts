import { describe, expect, it } from 'vitest';
import type { Fault, Sandbox } from '../../src/sandbox/index.js';
import { bulkOf, errorsOf, eventBody, post, profileBody, startSandbox } from './requests.js';

const status = async (answer: Promise<Response>) =>
  answer.then(
    (response) => response.status,
    () => 'network error',
  );
const send = (sandbox: Sandbox, uniqueId = 'a', metric = 'Viewed Product') =>
  post(sandbox, 'events', eventBody({ unique_id: uniqueId }, metric));

describe('which requests a fault meets', () => {
  it('is every client request until it is cleared', async () => {
    const sandbox = await startSandbox();
    sandbox.addFault({ status: 500 });
    expect(await status(send(sandbox))).toBe(500);
    expect(await status(post(sandbox, 'profiles', profileBody()))).toBe(500);
    sandbox.clearFaults();
    expect(await status(send(sandbox))).toBe(202);
    expect(sandbox.events()).toHaveLength(1);
  });

  it('can be those to one endpoint', async () => {
    const sandbox = await startSandbox();
    sandbox.addFault({ status: 503, endpoint: 'event-bulk-create' });
    expect(await status(send(sandbox))).toBe(202);
    expect(await status(post(sandbox, 'event-bulk-create', bulkOf('b')))).toBe(503);
  });

  it('can be those with an event of one metric', async () => {
    const sandbox = await startSandbox();
    const id = sandbox.addFault({ status: 400, metric: 'Poison' });
    expect(await status(send(sandbox, 'a'))).toBe(202);
    expect(await status(send(sandbox, 'b', 'Poison'))).toBe(400);
    expect(sandbox.requests().map((request) => request.faultId)).toEqual([undefined, id]);
  });

  it('can be a number of them, counted down by requests at the same time too', async () => {
    const sandbox = await startSandbox();
    sandbox.addFault({ status: 500, times: 3 });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => status(send(sandbox, `${index}`))),
    );
    expect(answers.filter((answer) => answer === 500)).toHaveLength(3);
    expect(sandbox.events()).toHaveLength(5);
  });

  it('falls to the oldest fault first', async () => {
    const sandbox = await startSandbox();
    sandbox.addFault({ status: 500, times: 1 });
    sandbox.addFault({ status: 503, times: 1 });
    expect([await status(send(sandbox)), await status(send(sandbox))]).toEqual([500, 503]);
  });
});

describe('a fault that answers', () => {
  it('gives 429 with Retry-After, which CORS exposes or not', async () => {
    const sandbox = await startSandbox();
    sandbox.addFault({ status: 429, retryAfterSeconds: 7, times: 1 });
    const open = await send(sandbox);
    expect(open.headers.get('retry-after')).toBe('7');
    expect(open.headers.get('access-control-expose-headers')).toContain('Retry-After');
    const [error] = await errorsOf(open);
    expect(error?.detail).toBe('Request was throttled. Expected available in 7 seconds.');
    sandbox.addFault({ status: 429, retryAfterSeconds: 7, exposeRetryAfter: false, times: 1 });
    const closed = await send(sandbox);
    expect(closed.headers.get('access-control-expose-headers')).not.toContain('Retry-After');
    expect(sandbox.events()).toEqual([]);
  });

  it('gives the detail it is told', async () => {
    const sandbox = await startSandbox();
    sandbox.addFault({ status: 400, detail: 'No such thing.' });
    expect(await errorsOf(await send(sandbox))).toMatchObject([{ detail: 'No such thing.' }]);
    expect(sandbox.requests()[0]).toMatchObject({ status: 400, error: 'No such thing.' });
  });

  it('gives the pointer it is told', async () => {
    const sandbox = await startSandbox();
    const pointer = '/data/attributes/phone_number';
    sandbox.addFault({ status: 400, pointer });
    const [error] = await errorsOf(await send(sandbox));
    expect(error).toMatchObject({ code: 'invalid', source: { pointer } });
    expect(sandbox.requests()[0]?.error).toContain(`(${pointer})`);
    sandbox.clearFaults();
    sandbox.addFault({ status: 400 });
    const [other] = await errorsOf(await send(sandbox));
    expect(other).not.toHaveProperty('source');
  });

  it('gives a challenge page in HTML', async () => {
    const sandbox = await startSandbox();
    sandbox.addFault({ html: true, times: 1 });
    const page = await send(sandbox);
    expect(page.status).toBe(403);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('<html>');
    sandbox.addFault({ html: true, status: 503, retryAfterSeconds: 2 });
    const other = await send(sandbox);
    expect([other.status, other.headers.get('retry-after')]).toEqual([503, '2']);
  });

  it('can leave the CORS headers off an answer that was processed', async () => {
    const sandbox = await startSandbox();
    sandbox.addFault({ withoutCors: true });
    const response = await send(sandbox);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(sandbox.events()).toHaveLength(1);
  });
});

describe('a fault of the connection', () => {
  it('breaks it before the request is processed', async () => {
    const sandbox = await startSandbox();
    sandbox.addFault({ reset: 'before', times: 1 });
    expect(await status(send(sandbox))).toBe('network error');
    expect(sandbox.events()).toEqual([]);
    expect(sandbox.requests()).toMatchObject([{ status: 'reset', uniqueIds: ['a'] }]);
    expect(await status(send(sandbox))).toBe(202);
  });

  it('breaks it after the request is processed and recorded', async () => {
    const sandbox = await startSandbox();
    sandbox.addFault({ reset: 'after', times: 1 });
    expect(await status(send(sandbox))).toBe('network error');
    expect(sandbox.events()).toHaveLength(1);
    expect(await status(send(sandbox))).toBe(202);
    expect(sandbox.events()).toMatchObject([{ uniqueId: 'a', duplicates: 1 }]);
  });

  it('hangs until the faults are cleared', async () => {
    const sandbox = await startSandbox();
    sandbox.addFault({ hang: true });
    const answer = status(send(sandbox));
    await sandbox.waitFor(() => sandbox.requests().length === 1);
    expect(sandbox.requests()).toMatchObject([{ status: 'hang' }]);
    sandbox.clearFaults();
    expect(await answer).toBe('network error');
    expect(sandbox.events()).toEqual([]);
  });

  it('hangs until the sender gives up', async () => {
    const sandbox = await startSandbox();
    sandbox.addFault({ hang: true });
    const giveUp = new AbortController();
    const answer = post(sandbox, 'events', eventBody(), { signal: giveUp.signal });
    await sandbox.waitFor(() => sandbox.requests().length === 1);
    giveUp.abort();
    await expect(answer).rejects.toThrow(/abort/i);
  });

  it('gives the head at once and the end of the body later', async () => {
    const sandbox = await startSandbox();
    sandbox.addFault({ status: 500, slowBodyMs: 60_000 });
    const response = await send(sandbox);
    expect(response.status).toBe(500);
    const body = response.text().catch(() => '');
    await sandbox.close();
    expect(await body).toBe('');
  });

  it('gives the whole body when it is slow but not too slow', async () => {
    const sandbox = await startSandbox();
    sandbox.addFault({ slowBodyMs: 5, times: 1 });
    const accepted = await send(sandbox);
    expect([accepted.status, await accepted.text()]).toEqual([202, '']);
    sandbox.addFault({ status: 400, slowBodyMs: 5 });
    expect(await errorsOf(await send(sandbox))).toHaveLength(1);
    expect(sandbox.events()).toHaveLength(1);
  });

  it.each<Fault>([{}, { status: 400 }])(
    'breaks off in the middle of the body (%o)',
    async (fault) => {
      const sandbox = await startSandbox();
      sandbox.addFault({ ...fault, truncateBody: true });
      const response = await send(sandbox);
      expect(response.status).toBe(fault.status ?? 202);
      await expect(response.text()).rejects.toThrow();
      expect(sandbox.events()).toHaveLength(fault.status ? 0 : 1);
    },
  );

  it('delays a request, which is still listed where it arrived', async () => {
    const sandbox = await startSandbox();
    sandbox.addFault({ delayMs: 200, metric: 'Late', times: 1 });
    const order: string[] = [];
    const late = send(sandbox, 'late', 'Late').then(() => order.push('late'));
    // It has arrived when it has used the fault up.
    let isOnItsWay = true;
    while (isOnItsWay) {
      const state = await fetch(`${sandbox.url}/__sandbox/state`);
      const { faults } = (await state.json()) as { faults: unknown[] };
      isOnItsWay = faults.length > 0;
    }
    await send(sandbox, 'early').then(() => order.push('early'));
    await late;
    expect(order).toEqual(['early', 'late']);
    expect(sandbox.requests().map((request) => request.uniqueIds)).toEqual([['late'], ['early']]);
  });
});

describe('addFault', () => {
  it.each([
    [{ statsu: 500 }, /no field 'statsu'/],
    [{ status: 700 }, /'status' cannot be 700/],
    [{ pointer: 'phone_number' }, /'pointer' cannot be "phone_number"/],
    [{ retryAfterSeconds: 1.5 }, /'retryAfterSeconds' cannot be 1.5/],
    [{ retryAfterSeconds: 1e308 }, /'retryAfterSeconds' cannot be 1e\+308/],
    [{ delayMs: 2 ** 31 }, /'delayMs' cannot be 2147483648/],
    [{ slowBodyMs: 1e308 }, /'slowBodyMs' cannot be 1e\+308/],
    [{ times: 0 }, /'times' cannot be 0/],
    [{ endpoint: 'orders' }, /'endpoint' cannot be "orders"/],
    [{ reset: true }, /'reset' cannot be true/],
    [{ slowBodyMs: '5' }, /'slowBodyMs'/],
    ['500', /is an object/],
  ])('throws on %o, which would otherwise test nothing', async (fault, message) => {
    const sandbox = await startSandbox();
    expect(() => sandbox.addFault(fault as Fault)).toThrow(message);
  });
});
