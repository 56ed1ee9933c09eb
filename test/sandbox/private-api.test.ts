import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/index.js';
import {
  call,
  errorsOf,
  eventAttributes,
  eventBody,
  jobBody,
  jobEntry,
  post,
  privateKey,
  profileData,
  refusal,
  startSandbox,
} from './requests.js';

const person = (name: string) => profileData({ email: `${name}@shop.test-mail.net` });
const placed = (unique_id: string) => eventAttributes({ unique_id }, 'Placed Order');
const single = (sandbox: Sandbox, id: string) =>
  post(sandbox, 'api/events', eventBody({ unique_id: id }, 'Placed Order', person('ada')));
const recorded = (sandbox: Sandbox) => sandbox.events().map(({ uniqueId }) => uniqueId);

describe('a private request', () => {
  it.each([undefined, 'pk_unknown', 'Klaviyo-API-Key pk_unknown', 'Klaviyo-API-Key '])(
    'is answered 401 with %s as its Authorization',
    async (authorization) => {
      const sandbox = await startSandbox();
      const response = await post(sandbox, 'api/events', eventBody(), {
        headers: { authorization },
      });
      expect(response.status).toBe(401);
      expect(await errorsOf(response)).toMatchObject([{ code: 'not_authenticated' }]);
      expect(sandbox.events()).toEqual([]);
    },
  );

  it('records for the company that the key belongs to', async () => {
    const sandbox = await startSandbox({ privateKeys: { pk_other: 'XyZ789' } });
    const headers = { authorization: 'Klaviyo-API-Key pk_other' };
    expect((await post(sandbox, 'api/events', eventBody(), { headers })).status).toBe(202);
    expect(sandbox.events()).toMatchObject([{ companyId: 'XyZ789', endpoint: 'api/events' }]);
    expect(sandbox.requests()).toMatchObject([{ path: '/api/events', status: 202 }]);
  });

  it('needs a revision, and a body in JSON:API', async () => {
    const sandbox = await startSandbox();
    const send = (headers: Record<string, string | undefined>) =>
      post(sandbox, 'api/events', eventBody(), { headers });
    expect(await refusal(await send({ revision: undefined }))).toEqual([400, 'revision']);
    expect((await send({ 'content-type': 'application/json' })).status).toBe(415);
  });

  it('needs a method that the path has', async () => {
    const sandbox = await startSandbox();
    const authorization = `Klaviyo-API-Key ${privateKey}`;
    const send = (method: string, path: string) =>
      fetch(sandbox.url + path, { method, headers: { authorization, revision: '2026-07-15' } });
    const wrong = await send('DELETE', '/api/profiles/1');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, PATCH']);
    expect((await send('GET', '/api/nothing')).status).toBe(404);
    expect((await send('GET', '/api/profiles/')).status).toBe(200);
    const key = await fetch(`${sandbox.url}/api/profiles/1`, { method: 'DELETE' });
    expect(key.status).toBe(401);
    expect(sandbox.requests().map(({ path, endpoint }) => [path, endpoint])).toEqual([
      ['/api/profiles/1', undefined],
      ['/api/nothing', undefined],
      ['/api/profiles/', 'GET api/profiles'],
      ['/api/profiles/1', undefined],
    ]);
  });

  it('needs the scopes of its endpoint, where the key has scopes', async () => {
    const sandbox = await startSandbox({
      privateKeys: { pk_reader: { companyId: 'AbC123', scopes: ['profiles:read'] } },
    });
    const headers = { authorization: 'Klaviyo-API-Key pk_reader' };
    expect((await call(sandbox, 'GET api/profiles', { headers })).status).toBe(200);
    const refused = await call(sandbox, 'POST api/profile-bulk-import-jobs', { headers, body: {} });
    expect(refused.status).toBe(403);
    expect(await errorsOf(refused)).toMatchObject([
      {
        code: 'permission_denied',
        detail: 'Your API key is missing required scopes: lists:write, profiles:write',
      },
    ]);
    sandbox.configure({ privateKeys: { pk_reader: { companyId: 'AbC123' } } });
    const body = { data: profileData() };
    expect((await call(sandbox, 'POST api/profile-import', { headers, body })).status).toBe(201);
  });

  it('names each parameter that is wrong, and each only once', async () => {
    const sandbox = await startSandbox();
    const query = { sort: 'first_name', 'page[size]': '101', filter: 'equals(first_name,"Ada")' };
    const response = await call(sandbox, 'GET api/profiles', { query });
    expect(await refusal(response)).toEqual([400, 'sort', 'page[size]', 'filter']);
    const twice = new URLSearchParams([
      ['filter', 'equals(email,"a@b.c")'],
      ['filter', 'equals(email,"d@e.f")'],
    ]);
    const headers = {
      authorization: `Klaviyo-API-Key ${privateKey}`,
      revision: '2026-07-15',
    };
    const repeated = await fetch(`${sandbox.url}/api/profiles?${twice}`, { headers });
    expect(await refusal(repeated)).toEqual([400, 'filter']);
    expect(sandbox.requests()[1]?.query).toBe(`?${twice}`);
  });

  it('can meet a fault whatever its method', async () => {
    const sandbox = await startSandbox();
    sandbox.addFault({ endpoint: 'GET api/profiles', status: 503, times: 1 });
    expect((await call(sandbox, 'GET api/profiles')).status).toBe(503);
    expect((await call(sandbox, 'GET api/profiles')).status).toBe(200);
  });

  it('is not for a browser: no preflight, no CORS', async () => {
    const sandbox = await startSandbox();
    const preflight = await fetch(`${sandbox.url}/api/events`, { method: 'OPTIONS' });
    expect(preflight.ok).toBe(false);
    const response = await post(sandbox, 'api/events', eventBody());
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('has limits and faults of its own', async () => {
    const sandbox = await startSandbox({
      limits: { 'api/events': { burst: 1, steady: 1 } },
      now: () => 0,
    });
    sandbox.addFault({ endpoint: 'api/event-bulk-create-jobs', status: 503, times: 1 });
    expect((await single(sandbox, '1')).headers.get('ratelimit-limit')).toBe('1, 1;w=1, 1;w=60');
    expect((await single(sandbox, '2')).status).toBe(429);
    expect((await post(sandbox, 'events', eventBody())).status).toBe(202);
    const job = jobBody(jobEntry([placed('3')]));
    expect((await post(sandbox, 'api/event-bulk-create-jobs', job)).status).toBe(503);
  });
});

describe('a bulk job', () => {
  const send = (sandbox: Sandbox, ...entries: ReturnType<typeof jobEntry>[]) =>
    post(sandbox, 'api/event-bulk-create-jobs', jobBody(...entries));

  it('records events of many profiles', async () => {
    const sandbox = await startSandbox();
    await send(sandbox, jobEntry([placed('1')], person('bo')), jobEntry([placed('2')]));
    expect(recorded(sandbox)).toEqual(['1', '2']);
    expect(new Set(sandbox.events().map(({ profileId }) => profileId)).size).toBe(2);
    expect(sandbox.requests()).toMatchObject([{ events: 2, uniqueIds: ['1', '2'] }]);
  });

  it.each([
    ['fail', 202, ['1']],
    ['refuse', 400, ['1']],
    ['discard', 202, ['1', '2']],
  ] as const)('with a unique_id that was recorded before: %s', async (rule, status, expected) => {
    const sandbox = await startSandbox({ bulkDuplicates: rule });
    await single(sandbox, '1');
    const response = await send(sandbox, jobEntry([placed('2'), placed('1')], person('ada')));
    expect(response.status).toBe(status);
    expect(recorded(sandbox)).toEqual(expected);
    expect(sandbox.events()[0]?.duplicates).toBe(rule === 'refuse' ? 0 : 1);
    if (rule !== 'refuse') return;
    const [error] = await errorsOf(response);
    expect(error?.source?.pointer).toBe(
      '/data/attributes/events-bulk-create/data/0/attributes/events/data/1/attributes/unique_id',
    );
  });

  it('tells the same unique_id of two people apart, also when both are new', async () => {
    const sandbox = await startSandbox();
    await send(sandbox, jobEntry([placed('1')], person('cy')), jobEntry([placed('1')]));
    expect(recorded(sandbox)).toEqual(['1', '1']);
    await send(sandbox, ...['2', '2'].map((id) => jobEntry([placed(id)], person('bo'))));
    expect(recorded(sandbox)).toEqual(['1', '1']);
  });

  it('has at most 1000 events in all', async () => {
    const sandbox = await startSandbox();
    const some = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => placed(`${from + index}`));
    const full = await send(sandbox, jobEntry(some(0, 500)), jobEntry(some(500, 500)));
    expect(full.status).toBe(202);
    const over = await send(sandbox, jobEntry(some(1000, 500)), jobEntry(some(1500, 501)));
    expect(await refusal(over)).toEqual([400, '/data/attributes/events-bulk-create/data']);
    expect(sandbox.events()).toHaveLength(1000);
  });

  it('leaves out who is at a domain that Klaviyo drops', async () => {
    const sandbox = await startSandbox();
    const dropped = profileData({ email: 'ada@example.com' });
    await send(sandbox, jobEntry([placed('1')], dropped), jobEntry([placed('2')]));
    expect(recorded(sandbox)).toEqual(['2']);
  });
});
