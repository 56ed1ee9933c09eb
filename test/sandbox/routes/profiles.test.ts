import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/index.js';
import {
  call,
  createClock,
  errorsOf,
  follow,
  listOf,
  oneOf,
  post,
  profileBody,
  profileData,
  refusal,
  startSandbox,
} from '../requests.js';

type Json = Record<string, unknown>;

const email = (name: string) => `${name}@shop.test-mail.net`;
const importProfile = (sandbox: Sandbox, attributes: Json, over: Json = {}) =>
  call(sandbox, 'POST api/profile-import', { body: profileBody(attributes, over) });
const imported = async (sandbox: Sandbox, attributes: Json, over: Json = {}) =>
  (await oneOf(await importProfile(sandbox, attributes, over))).data;
const find = async (sandbox: Sandbox, query: Record<string, string>) =>
  listOf(await call(sandbox, 'GET api/profiles', { query }));
const emailsBy = async (sandbox: Sandbox, query: Record<string, string>) =>
  (await find(sandbox, query)).data.map(({ attributes }) => attributes.email);

describe('POST /api/profile-import', () => {
  it('creates with 201, and updates with 200 whoever the identifiers name', async () => {
    const clock = createClock();
    const sandbox = await startSandbox({ now: clock.now });
    const identifiers = { email: email('ada'), phone_number: '+4915112345678', external_id: '17' };
    const created = await importProfile(sandbox, { ...identifiers, first_name: 'Ada' });
    expect(created.status).toBe(201);
    const { data } = await oneOf(created);
    clock.advance(5000);
    for (const [name, value] of Object.entries(identifiers)) {
      const updated = await importProfile(sandbox, { [name]: value, title: name });
      expect(updated.status).toBe(200);
      expect((await oneOf(updated)).data).toMatchObject({
        id: data.id,
        attributes: { ...identifiers, first_name: 'Ada', title: name },
      });
    }
    const byId = await imported(sandbox, { title: 'id' }, { id: data.id });
    expect(byId.attributes).toMatchObject({
      created: '2026-11-22T10:00:00.250+00:00',
      updated: '2026-11-22T10:00:05.250+00:00',
    });
    expect(sandbox.profiles()).toHaveLength(1);
  });

  it('replaces an identifier and then is found by the new one only', async () => {
    const sandbox = await startSandbox();
    const { id } = await imported(sandbox, { external_id: '17', email: email('ada') });
    await imported(sandbox, { external_id: '17', email: email('lovelace') });
    expect((await find(sandbox, { filter: `equals(email,"${email('ada')}")` })).data).toEqual([]);
    const found = await find(sandbox, { filter: `equals(email,"${email('lovelace')}")` });
    expect(found.data.map((one) => one.id)).toEqual([id]);
  });

  it('answers 409 and who it is when an identifier is somebody else’s, and changes nothing', async () => {
    const sandbox = await startSandbox();
    await imported(sandbox, { email: email('ada') });
    const bo = await imported(sandbox, { phone_number: '+4915112345678' });
    const response = await importProfile(sandbox, {
      email: email('ada'),
      phone_number: '+4915112345678',
      first_name: 'Ada',
    });
    expect(response.status).toBe(409);
    expect(await errorsOf(response)).toMatchObject([
      {
        code: 'duplicate_profile',
        title: 'Conflict.',
        source: { pointer: '/data/attributes' },
        meta: { duplicate_profile_id: bo.id },
      },
    ]);
    expect(sandbox.profiles().map(({ attributes }) => attributes)).toEqual([{}, {}]);
  });

  it('clears what is null and leaves what is not there', async () => {
    const sandbox = await startSandbox();
    const location = { city: 'London', zip: 'W1' };
    const described = { first_name: 'Ada', last_name: 'Lovelace', location };
    await imported(sandbox, { email: email('ada'), external_id: '17', ...described });
    const { attributes } = await imported(sandbox, {
      email: email('ada'),
      external_id: null,
      first_name: null,
      location: { zip: null, country: 'UK' },
    });
    expect(attributes).toMatchObject({ external_id: null, first_name: null });
    expect(attributes).toMatchObject({ last_name: 'Lovelace' });
    expect(attributes.location).toMatchObject({ city: 'London', country: 'UK', zip: null });
  });

  it('does not let a profile lose its last identifier', async () => {
    const sandbox = await startSandbox();
    const { id } = await imported(sandbox, { email: email('ada') });
    const response = await importProfile(sandbox, { email: null }, { id });
    expect(await refusal(response)).toEqual([400, '/data/attributes']);
  });

  it('appends, unappends and unsets properties', async () => {
    const sandbox = await startSandbox();
    await imported(sandbox, { email: email('ada'), properties: { seen: ['mug'], size: 'M' } });
    const patch_properties = { append: { seen: 'jar' }, unset: 'size' };
    const meta = { patch_properties };
    const { attributes } = await imported(sandbox, { email: email('ada') }, { meta });
    expect(attributes.properties).toEqual({ seen: ['mug', 'jar'] });
  });

  it('answers 404 for an id that is nobody’s', async () => {
    const sandbox = await startSandbox();
    const response = await importProfile(sandbox, { email: email('ada') }, { id: 'nobody' });
    expect(response.status).toBe(404);
    expect(await errorsOf(response)).toMatchObject([
      { code: 'not_found', detail: 'A profile with id nobody does not exist.' },
    ]);
  });

  it('turns the visitor a browser told of into the person a server names', async () => {
    const sandbox = await startSandbox();
    await post(sandbox, 'profiles', profileBody({ _kx: 'kx-1' }));
    await imported(sandbox, { _kx: 'kx-1', email: email('ada') });
    expect(sandbox.profiles()).toMatchObject([{ email: email('ada'), exchangeIds: ['kx-1'] }]);
  });

  it('is limited to 100 KB', async () => {
    const sandbox = await startSandbox();
    const properties = { note: 'x'.repeat(100_000) };
    const response = await importProfile(sandbox, { email: email('ada'), properties });
    expect(response.status).toBe(413);
  });
});

