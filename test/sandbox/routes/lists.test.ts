import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/index.js';
import {
  call,
  createClock,
  errorsOf,
  follow,
  listOf,
  oneOf,
  profileBody,
  refusal,
  startSandbox,
} from '../requests.js';

type Json = Record<string, unknown>;

const email = (name: string) => `${name}@shop.test-mail.net`;
const listBody = (attributes: Json, over: Json = {}) => ({
  data: { type: 'list', attributes, ...over },
});
const create = (sandbox: Sandbox, attributes: Json) =>
  call(sandbox, 'POST api/lists', { body: listBody(attributes) });
const find = async (sandbox: Sandbox, query: Record<string, string>) =>
  (await listOf(await call(sandbox, 'GET api/lists', { query }))).data.map(
    ({ attributes }) => attributes.name,
  );
const profileOf = async (sandbox: Sandbox, name: string) =>
  (
    await oneOf(
      await call(sandbox, 'POST api/profile-import', { body: profileBody({ email: email(name) }) }),
    )
  ).data.id;
const idsBody = (ids: string[]) => ({ data: ids.map((id) => ({ type: 'profile', id })) });
const add = (sandbox: Sandbox, id: string, ids: string[]) =>
  call(sandbox, 'POST api/lists/{id}/relationships/profiles', { id, body: idsBody(ids) });
const remove = (sandbox: Sandbox, id: string, ids: string[]) =>
  call(sandbox, 'DELETE api/lists/{id}/relationships/profiles', { id, body: idsBody(ids) });
const members = async (sandbox: Sandbox, id: string, query: Record<string, string> = {}) =>
  listOf(await call(sandbox, 'GET api/lists/{id}/profiles', { id, query }));
const emailsIn = async (sandbox: Sandbox, id: string, query: Record<string, string> = {}) =>
  (await members(sandbox, id, query)).data.map(({ attributes }) => attributes.email);

describe('a list', () => {
  it('is created, renamed and deleted', async () => {
    const clock = createClock(Date.parse('2026-11-22T10:00:00Z'));
    const sandbox = await startSandbox({ now: clock.now });
    const response = await create(sandbox, { name: 'Newsletter', opt_in_process: 'double_opt_in' });
    expect(response.status).toBe(201);
    const { id, attributes } = (await oneOf(response)).data;
    expect(id).toMatch(/^\w{6}$/);
    expect(attributes).toEqual({
      name: 'Newsletter',
      created: '2026-11-22T10:00:00+00:00',
      updated: '2026-11-22T10:00:00+00:00',
      opt_in_process: 'double_opt_in',
    });
    clock.advance(1000);
    const patch = (body: Json) => call(sandbox, 'PATCH api/lists/{id}', { id, body });
    expect(await refusal(await patch(listBody({}, { id: 'other' })))).toEqual([400, '/data/id']);
    const renamed = await oneOf(await patch(listBody({ name: 'News' }, { id })));
    expect(renamed.data.attributes).toMatchObject({
      name: 'News',
      updated: '2026-11-22T10:00:01+00:00',
      opt_in_process: 'double_opt_in',
    });
    const deleted = await call(sandbox, 'DELETE api/lists/{id}', { id });
    expect([deleted.status, await deleted.text()]).toEqual([204, '']);
    const gone = await call(sandbox, 'GET api/lists/{id}', { id });
    expect(gone.status).toBe(404);
    expect(await errorsOf(gone)).toMatchObject([
      { detail: `A list with id \`${id}\` does not exist.`, source: { pointer: '/data/' } },
    ]);
  });

  it('is created 150 times a day and no more', async () => {
    const clock = createClock(Date.parse('2026-11-22T10:00:00Z'));
    const sandbox = await startSandbox({ now: clock.now });
    for (let index = 0; index < 150; index += 1) {
      if (index % 10 === 0) clock.advance(1000);
      expect((await create(sandbox, { name: `List ${index}` })).status).toBe(201);
    }
    clock.advance(3_600_000);
    const refused = await create(sandbox, { name: 'One more' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '46785']);
  });

  it('is found by name, id and time, in pages of 10', async () => {
    const clock = createClock(Date.parse('2026-11-22T10:00:00Z'));
    const sandbox = await startSandbox({ now: clock.now });
    const ids: string[] = [];
    for (let index = 0; index < 12; index += 1) {
      ids.push(sandbox.addList({ name: `List ${String(index).padStart(2, '0')}` }));
      clock.advance(1000);
    }
    expect(await find(sandbox, { filter: 'equals(name,["List 03"])' })).toEqual(['List 03']);
    expect(await find(sandbox, { filter: 'equals(name,"List 03")' })).toEqual(['List 03']);
    expect(await find(sandbox, { filter: `any(id,["${ids[7]}","${ids[1]}"])` })).toEqual([
      'List 01',
      'List 07',
    ]);
    const late = 'greater-than(created,2026-11-22T10:00:10Z)';
    expect(await find(sandbox, { filter: late, sort: '-name' })).toEqual(['List 11']);
    const first = await listOf(
      await call(sandbox, 'GET api/lists', { query: { sort: '-created' } }),
    );
    expect(first.data).toHaveLength(10);
    const second = await listOf(await follow(first.links.next));
    expect(second.data.map(({ attributes }) => attributes.name)).toEqual(['List 01', 'List 00']);
  });

  it('counts its members on demand, slowly', async () => {
    const sandbox = await startSandbox({ now: () => 0 });
    const id = sandbox.addList({ name: 'Newsletter' });
    await add(sandbox, id, [await profileOf(sandbox, 'ada')]);
    const query = { 'additional-fields[list]': 'profile_count', 'fields[list]': 'name' };
    const response = await call(sandbox, 'GET api/lists/{id}', { id, query });
    expect(response.headers.get('ratelimit-limit')).toBe('1, 1;w=1, 15;w=60');
    expect((await oneOf(response)).data.attributes).toEqual({
      name: 'Newsletter',
      profile_count: 1,
    });
  });
});

