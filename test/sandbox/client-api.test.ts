import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  ada,
  bulkBody,
  bulkOf,
  errorsOf,
  eventAttributes,
  eventBody,
  post,
  profileBody,
  profileData,
  refusal,
  startSandbox,
} from './requests.js';

describe('a request', () => {
  it('is answered 202 with an empty body', async () => {
    const sandbox = await startSandbox();
    const response = await post(sandbox, 'events', eventBody());
    expect(response.status).toBe(202);
    expect(await response.text()).toBe('');
  });

  it('is refused with an error of the documented form', async () => {
    const sandbox = await startSandbox();
    const response = await post(sandbox, 'events', eventBody({ value: '12' }));
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/vnd.api+json');
    const errors = await errorsOf(response);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({
      status: 400,
      code: 'invalid',
      title: 'Invalid input.',
      detail: "'value' must be a number.",
      source: { pointer: '/data/attributes/value' },
    });
    expect(errors[0]?.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('needs a company id that exists', async () => {
    const sandbox = await startSandbox({ companies: ['AbC123', 'XyZ789'] });
    const status = async (query: string) =>
      refusal(await post(sandbox, 'events', eventBody(), { query }));
    expect(await status('')).toEqual([400, 'company_id']);
    expect(await status('?company_id=')).toEqual([400, 'company_id']);
    expect(await status('?company_id=Nobody')).toEqual([400, 'company_id']);
    expect(await status('?company_id=XyZ789')).toEqual([202]);
    expect(sandbox.events().map((event) => event.companyId)).toEqual(['XyZ789']);
  });

  it('needs a revision that is well formed and not retired', async () => {
    const sandbox = await startSandbox();
    const status = async (revision: string | undefined) =>
      refusal(await post(sandbox, 'events', eventBody(), { headers: { revision } }));
    expect(await status(undefined)).toEqual([400, 'revision']);
    expect(await status('latest')).toEqual([400, 'revision']);
    expect(await status('2026-13-45')).toEqual([400, 'revision']);
    expect(await status('2024-10-15')).toEqual([410, 'revision']);
    expect(await status('2025-01-15')).toEqual([202]);
    expect(await status('2026-07-15.pre')).toEqual([202]);
  });

  it('needs the JSON:API content type', async () => {
    const sandbox = await startSandbox();
    const status = async (type: string) =>
      (await post(sandbox, 'events', eventBody(), { headers: { 'content-type': type } })).status;
    expect(await status('application/json')).toBe(415);
    expect(await status('text/plain;charset=UTF-8')).toBe(415);
    expect(await status('application/vnd.api+json; charset=utf-8')).toBe(202);
  });

  it('needs a body that is JSON', async () => {
    const sandbox = await startSandbox();
    expect(await refusal(await post(sandbox, 'events', '{"data":'))).toEqual([400, '/data']);
    expect(await refusal(await post(sandbox, 'events', ''))).toEqual([400, '/data']);
    expect(await refusal(await post(sandbox, 'events', '[]'))).toEqual([400, '']);
  });

  it('needs POST and a path that exists', async () => {
    const sandbox = await startSandbox();
    const get = await fetch(`${sandbox.url}/client/events?company_id=AbC123`);
    expect(get.status).toBe(405);
    expect(get.headers.get('allow')).toBe('POST, OPTIONS');
    const unknown = await fetch(`${sandbox.url}/client/nothing?company_id=AbC123`, {
      method: 'POST',
    });
    expect(unknown.status).toBe(404);
    expect(await errorsOf(unknown)).toMatchObject([{ code: 'not_found' }]);
    expect(sandbox.requests().map(({ path, status }) => [path, status])).toEqual([
      ['/client/events', 405],
      ['/client/nothing', 404],
    ]);
  });

  it('is refused above 5 MB, and above 100 KB for a profile', async () => {
    const sandbox = await startSandbox();
    const large = (bytes: number) => ' '.repeat(bytes);
    const profile = JSON.stringify(profileBody());
    const fits = profile + large(100_000 - profile.length);
    expect((await post(sandbox, 'profiles', fits)).status).toBe(202);
    expect((await post(sandbox, 'profiles', `${fits} `)).status).toBe(413);
    const event = JSON.stringify(eventBody());
    const eventFits = event + large(5_000_000 - event.length);
    expect((await post(sandbox, 'events', eventFits)).status).toBe(202);
    expect((await post(sandbox, 'events', `${eventFits} `)).status).toBe(413);
    expect(sandbox.requests().at(-1)).toMatchObject({ bytes: 5_000_001, status: 413 });
  });

  it('is answered 413 however large it is', async () => {
    const sandbox = await startSandbox();
    const response = await post(sandbox, 'events', ' '.repeat(12_000_000));
    expect([response.status, sandbox.requests()[0]?.bytes]).toEqual([413, 12_000_000]);
  });

  it('is not listed when its sender breaks off in the middle of the body', async () => {
    const sandbox = await startSandbox();
    const socket = connect(sandbox.port, '127.0.0.1');
    const head = 'POST /client/events?company_id=AbC123 HTTP/1.1\r\nhost: a\r\ncontent-length: 100';
    await new Promise<void>((sent) => socket.write(`${head}\r\n\r\n{"data":`, () => sent()));
    socket.destroy();
    expect((await post(sandbox, 'profiles', profileBody())).status).toBe(202);
    expect(sandbox.requests().map((request) => request.endpoint)).toEqual(['profiles']);
  });

  it('may have a slash at the end of its path', async () => {
    const sandbox = await startSandbox();
    const response = await post(sandbox, 'events', eventBody(), { query: '/?company_id=AbC123' });
    expect(response.status).toBe(202);
    expect(sandbox.requests()[0]?.endpoint).toBe('events');
  });
});

describe('an address Klaviyo drops', () => {
  it('is answered 202, and neither event nor profile is recorded', async () => {
    const sandbox = await startSandbox();
    for (const email of ['ada@example.com', 'ADA@Test.com']) {
      const response = await post(
        sandbox,
        'events',
        eventBody({}, 'Bought', profileData({ email })),
      );
      expect(response.status).toBe(202);
    }
    expect(sandbox.events()).toEqual([]);
    expect(sandbox.profiles()).toEqual([]);
    expect(sandbox.requests().map((request) => request.error)).toEqual([
      'dropped: example.com',
      'dropped: test.com',
    ]);
  });
});

describe('a bulk request', () => {
  it('records all its events, in their order', async () => {
    const sandbox = await startSandbox();
    expect((await post(sandbox, 'event-bulk-create', bulkOf('c', 'a', 'b'))).status).toBe(202);
    expect(sandbox.events().map((event) => event.uniqueId)).toEqual(['c', 'a', 'b']);
    expect(sandbox.requests()[0]).toMatchObject({ events: 3, uniqueIds: ['c', 'a', 'b'] });
  });

  it('is refused whole, with a pointer to it, when one event is invalid', async () => {
    const sandbox = await startSandbox();
    const body = bulkBody([eventAttributes(), eventAttributes({ properties: null })]);
    expect(await refusal(await post(sandbox, 'event-bulk-create', body))).toEqual([
      400,
      '/data/attributes/events/data/1/attributes/properties',
    ]);
    expect(sandbox.events()).toEqual([]);
    expect(sandbox.profiles()).toEqual([]);
  });

  it('takes 1000 events and refuses 1001', async () => {
    const sandbox = await startSandbox();
    const ids = Array.from({ length: 1001 }, (_, index) => `event-${index}`);
    const tooMany = await post(sandbox, 'event-bulk-create', bulkOf(...ids));
    expect(await refusal(tooMany)).toEqual([400, '/data/attributes/events/data']);
    const fits = await post(sandbox, 'event-bulk-create', bulkOf(...ids.slice(1)));
    expect(fits.status).toBe(202);
    expect(sandbox.events()).toHaveLength(1000);
  });

  it('marks all its events as backfill when it is one itself', async () => {
    const sandbox = await startSandbox();
    const one = eventAttributes({ unique_id: 'a' });
    const two = eventAttributes({ unique_id: 'b', backfill: true });
    await post(sandbox, 'event-bulk-create', bulkBody([one, two]));
    const all = bulkBody([eventAttributes({ unique_id: 'c' })], profileData(), { backfill: true });
    await post(sandbox, 'event-bulk-create', all);
    expect(sandbox.events().map((event) => event.backfill)).toEqual([false, true, true]);
  });
});

describe.each([
  ['recorded already', ['a', 'b']],
  ['repeated inside the request', ['b', 'b']],
])('a unique_id %s, in a bulk request', (_, ids) => {
  it('makes the request answered 202 and nothing recorded under `fail`, the default', async () => {
    const sandbox = await startSandbox();
    await post(sandbox, 'events', eventBody({ unique_id: 'a' }));
    expect((await post(sandbox, 'event-bulk-create', bulkOf(...ids))).status).toBe(202);
    expect(sandbox.events().map((event) => event.uniqueId)).toEqual(['a']);
    expect(sandbox.requests()[1]?.error).toMatch(/^failed: 1 with a repeated unique_id/);
  });

  it('makes the request refused with a pointer under `refuse`', async () => {
    const sandbox = await startSandbox({ bulkDuplicates: 'refuse' });
    await post(sandbox, 'events', eventBody({ unique_id: 'a' }));
    const culprit = ids[0] === 'a' ? 0 : 1;
    expect(await refusal(await post(sandbox, 'event-bulk-create', bulkOf(...ids)))).toEqual([
      400,
      `/data/attributes/events/data/${culprit}/attributes/unique_id`,
    ]);
    expect(sandbox.events().map((event) => event.uniqueId)).toEqual(['a']);
  });

  it('is discarded and the rest recorded under `discard`', async () => {
    const sandbox = await startSandbox({ bulkDuplicates: 'discard' });
    await post(sandbox, 'events', eventBody({ unique_id: 'a' }));
    expect((await post(sandbox, 'event-bulk-create', bulkOf(...ids))).status).toBe(202);
    const recorded = sandbox.events();
    expect(recorded.map((event) => event.uniqueId)).toEqual(['a', 'b']);
    expect(recorded.reduce((sum, event) => sum + event.duplicates, 0)).toBe(1);
  });
});

describe('a bulk request that repeats nothing of its own profile', () => {
  it('may use a unique_id of another profile or another metric', async () => {
    const sandbox = await startSandbox({ bulkDuplicates: 'refuse' });
    await post(sandbox, 'events', eventBody({ unique_id: 'a' }));
    const other = bulkBody(
      [eventAttributes({ unique_id: 'a' })],
      profileData({ email: 'grace@shop.test-mail.net' }),
    );
    expect((await post(sandbox, 'event-bulk-create', other)).status).toBe(202);
    const metric = bulkBody([eventAttributes({ unique_id: 'a' }, 'Added to Cart')]);
    expect((await post(sandbox, 'event-bulk-create', metric)).status).toBe(202);
    expect(sandbox.events()).toHaveLength(3);
  });

  it('counts the copies of what it already sent under `fail`', async () => {
    const sandbox = await startSandbox();
    await post(sandbox, 'event-bulk-create', bulkOf('a', 'b'));
    await post(sandbox, 'event-bulk-create', bulkOf('a', 'b'));
    expect(sandbox.events().map(({ uniqueId, duplicates }) => [uniqueId, duplicates])).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
    expect(sandbox.profiles().map((profile) => profile.email)).toEqual([ada.email]);
  });
});