describe('POST /api/profiles', () => {
  const create = (sandbox: Sandbox, attributes: Json) =>
    call(sandbox, 'POST api/profiles', { body: profileBody(attributes) });

  it('creates, and answers 409 with who it is for somebody who is there', async () => {
    const sandbox = await startSandbox();
    const first = await create(sandbox, { email: email('Ada') });
    expect(first.status).toBe(201);
    const { data } = await oneOf(first);
    expect(data.attributes.email).toBe(email('ada'));
    const second = await create(sandbox, { email: email('ADA'), first_name: 'Ada' });
    expect(second.status).toBe(409);
    expect((await errorsOf(second))[0]?.meta).toEqual({ duplicate_profile_id: data.id });
    expect(sandbox.profiles()).toMatchObject([{ attributes: {} }]);
  });

  it('needs an identifier', async () => {
    const sandbox = await startSandbox();
    const response = await create(sandbox, { first_name: 'Ada' });
    expect(await refusal(response)).toEqual([400, '/data/attributes']);
  });
});

describe('PATCH /api/profiles/{id}', () => {
  const patch = (sandbox: Sandbox, id: string, attributes: Json, over: Json = { id }) =>
    call(sandbox, 'PATCH api/profiles/{id}', { id, body: profileBody(attributes, over) });

  it('changes one, identifiers too', async () => {
    const sandbox = await startSandbox();
    const { id } = await imported(sandbox, { email: email('ada'), first_name: 'Ada' });
    const { data } = await oneOf(await patch(sandbox, id, { email: email('al'), title: 'Dr' }));
    expect(data.attributes).toMatchObject({ email: email('al'), first_name: 'Ada', title: 'Dr' });
  });

  it('answers 409 for an identifier of somebody else’s', async () => {
    const sandbox = await startSandbox();
    const ada = await imported(sandbox, { email: email('ada') });
    const bo = await imported(sandbox, { email: email('bo') });
    const response = await patch(sandbox, bo.id, { email: email('ada') });
    expect(response.status).toBe(409);
    expect((await errorsOf(response))[0]?.meta).toEqual({ duplicate_profile_id: ada.id });
  });

  it('needs an id that is there, the same in path and body', async () => {
    const sandbox = await startSandbox();
    const { id } = await imported(sandbox, { email: email('ada') });
    expect((await patch(sandbox, 'nobody', {})).status).toBe(404);
    expect(await refusal(await patch(sandbox, id, {}, { id: 'other' }))).toEqual([400, '/data/id']);
  });
});

