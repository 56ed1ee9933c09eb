import { describe, expect, it } from 'vitest';
import { KlaviyoApiError } from '../../../src/server/klaviyo/klaviyo-error.js';
import { outcomeOf } from '../../helpers/scripted-klaviyo.js';
import { allOf, startToolkit } from '../../helpers/start-toolkit.js';

const email = 'ada+mail@lovelace.shop';
const phoneNumber = '+4915112345678';

describe('upsert', () => {
  it('creates a profile with everything that is said of it, and updates it the next time', async () => {
    const { klaviyo } = await startToolkit();
    const location = {
      address1: 'Storkower Str. 1',
      city: 'Berlin',
      country: 'Germany',
      zip: '10407',
    };
    const first = await klaviyo.profiles.upsert({
      ...{ email, phoneNumber, externalId: 'c-1', firstName: 'Ada', lastName: 'Lovelace' },
      ...{ organization: 'Engines', title: 'Countess', locale: 'de-DE', location },
      image: 'https://shop.test/ada.png',
      properties: { 'Favourite Tea': 'Assam', Points: 7 },
    });
    expect(first).toMatchObject({
      ...{ isNew: true, isDuplicate: false },
      profile: {
        ...{ email, phoneNumber, externalId: 'c-1', firstName: 'Ada', lastName: 'Lovelace' },
        ...{ organization: 'Engines', title: 'Countess', locale: 'de-DE', location },
        properties: { 'Favourite Tea': 'Assam', Points: 7 },
      },
    });
    expect(first.profile.createdAt).toBeGreaterThan(Date.now() - 60_000);
    const second = await klaviyo.profiles.upsert({ email, properties: { Points: 8 } });
    expect(second.isNew).toBe(false);
    expect(second.profile).toMatchObject({
      ...{ id: first.profile.id, firstName: 'Ada' },
      properties: { 'Favourite Tea': 'Assam', Points: 8 },
    });
  });

  it('takes append, unappend and unset along', async () => {
    const { klaviyo } = await startToolkit();
    await klaviyo.profiles.upsert({ email, properties: { Tags: ['a', 'b'], Old: 1 } });
    const { profile } = await klaviyo.profiles.upsert({
      ...{ email, append: { Tags: 'c' }, unappend: { Tags: 'a' }, unset: ['Old'] },
    });
    expect(profile.properties).toEqual({ Tags: ['b', 'c'] });
  });

  it('reports a profile that has one of the identifiers already, and writes nothing', async () => {
    const { klaviyo } = await startToolkit();
    const ada = await klaviyo.profiles.upsert({ email });
    const bo = await klaviyo.profiles.upsert({ phoneNumber, firstName: 'Bo' });
    const outcome = await outcomeOf(
      klaviyo.profiles.upsert({ email, phoneNumber, firstName: 'Ada' }),
    );
    const { error } = outcome as { error: KlaviyoApiError };
    expect(error).toBeInstanceOf(KlaviyoApiError);
    expect(error).toMatchObject({ status: 409, codes: ['duplicate_profile'] });
    expect([ada.profile.id, bo.profile.id]).toContain(error.duplicateProfileId);
    expect((await klaviyo.profiles.getByEmail(email))?.firstName).toBeUndefined();
    expect((await klaviyo.profiles.getByPhone(phoneNumber))?.firstName).toBe('Bo');
  });

  it('updates that profile when it is told to, and moves no identifier', async () => {
    const { klaviyo } = await startToolkit();
    await klaviyo.profiles.upsert({ email });
    await klaviyo.profiles.upsert({ phoneNumber });
    const { isDuplicate, isNew, profile } = await klaviyo.profiles.upsert(
      { email, phoneNumber, firstName: 'Ada' },
      { onDuplicate: 'update' },
    );
    expect({ isDuplicate, isNew, name: profile.firstName }).toEqual({
      ...{ isDuplicate: true, isNew: false, name: 'Ada' },
    });
    expect((await klaviyo.profiles.getByEmail(email))?.phoneNumber).toBeUndefined();
    expect((await klaviyo.profiles.getByPhone(phoneNumber))?.email).toBeUndefined();
  });

  it('says where a value is wrong', async () => {
    const { klaviyo } = await startToolkit();
    await expect(klaviyo.profiles.upsert({ email, phoneNumber: '030 1234' })).rejects.toMatchObject(
      {
        ...{ status: 400, pointers: ['/data/attributes/phone_number'] },
      },
    );
  });
});

