import { describe, expect, it } from 'vitest';
import { allOf, startToolkit } from '../../helpers/start-toolkit.js';

describe('segments', () => {
  it('are listed and filtered', async () => {
    const { klaviyo, sandbox, sent } = await startToolkit();
    for (let n = 0; n < 12; n += 1) sandbox.addSegment({ name: `S${n}`, isStarred: n === 3 });
    sandbox.addSegment({ name: 'Old', isActive: false });
    const all = await allOf(klaviyo.segments.list({ sort: 'name' }));
    expect(all).toHaveLength(13);
    expect(sent).toHaveLength(2);
    expect(all[0]).toMatchObject({ name: 'Old', isActive: false, isProcessing: false });
    expect(all[0]?.createdAt).toBeGreaterThan(Date.now() - 60_000);
    const starred = klaviyo.segments.list({ filter: ({ equals }) => equals('isStarred', true) });
    expect((await allOf(starred)).map(({ name }) => name)).toEqual(['S3']);
    const named = klaviyo.segments.list({ filter: ({ any }) => any('name', ['S1', 'S2']) });
    expect((await allOf(named)).map(({ name }) => name).sort()).toEqual(['S1', 'S2']);
    const inactive = klaviyo.segments.list({
      filter: ({ equals }) => equals('isActive', false),
      fields: ['name'],
    });
    expect(await allOf(inactive)).toEqual([{ id: all[0]?.id, name: 'Old' }]);
  });

  it('have members', async () => {
    const { klaviyo, sandbox } = await startToolkit();
    const profileIds: string[] = [];
    for (const email of ['ada@lovelace.shop', 'bo@lovelace.shop']) {
      profileIds.push((await klaviyo.profiles.upsert({ email })).profile.id);
    }
    const id = sandbox.addSegment({ name: 'Gold', profileIds });
    const members = await allOf(klaviyo.segments.members(id, { additional: ['subscriptions'] }));
    expect(members.map((member) => member.id).sort()).toEqual(profileIds.sort());
    expect(members[0]?.subscriptions?.email).toBeDefined();
    expect(members[0]?.joinedAt).toBeGreaterThan(Date.now() - 60_000);
    const [bo] = await allOf(
      klaviyo.segments.members(id, {
        filter: ({ equals }) => equals('email', 'bo@lovelace.shop'),
        fields: ['email'],
      }),
    );
    expect(bo).toEqual({ id: bo?.id, email: 'bo@lovelace.shop' });
    const byId = klaviyo.segments.members(id, {
      filter: ({ any }) => any('id', [String(bo?.id)]),
      sort: '-joinedAt',
    });
    expect((await allOf(byId)).map(({ email }) => email)).toEqual(['bo@lovelace.shop']);
  });
});