describe('GET /api/profiles/{id}', () => {
  it('shows one, with links that lead back to the sandbox', async () => {
    const sandbox = await startSandbox();
    const { id } = await imported(sandbox, { email: email('ada') });
    const answer = await oneOf(await call(sandbox, 'GET api/profiles/{id}', { id }));
    expect(answer.data.links.self).toBe(`${sandbox.url}/api/profiles/${id}/`);
    expect(answer.links.self).toBe(`${sandbox.url}/api/profiles/${id}`);
    expect((await oneOf(await follow(answer.data.links.self))).data.id).toBe(id);
  });

  it('shows additional fields on demand, and none of them otherwise', async () => {
    const sandbox = await startSandbox();
    const { id } = await imported(sandbox, { email: email('ada') });
    const show = async (query: Record<string, string>) =>
      (await oneOf(await call(sandbox, 'GET api/profiles/{id}', { id, query }))).data.attributes;
    expect(Object.keys(await show({}))).not.toContain('subscriptions');
    expect(await show({ 'additional-fields[profile]': 'subscriptions' })).toMatchObject({
      subscriptions: { email: { marketing: { consent: 'NEVER_SUBSCRIBED' } } },
    });
    expect(await show({ 'fields[profile]': 'email,location.city' })).toEqual({
      email: email('ada'),
      location: { city: null },
    });
  });
});

