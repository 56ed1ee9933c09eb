import { describe, expect, it } from 'vitest';
import { scriptKlaviyo } from '../../helpers/scripted-klaviyo.js';
import { allOf, startToolkit } from '../../helpers/start-toolkit.js';

const emails = ['ada+mail@lovelace.shop', "o'hara@lovelace.shop", 'qu"ote@lovelace.shop'];

async function withPeople() {
  const world = await startToolkit();
  const { klaviyo } = world;
  const ids: string[] = [];
  for (const email of emails) ids.push((await klaviyo.profiles.upsert({ email })).profile.id);
  const { id: listId } = await klaviyo.lists.create({ name: 'News' });
  const membersOf = async () =>
    (await allOf(klaviyo.lists.members(listId))).map(({ email }) => email).sort();
  return { ...world, ids, listId, membersOf };
}

const idsIn = (body: unknown) => (body as { data: { id: string }[] }).data.map(({ id }) => id);

describe('lists', () => {
  it('are made and listed, ten at a time', async () => {
    const { klaviyo, sent } = await startToolkit();
    const made = await klaviyo.lists.create({ name: 'News', optInProcess: 'double_opt_in' });
    expect(made).toMatchObject({ name: 'News', optInProcess: 'double_opt_in' });
    expect(made.createdAt).toBeGreaterThan(Date.now() - 60_000);
    for (let n = 0; n < 12; n += 1) await klaviyo.lists.create({ name: `L${n}` });
    const before = sent.length;
    expect(await allOf(klaviyo.lists.list({ sort: 'name' }))).toHaveLength(13);
    expect(sent.length - before).toBe(2);
    const named = klaviyo.lists.list({ filter: ({ equals }) => equals('name', 'News') });
    expect(await allOf(named)).toEqual([made]);
  });

  it('take profiles by id, and let them go', async () => {
    const { klaviyo, ids, listId, membersOf } = await withPeople();
    expect(await klaviyo.lists.add(listId, { ids })).toEqual({ count: 3, unknownEmails: [] });
    expect(await membersOf()).toEqual([...emails].sort());
    const [first = ''] = ids;
    await klaviyo.lists.remove(listId, { ids: [first] });
    expect(await membersOf()).toEqual(emails.slice(1).sort());
  });

  it('take them by address, and name those nobody has', async () => {
    const { klaviyo, listId, membersOf } = await withPeople();
    const given = [...emails.map((email) => ` ${email.toUpperCase()}`), 'nobody@lovelace.shop'];
    expect(await klaviyo.lists.add(listId, { emails: given })).toEqual({
      ...{ count: 3, unknownEmails: ['nobody@lovelace.shop'] },
    });
    expect(await membersOf()).toEqual([...emails].sort());
    const removed = await klaviyo.lists.remove(listId, { emails: [String(emails[0])] });
    expect(removed).toEqual({ count: 1, unknownEmails: [] });
    expect(await membersOf()).toEqual(emails.slice(1).sort());
  });

  it('give no consent by that', async () => {
    const { klaviyo, listId } = await withPeople();
    await klaviyo.lists.add(listId, { emails });
    const additional = ['subscriptions'] as const;
    for await (const member of klaviyo.lists.members(listId, { additional })) {
      expect(member.subscriptions?.email?.consent).toBe('NEVER_SUBSCRIBED');
      expect(member.joinedAt).toBeGreaterThan(Date.now() - 60_000);
    }
  });

  it('ask for nothing when there is nobody', async () => {
    const { klaviyo, listId, sent } = await withPeople();
    const before = sent.length;
    expect(await klaviyo.lists.add(listId, {})).toEqual({ count: 0, unknownEmails: [] });
    expect(await klaviyo.lists.add(listId, { emails: ['no@x.shop'] })).toEqual({
      ...{ count: 0, unknownEmails: ['no@x.shop'] },
    });
    expect(sent.length - before).toBe(1);
  });

  it('take 1000 with one request, their addresses being looked up 100 at a time', async () => {
    const { klaviyo, requests, clock } = scriptKlaviyo(({ method, query }) => {
      if (method === 'POST') return { status: 204 };
      const asked = JSON.parse(String(/\[.*\]/.exec(String(query.get('filter'))))) as string[];
      const data = asked.map((email) => ({
        ...{ type: 'profile', id: email.slice(0, -7), attributes: { email } },
      }));
      return { body: { data } };
    });
    async function* source() {
      for (let n = 0; n < 1150; n += 1) yield `p${n}@x.shop`;
    }
    const joining = klaviyo.lists.add('L1', { ids: ['first'], emails: source() });
    await clock.advance(60_000);
    expect(await joining).toEqual({ count: 1151, unknownEmails: [] });
    const adding = requests.filter(({ method }) => method === 'POST');
    expect(adding.map(({ path, body }) => [path, idsIn(body).length])).toEqual([
      ['/api/lists/L1/relationships/profiles', 1000],
      ['/api/lists/L1/relationships/profiles', 151],
    ]);
    expect(idsIn(adding[0]?.body).slice(0, 2)).toEqual(['first', 'p0']);
    expect(requests.filter(({ method }) => method === 'GET')).toHaveLength(12);
  });
});
