import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/index.js';
import { bulkOf, eventBody, post, startSandbox } from './requests.js';

const call = (sandbox: Sandbox, method: string, path: string, body?: unknown) =>
  fetch(`${sandbox.url}/__sandbox/${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const get = async (sandbox: Sandbox, path: string) =>
  (await call(sandbox, 'GET', path)).json() as Promise<unknown>;

describe('the control API', () => {
  it('lists events, profiles and requests as the methods do', async () => {
    const sandbox = await startSandbox();
    await post(sandbox, 'events', eventBody());
    expect(await get(sandbox, 'events')).toEqual(sandbox.events());
    expect(await get(sandbox, 'profiles')).toEqual(sandbox.profiles());
    expect(await get(sandbox, 'requests')).toEqual(sandbox.requests());
  });

  it('sets, shows and removes faults', async () => {
    const sandbox = await startSandbox();
    const set = await call(sandbox, 'POST', 'faults', { status: 500, times: 2 });
    expect(set.status).toBe(201);
    const { id } = (await set.json()) as { id: string };
    await call(sandbox, 'POST', 'faults', { status: 503 });
    await post(sandbox, 'events', eventBody());
    expect(await get(sandbox, 'state')).toMatchObject({
      url: sandbox.url,
      faults: [{ id, status: 500, remaining: 1 }, { status: 503 }],
      counts: { events: 0, requests: 1 },
    });
    expect((await call(sandbox, 'DELETE', `faults/${id}`)).status).toBe(200);
    expect((await call(sandbox, 'DELETE', `faults/${id}`)).status).toBe(404);
    expect(await get(sandbox, 'state')).toMatchObject({ faults: [{ status: 503 }] });
    await call(sandbox, 'DELETE', 'faults');
    expect(await get(sandbox, 'state')).toMatchObject({ faults: [] });
  });

  it('configures and resets', async () => {
    const sandbox = await startSandbox();
    const configured = await call(sandbox, 'POST', 'configure', { bulkDuplicates: 'discard' });
    expect(await configured.json()).toMatchObject({ options: { bulkDuplicates: 'discard' } });
    await post(sandbox, 'events', eventBody());
    await call(sandbox, 'POST', 'reset');
    expect(sandbox.events()).toEqual([]);
    expect(await get(sandbox, 'state')).toMatchObject({ options: { bulkDuplicates: 'discard' } });
  });

  it('takes what an account has before the first request', async () => {
    const sandbox = await startSandbox({ rateLimits: false });
    const give = async (name: string, fixture: unknown) => {
      const response = await call(sandbox, 'POST', name, fixture);
      return [response.status, await response.json()];
    };
    expect(await give('lists', { name: 'Newsletter' })).toEqual([201, { id: 'L00001' }]);
    expect(await give('metrics', { name: 'Placed Order' })).toEqual([201, { id: 'M00001' }]);
    expect(await give('segments', { name: 'Customers' })).toEqual([201, { id: 'S00001' }]);
    expect(await give('flows', { name: 'Welcome' })).toEqual([201, { id: 'F00001' }]);
    expect((await give('campaigns', { name: 'Summer', channel: 'email' }))[0]).toBe(201);
    expect(await give('campaigns', { name: 'Summer' })).toEqual([
      400,
      { error: "A campaign needs 'channel'." },
    ]);
    expect(await give('webhooks', { topic: 'event:api.placed_order' })).toEqual([201, []]);
    expect((await give('webhooks', { topic: 'event:api.nothing' }))[0]).toBe(400);
    expect(await give('confirm', { email: 'ada@shop.test-mail.net' })).toEqual([
      201,
      { confirmed: 0 },
    ]);
    expect(await get(sandbox, 'deliveries')).toEqual([]);
  });

  it('says what is wrong with a call', async () => {
    const sandbox = await startSandbox();
    const wrong = await call(sandbox, 'POST', 'faults', { statsu: 500 });
    expect([wrong.status, await wrong.json()]).toEqual([
      400,
      { error: "A fault has no field 'statsu'." },
    ]);
    expect((await call(sandbox, 'POST', 'configure', { now: 5 })).status).toBe(400);
    expect((await call(sandbox, 'POST', 'configure')).status).toBe(400);
    expect((await call(sandbox, 'GET', 'nothing')).status).toBe(404);
  });

  it('is open to any origin and not listed among the requests', async () => {
    const sandbox = await startSandbox();
    const preflight = await call(sandbox, 'OPTIONS', 'faults');
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-methods')).toContain('DELETE');
    const state = await call(sandbox, 'GET', 'state');
    expect(state.headers.get('access-control-allow-origin')).toBe('*');
    expect(sandbox.requests()).toEqual([]);
  });
});

/** Reads the stream until it has told of so many things. */
async function readStream(response: Response, count: number): Promise<[string, unknown][]> {
  const told: [string, unknown][] = [];
  let text = '';
  const decoder = new TextDecoder();
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  while (told.length < count) {
    const { value, done } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, kind, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      if (kind && data) told.push([kind, JSON.parse(data)]);
    }
  }
  await reader.cancel();
  return told;
}

describe('the event stream', () => {
  it('tells of events, copies, profiles and requests as they happen', async () => {
    const sandbox = await startSandbox({ bulkDuplicates: 'discard' });
    const stream = await call(sandbox, 'GET', 'stream');
    expect(stream.headers.get('content-type')).toBe('text/event-stream');
    await post(sandbox, 'events', eventBody({ unique_id: 'a' }));
    await post(sandbox, 'event-bulk-create', bulkOf('a', 'b'));
    const told = await readStream(stream, 7);
    expect(told.map(([kind]) => kind)).toEqual([
      'profile',
      'event',
      'request',
      'profile',
      'duplicate',
      'event',
      'request',
    ]);
    expect(told[1]?.[1]).toMatchObject({ uniqueId: 'a', duplicates: 0 });
    expect(told[2]?.[1]).toEqual(sandbox.requests()[0]);
    expect(told[4]?.[1]).toEqual(sandbox.events()[0]);
  });
});