describe('GET /api/profiles', () => {
  it('finds by identifier, whatever is in it, and not at all when it was not encoded', async () => {
    const sandbox = await startSandbox();
    const odd = `o'hara+"tag"@shop.test-mail.net`.replaceAll('"', '');
    const ids = [
      (await imported(sandbox, { email: odd, external_id: 'a "b" \\c' })).id,
      (await imported(sandbox, { phone_number: '+4915112345678' })).id,
    ];
    const idsBy = async (filter: string) =>
      (await find(sandbox, { filter })).data.map(({ id }) => id);
    expect(await idsBy(`equals(email,"${odd}")`)).toEqual([ids[0]]);
    expect(await idsBy(`equals(email,"${odd.toUpperCase()}")`)).toEqual([ids[0]]);
    expect(await idsBy(`equals(external_id,"a \\"b\\" \\\\c")`)).toEqual([ids[0]]);
    expect(await idsBy(`equals(phone_number,'+4915112345678')`)).toEqual([ids[1]]);
    expect(await idsBy(`any(id,["${ids[1]}","nobody","${ids[0]}"])`)).toEqual(ids);
    const bare = await fetch(`${sandbox.url}/api/profiles?filter=equals(email,"${odd}")`, {
      headers: { authorization: `Klaviyo-API-Key pk_${'0'.repeat(34)}`, revision: '2026-07-15' },
    });
    expect((await listOf(bare)).data).toEqual([]);
  });

  it('filters by time, alone and with others', async () => {
    const clock = createClock(Date.parse('2026-11-22T10:00:00Z'));
    const sandbox = await startSandbox({ now: clock.now });
    for (const name of ['ada', 'bo', 'cy']) {
      await imported(sandbox, { email: email(name) });
      clock.advance(60_000);
    }
    const by = (filter: string) => emailsBy(sandbox, { filter });
    expect(await by('greater-than(created,2026-11-22T10:00:00Z)')).toEqual([
      email('bo'),
      email('cy'),
    ]);
    const between =
      'greater-than(created,2026-11-22T10:00:00Z),less-than(created,2026-11-22T11:01:30+01:00)';
    expect(await by(between)).toEqual([email('bo')]);
    expect(await by(`${between},equals(email,"${email('cy')}")`)).toEqual([]);
  });

  it('walks in pages, forth and back, in every order', async () => {
    const sandbox = await startSandbox();
    const names = ['cy', 'ada', 'eve', 'bo', 'di'];
    for (const name of names) await imported(sandbox, { email: email(name) });
    await imported(sandbox, { external_id: 'no email' });
    const walk = async (sort: string) => {
      const pages: unknown[][] = [];
      let page = await find(sandbox, { sort, 'page[size]': '2' });
      expect(page.links.prev).toBeNull();
      const seen = () => page.data.map(({ attributes }) => attributes.email ?? null);
      for (;;) {
        pages.push(seen());
        if (!page.links.next) break;
        page = await listOf(await follow(page.links.next));
      }
      for (let index = pages.length - 2; index >= 0; index -= 1) {
        page = await listOf(await follow(page.links.prev));
        expect(seen()).toEqual(pages[index]);
      }
      return pages.flat();
    };
    const sorted = [...names].sort().map(email);
    expect(await walk('email')).toEqual([...sorted, null]);
    expect(await walk('-email')).toEqual([null, ...sorted.reverse()]);
    expect(await walk('created')).toEqual([...names.map(email), null]);
    expect(await walk('-id')).toEqual([null, ...names.map(email).reverse()]);
  });

  it('goes on where it was, whatever came or changed meanwhile', async () => {
    const clock = createClock();
    const sandbox = await startSandbox({ now: clock.now });
    for (const name of ['bo', 'di', 'fi']) {
      await imported(sandbox, { email: email(name) });
      clock.advance(1000);
    }
    const first = await find(sandbox, { sort: 'updated', 'page[size]': '1' });
    await imported(sandbox, { email: email('bo'), title: 'changed' });
    await imported(sandbox, { email: email('ada') });
    const emails: unknown[] = [];
    for (let next = first.links.next; next; ) {
      const page = await listOf(await follow(next));
      emails.push(...page.data.map(({ attributes }) => attributes.email));
      next = page.links.next;
    }
    expect(emails).toEqual(['di', 'fi', 'bo', 'ada'].map(email));
  });

  it('has cursors that are good for their own query only', async () => {
    const sandbox = await startSandbox();
    for (const name of ['ada', 'bo']) await imported(sandbox, { email: email(name) });
    const page = await find(sandbox, { sort: 'email', 'page[size]': '1' });
    const cursor = new URL(page.links.next ?? '').searchParams.get('page[cursor]') ?? '';
    const status = async (query: Record<string, string>) =>
      refusal(await call(sandbox, 'GET api/profiles', { query }));
    expect(await status({ sort: 'email', 'page[cursor]': cursor })).toEqual([200]);
    expect(await status({ sort: '-email', 'page[cursor]': cursor })).toEqual([400, 'page[cursor]']);
    const changed = `${cursor.slice(0, -2)}AA`;
    expect(await status({ sort: 'email', 'page[cursor]': changed })).toEqual([400, 'page[cursor]']);
  });

  it('is slower to those who want predictions', async () => {
    const sandbox = await startSandbox({ now: () => 0 });
    const query = { 'additional-fields[profile]': 'predictive_analytics' };
    const special = await call(sandbox, 'GET api/profiles', { query });
    expect(special.headers.get('ratelimit-limit')).toBe('10, 10;w=1, 150;w=60');
    const usual = await call(sandbox, 'GET api/profiles');
    expect(usual.headers.get('ratelimit-limit')).toBe('75, 75;w=1, 750;w=60');
    expect(usual.headers.get('ratelimit-remaining')).toBe('74');
  });

  it('shows each account its own', async () => {
    const sandbox = await startSandbox({ privateKeys: { pk_a: 'AbC123', pk_x: 'XyZ789' } });
    const headers = (key: string) => ({ authorization: `Klaviyo-API-Key ${key}` });
    const body = { data: profileData({ email: email('ada') }) };
    for (const key of ['pk_a', 'pk_x']) {
      await call(sandbox, 'POST api/profile-import', { body, headers: headers(key) });
      const { data } = await listOf(
        await call(sandbox, 'GET api/profiles', { headers: headers(key) }),
      );
      expect(data).toHaveLength(1);
    }
    expect(sandbox.profiles()).toHaveLength(2);
  });
});