describe('a profile is found', () => {
  it.each([
    'ada@lovelace.shop',
    'ada+mail@lovelace.shop',
    "o'hara@lovelace.shop",
    'with"quote@lovelace.shop',
    'back\\slash@lovelace.shop',
    'per%cent&and=more#x@lovelace.shop',
    'uml(ä)ut,comma@lovelace.shop',
  ])('by the address %s and no other', async (address) => {
    const { klaviyo } = await startToolkit();
    await klaviyo.profiles.upsert({ email: 'other@lovelace.shop' });
    const { profile } = await klaviyo.profiles.upsert({ email: address });
    expect((await klaviyo.profiles.getByEmail(address))?.id).toBe(profile.id);
    expect((await klaviyo.profiles.getByEmail(` ${address.toUpperCase()} `))?.id).toBe(profile.id);
    expect(await klaviyo.profiles.getByEmail(`x${address}`)).toBeUndefined();
  });

  it('by number, by the shop’s id, and by Klaviyo’s', async () => {
    const { klaviyo } = await startToolkit();
    const { profile } = await klaviyo.profiles.upsert({ email, phoneNumber, externalId: 'a"+b' });
    for (const found of [
      await klaviyo.profiles.getByPhone(phoneNumber),
      await klaviyo.profiles.getByExternalId('a"+b'),
      await klaviyo.profiles.getById(profile.id),
    ]) {
      expect(found).toEqual(profile);
    }
    expect(await klaviyo.profiles.getByPhone('+4930123456')).toBeUndefined();
    expect(await klaviyo.profiles.getByExternalId('nobody')).toBeUndefined();
    expect(await klaviyo.profiles.getById('01NOBODY')).toBeUndefined();
  });

  it('with its consent when that is asked for', async () => {
    const { klaviyo, sandbox } = await startToolkit();
    const { profile } = await klaviyo.profiles.upsert({ email });
    expect(profile.subscriptions).toBeUndefined();
    const additional = ['subscriptions'] as const;
    for (const found of [
      await klaviyo.profiles.getById(profile.id, { additional }),
      await klaviyo.profiles.getByEmail(email, { additional }),
    ]) {
      expect(found?.subscriptions?.email).toEqual({
        ...{ consent: 'NEVER_SUBSCRIBED', canReceive: true, suppressions: [] },
      });
    }
    expect(sandbox.requests()).toHaveLength(3);
  });
});

describe('update', () => {
  it('clears what is null, leaves what is absent', async () => {
    const { klaviyo } = await startToolkit();
    const { profile } = await klaviyo.profiles.upsert({
      ...{ email, phoneNumber, firstName: 'Ada', lastName: 'Lovelace', properties: { A: 1 } },
      location: { city: 'Berlin', zip: '10407' },
    });
    const { id } = profile;
    const updated = await klaviyo.profiles.update(id, {
      ...{ firstName: null, phoneNumber: null, location: { city: null }, properties: { B: 2 } },
    });
    expect(updated).toMatchObject({ id, email, lastName: 'Lovelace', properties: { A: 1, B: 2 } });
    expect(updated).not.toHaveProperty('firstName');
    expect(updated).not.toHaveProperty('phoneNumber');
    expect(updated.location?.zip).toBe('10407');
    expect(updated.location).not.toHaveProperty('city');
  });

  it('changes an identifier', async () => {
    const { klaviyo } = await startToolkit();
    const { profile } = await klaviyo.profiles.upsert({ email });
    await klaviyo.profiles.update(profile.id, { email: 'new@lovelace.shop' });
    expect((await klaviyo.profiles.getByEmail('new@lovelace.shop'))?.id).toBe(profile.id);
    expect(await klaviyo.profiles.getByEmail(email)).toBeUndefined();
  });

  it('appends, takes out and removes properties', async () => {
    const { klaviyo } = await startToolkit();
    const { profile } = await klaviyo.profiles.upsert({
      email,
      properties: { Tags: ['a'], Old: 1 },
    });
    const { id } = profile;
    expect((await klaviyo.profiles.append(id, { Tags: ['b', 'c'] })).properties).toMatchObject({
      Tags: ['a', 'b', 'c'],
    });
    expect((await klaviyo.profiles.unappend(id, { Tags: 'a' })).properties).toMatchObject({
      Tags: ['b', 'c'],
    });
    expect((await klaviyo.profiles.unset(id, ['Old'])).properties).toEqual({ Tags: ['b', 'c'] });
  });

  it('rejects for nobody', async () => {
    const { klaviyo } = await startToolkit();
    await expect(klaviyo.profiles.update('01NOBODY', { firstName: 'A' })).rejects.toMatchObject({
      status: 404,
    });
  });
});

describe('iterate', () => {
  const names = Array.from(
    { length: 25 },
    (_, n) => `p${String(n).padStart(2, '0')}@lovelace.shop`,
  );

  async function withMany() {
    const world = await startToolkit();
    for (const address of names) await world.klaviyo.profiles.upsert({ email: address });
    return world;
  }

  it('walks all of them, page by page, and sorts', async () => {
    const { klaviyo, sandbox } = await withMany();
    const before = sandbox.requests().length;
    const walk = klaviyo.profiles.iterate({ sort: '-email', pageSize: 10, fields: ['email'] });
    const found = await allOf(walk);
    expect(found.map((profile) => profile.email)).toEqual([...names].reverse());
    expect(Object.keys(found[0] ?? {})).toEqual(['id', 'email']);
    expect(sandbox.requests().length - before).toBe(3);
  });

  it('goes on from a cursor', async () => {
    const { klaviyo } = await withMany();
    const query = { sort: 'email', pageSize: 10 } as const;
    let cursor: string | undefined;
    for await (const page of klaviyo.profiles.iterate(query).pages()) {
      cursor = page.nextCursor;
      break;
    }
    const rest = await allOf(klaviyo.profiles.iterate({ ...query, cursor }));
    expect(rest.map((profile) => profile.email)).toEqual(names.slice(10));
  });

  it('filters', async () => {
    const { klaviyo } = await withMany();
    const some = await allOf(
      klaviyo.profiles.iterate({
        filter: ({ and, any, greaterThan }) =>
          and(
            any('email', ['p03@lovelace.shop', 'P07@lovelace.shop']),
            greaterThan('createdAt', 0),
          ),
      }),
    );
    expect(some.map((profile) => profile.email).sort()).toEqual([names[3], names[7]]);
    const none = klaviyo.profiles.iterate({ filter: (f) => f.lessThan('updatedAt', 0) });
    expect(await allOf(none)).toEqual([]);
  });
});
