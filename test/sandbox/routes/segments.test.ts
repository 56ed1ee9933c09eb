import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/index.js';
import {
  call,
  createClock,
  follow,
  listOf,
  oneOf,
  profileBody,
  startSandbox,
} from '../requests.js';

const email = (name: string) => `${name}@shop.test-mail.net`;
const profileOf = async (sandbox: Sandbox, name: string) =>
  (
    await oneOf(
      await call(sandbox, 'POST api/profile-import', { body: profileBody({ email: email(name) }) }),
    )
  ).data.id;
const find = async (sandbox: Sandbox, query: Record<string, string> = {}) =>
  (await listOf(await call(sandbox, 'GET api/segments', { query }))).data.map(
    ({ attributes }) => attributes.name,
  );

describe('segments', () => {
  it('are given, and found by name, state and time', async () => {
    const clock = createClock(Date.parse('2026-11-22T10:00:00Z'));
    const sandbox = await startSandbox({ now: clock.now });
    sandbox.addSegment({ name: 'Big spenders', isStarred: true });
    clock.advance(1000);
    const old = sandbox.addSegment({ name: 'Old', isActive: false });
    expect(await find(sandbox, { filter: 'equals(is_starred,true)' })).toEqual(['Big spenders']);
    expect(await find(sandbox, { filter: 'any(is_active,[false])' })).toEqual(['Old']);
    expect(await find(sandbox, { filter: `equals(id,"${old}")` })).toEqual(['Old']);
    expect(await find(sandbox, { filter: 'greater-than(created,2026-11-22T10:00:00Z)' })).toEqual([
      'Old',
    ]);
    expect(await find(sandbox, { sort: '-name' })).toEqual(['Old', 'Big spenders']);
  });

  it('show who is in them, with the count on demand', async () => {
    const sandbox = await startSandbox();
    const ids: string[] = [];
    for (const name of ['ada', 'bo', 'cy']) ids.push(await profileOf(sandbox, name));
    const id = sandbox.addSegment({ name: 'Customers', profileIds: ids });
    const members = (query: Record<string, string>) =>
      call(sandbox, 'GET api/segments/{id}/profiles', { id, query });
    const first = await listOf(await members({ 'page[size]': '2', sort: '-joined_group_at' }));
    const second = await listOf(await follow(first.links.next));
    expect([...first.data, ...second.data].map((one) => one.id)).toEqual([...ids].reverse());
    const some = await listOf(await members({ filter: `any(profile_id,["${ids[1]}","nobody"])` }));
    expect(some.data.map(({ attributes }) => attributes.email)).toEqual([email('bo')]);
    const query = { 'additional-fields[segment]': 'profile_count' };
    const one = await oneOf(await call(sandbox, 'GET api/segments/{id}', { id, query }));
    expect(one.data.attributes).toMatchObject({ name: 'Customers', profile_count: 3 });
    const include = { include: 'segments,lists' };
    const member = await call(sandbox, 'GET api/profiles/{id}', {
      id: ids[0] ?? '',
      query: include,
    });
    expect((await oneOf(member)).included).toMatchObject([{ type: 'segment', id }]);
  });

  it('are not there for another id, and not given with members that are not there', async () => {
    const sandbox = await startSandbox();
    for (const endpoint of ['GET api/segments/{id}', 'GET api/segments/{id}/profiles'] as const) {
      expect((await call(sandbox, endpoint, { id: 'nothing' })).status).toBe(404);
    }
    expect(() => sandbox.addSegment({ name: 'A', profileIds: ['nobody'] })).toThrow(/no profile/);
    expect(await find(sandbox)).toEqual([]);
  });
});