describe('members of a list', () => {
  it('are added and taken off by id, with nothing in the answer', async () => {
    const clock = createClock(Date.parse('2026-11-22T10:00:00Z'));
    const sandbox = await startSandbox({ now: clock.now });
    const id = sandbox.addList({ name: 'Newsletter' });
    const ids: string[] = [];
    for (const name of ['ada', 'bo', 'cy']) ids.push(await profileOf(sandbox, name));
    const added = await add(sandbox, id, ids.slice(0, 2));
    expect([added.status, await added.text()]).toEqual([204, '']);
    clock.advance(60_000);
    await add(sandbox, id, ids);
    expect(await emailsIn(sandbox, id)).toEqual(['ada', 'bo', 'cy'].map(email));
    const joined = (await members(sandbox, id)).data.map(
      ({ attributes }) => attributes.joined_group_at,
    );
    expect(joined).toEqual([
      '2026-11-22T10:00:00+00:00',
      '2026-11-22T10:00:00+00:00',
      '2026-11-22T10:01:00+00:00',
    ]);
    const removed = await remove(sandbox, id, ids.slice(0, 1));
    expect([removed.status, await removed.text()]).toEqual([204, '']);
    expect(await emailsIn(sandbox, id)).toEqual(['bo', 'cy'].map(email));
    const consents = sandbox.profiles().map((profile) => profile.consents);
    expect(consents).toEqual([{}, {}, {}]);
  });

  it('are given by ids only, 1000 a call, and all of them have to be there', async () => {
    const sandbox = await startSandbox();
    const id = sandbox.addList({ name: 'Newsletter' });
    const ada = await profileOf(sandbox, 'ada');
    const body = { data: [{ type: 'profile', id: ada, attributes: { email: email('ada') } }] };
    const withEmail = await call(sandbox, 'POST api/lists/{id}/relationships/profiles', {
      id,
      body,
    });
    expect(await refusal(withEmail)).toEqual([400, '/data/0/attributes']);
    const many = Array.from({ length: 1001 }, () => ada);
    expect(await refusal(await add(sandbox, id, many))).toEqual([400, '/data']);
    expect((await add(sandbox, id, [ada, 'nobody'])).status).toBe(404);
    expect(await emailsIn(sandbox, id)).toEqual([]);
    expect((await add(sandbox, id, many.slice(1))).status).toBe(204);
    expect((await add(sandbox, 'nothing', [ada])).status).toBe(404);
    expect(await emailsIn(sandbox, id)).toEqual([email('ada')]);
  });

  it('are filtered, and walked in the order they joined', async () => {
    const clock = createClock(Date.parse('2026-11-22T10:00:00Z'));
    const sandbox = await startSandbox({ now: clock.now });
    const id = sandbox.addList({ name: 'Newsletter' });
    const names = ['cy', 'ada', 'bo'];
    for (const name of names) {
      await add(sandbox, id, [await profileOf(sandbox, name)]);
      clock.advance(1000);
    }
    await profileOf(sandbox, 'stranger');
    expect(await emailsIn(sandbox, id, { sort: '-joined_group_at' })).toEqual(
      ['bo', 'ada', 'cy'].map(email),
    );
    expect(await emailsIn(sandbox, id, { filter: `equals(email,"${email('Ada')}")` })).toEqual([
      email('ada'),
    ]);
    const stranger = `any(email,["${email('stranger')}","${email('bo')}"])`;
    expect(await emailsIn(sandbox, id, { filter: stranger })).toEqual([email('bo')]);
    const late = 'greater-or-equal(joined_group_at,2026-11-22T10:00:01Z)';
    expect(await emailsIn(sandbox, id, { filter: late })).toEqual(['ada', 'bo'].map(email));
    const first = await members(sandbox, id, { 'page[size]': '2' });
    const second = await listOf(await follow(first.links.next));
    expect([...first.data, ...second.data].map(({ attributes }) => attributes.email)).toEqual(
      names.map(email),
    );
  });

  it('know their lists', async () => {
    const sandbox = await startSandbox();
    const lists = ['One', 'Two', 'Three'].map((name) => sandbox.addList({ name }));
    const ada = await profileOf(sandbox, 'ada');
    for (const list of lists.slice(1)) await add(sandbox, list, [ada]);
    const query = { include: 'lists', 'fields[list]': 'name' };
    const { data, included } = await oneOf(
      await call(sandbox, 'GET api/profiles/{id}', { id: ada, query }),
    );
    expect(data.relationships.lists?.data).toEqual(
      lists.slice(1).map((id) => ({ type: 'list', id })),
    );
    expect(included?.map(({ attributes }) => attributes)).toEqual([
      { name: 'Two' },
      { name: 'Three' },
    ]);
  });
});
