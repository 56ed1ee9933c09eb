import { describe, expect, it } from 'vitest';
import { scriptKlaviyo } from '../../helpers/scripted-klaviyo.js';
import { allOf, startToolkit } from '../../helpers/start-toolkit.js';

const people = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ email: `p${n}@lovelace.shop`, firstName: `P${n}` }));

const job = (id: string) => ({
  status: 202,
  body: {
    data: {
      ...{ type: 'profile-bulk-import-job', id },
      attributes: { status: 'queued', created_at: '2026-11-22T10:00:00+00:00', total_count: 1 },
    },
  },
});

describe('upsertAll', () => {
  it('creates and updates, adds to the list, and says how far it is', async () => {
    const { klaviyo, sandbox } = await startToolkit();
    const listId = sandbox.addList({ name: 'News' });
    await klaviyo.profiles.upsert({ email: 'p1@lovelace.shop', properties: { Points: 7 } });
    const { imports, rejected } = await klaviyo.profiles.upsertAll(people(3), { listId });
    expect(rejected).toEqual([]);
    expect(imports).toHaveLength(1);
    expect(imports[0]).toMatchObject({ status: 'queued', totalCount: 3 });
    const done = await klaviyo.profiles.getImport(String(imports[0]?.id));
    expect(done).toMatchObject({ status: 'complete', completedCount: 3, failedCount: 0 });
    expect(done.createdAt).toBeGreaterThan(Date.now() - 60_000);
    expect(
      (await allOf(klaviyo.profiles.iterate())).map(({ firstName }) => firstName).sort(),
    ).toEqual([...['P0', 'P1', 'P2']]);
    expect((await klaviyo.profiles.getByEmail('p1@lovelace.shop'))?.properties).toEqual({
      Points: 7,
    });
  });

  it('goes in imports of 10,000, and takes its profiles one by one', async () => {
    const { klaviyo, requests } = scriptKlaviyo((_, index) => job(`J${index}`));
    let given = 0;
    async function* source() {
      for (const person of people(20_001)) {
        given += 1;
        yield person;
      }
    }
    const { imports } = await klaviyo.profiles.upsertAll(source());
    expect(imports.map(({ id }) => id)).toEqual(['J0', 'J1', 'J2']);
    const counts = requests.map(
      ({ body }) =>
        (body as { data: { attributes: { profiles: { data: unknown[] } } } }).data.attributes
          .profiles.data.length,
    );
    expect(counts).toEqual([10_000, 10_000, 1]);
    expect(given).toBe(20_001);
  });

  it('goes in imports of 5 MB', async () => {
    const { klaviyo, requests } = scriptKlaviyo((_, index) => job(`J${index}`));
    const large = people(120).map((person) => ({
      ...person,
      properties: { Text: 'ä'.repeat(45_000) },
    }));
    const { imports, rejected } = await klaviyo.profiles.upsertAll(large);
    expect(rejected).toEqual([]);
    expect(imports.length).toBeGreaterThan(2);
    for (const { text } of requests) expect(Buffer.byteLength(text)).toBeLessThan(5_000_000);
  });

  it('begins an import again whose id was lost on the way, but not one that appends', async () => {
    const cut = scriptKlaviyo((_, index) =>
      index === 0 ? { ...job('J0'), cut: true } : job('J1'),
    );
    const done = cut.klaviyo.profiles.upsertAll(people(2));
    await cut.clock.advance(60_000);
    expect((await done).imports.map(({ id }) => id)).toEqual(['J1']);

    const appending = scriptKlaviyo(() => ({ ...job('J0'), cut: true }));
    const person = { email: 'a@lovelace.shop', append: { Tags: 'tea' } };
    await expect(appending.klaviyo.profiles.upsertAll([person])).rejects.toMatchObject({
      ...{ isOutcomeUnknown: true, pending: [0], done: { imports: [] } },
      cause: { name: 'KlaviyoApiError', isOutcomeUnknown: true, attempts: 1 },
    });
  });

  it('leaves out a profile of more than 100 KB, and one that Klaviyo names', async () => {
    const { klaviyo } = await startToolkit();
    const { rejected } = await klaviyo.profiles.upsertAll([
      { email: 'a@lovelace.shop' },
      { email: 'b@lovelace.shop', properties: { Text: 'x'.repeat(100_001) } },
      { email: 'c@lovelace.shop', phoneNumber: 'none' },
      { email: 'd@lovelace.shop' },
    ]);
    expect(rejected.map(({ index }) => index)).toEqual([1, 2]);
    expect(rejected[0]?.error).toBeInstanceOf(RangeError);
    expect(rejected[1]?.error).toMatchObject({ status: 400 });
    const emails = (await allOf(klaviyo.profiles.iterate({ sort: 'email' }))).map(
      ({ email }) => email,
    );
    expect(emails).toEqual(['a@lovelace.shop', 'd@lovelace.shop']);
  });

  it('is repeated after no answer, unless it appends something', async () => {
    const world = scriptKlaviyo((_, index) => (index === 0 ? 'lost' : job('J1')));
    const done = world.klaviyo.profiles.upsertAll(people(1));
    await world.clock.advance(60_000);
    expect((await done).imports).toHaveLength(1);
    const other = scriptKlaviyo(() => 'lost');
    const appending = [{ email: 'a@lovelace.shop', append: { Tags: 'a' } }];
    await expect(other.klaviyo.profiles.upsertAll(appending)).rejects.toMatchObject({
      isOutcomeUnknown: true,
    });
    expect(other.requests).toHaveLength(1);
  });
});

describe('importErrors', () => {
  it('says whom an import could not write', async () => {
    const { klaviyo } = await startToolkit();
    await klaviyo.profiles.upsert({ email: 'ada@lovelace.shop' });
    await klaviyo.profiles.upsert({ externalId: '7' });
    const { imports } = await klaviyo.profiles.upsertAll([
      ...people(2),
      { email: 'ada@lovelace.shop', externalId: '7' },
    ]);
    const id = String(imports[0]?.id);
    expect((await klaviyo.profiles.getImport(id)).failedCount).toBe(1);
    expect(await allOf(klaviyo.profiles.importErrors(id))).toMatchObject([
      { code: 'duplicate_profile', pointer: '/data/attributes/profiles/data/2' },
    ]);
  });

  it('walks what was not written', async () => {
    const error = {
      ...{ type: 'import-error', id: 'E1' },
      attributes: {
        ...{ code: 'invalid', title: 'Invalid', detail: 'no', original_payload: null },
        source: { pointer: '/data/attributes/profiles/data/0' },
      },
    };
    const { klaviyo, requests } = scriptKlaviyo(() => ({ body: { data: [error] } }));
    expect(await allOf(klaviyo.profiles.importErrors('J1'))).toEqual([
      {
        ...{ id: 'E1', code: 'invalid', title: 'Invalid', detail: 'no' },
        pointer: '/data/attributes/profiles/data/0',
      },
    ]);
    expect(requests[0]?.path).toBe('/api/profile-bulk-import-jobs/J1/import-errors');
  });
});
