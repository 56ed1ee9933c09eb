import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/index.js';
import { call, oneOf, profileData, refusal, startSandbox } from '../requests.js';

type Json = Record<string, unknown>;

const email = (name: string) => `${name}@shop.test-mail.net`;

const start = (sandbox: Sandbox, profiles: Json[], listIds: string[] = []) =>
  call(sandbox, 'POST api/profile-bulk-import-jobs', {
    body: {
      data: {
        type: 'profile-bulk-import-job',
        attributes: { profiles: { data: profiles } },
        ...(listIds.length > 0 && {
          relationships: { lists: { data: listIds.map((id) => ({ type: 'list', id })) } },
        }),
      },
    },
  });
const look = async (sandbox: Sandbox, id: string, query = {}) =>
  oneOf(await call(sandbox, 'GET api/profile-bulk-import-jobs/{id}', { id, query }));

describe('a bulk import', () => {
  it('is queued first and complete when it is asked after', async () => {
    const sandbox = await startSandbox();
    const response = await start(sandbox, [
      profileData({ email: email('ada'), first_name: 'Ada' }),
      profileData({ email: email('bo') }),
    ]);
    expect(response.status).toBe(202);
    const { data } = await oneOf(response);
    expect(data.attributes).toMatchObject({ status: 'queued', total_count: 2, completed_count: 0 });
    expect((await look(sandbox, data.id)).data.attributes).toMatchObject({
      status: 'complete',
      completed_count: 2,
      failed_count: 0,
    });
    expect(sandbox.profiles().map((profile) => profile.email)).toEqual([email('ada'), email('bo')]);
  });

  it('counts whom it cannot write, and writes the others', async () => {
    const sandbox = await startSandbox();
    await start(sandbox, [
      profileData({ email: email('ada') }),
      profileData({ phone_number: '+4915112345678' }),
    ]);
    const { data } = await oneOf(
      await start(sandbox, [
        profileData({ email: email('ada'), phone_number: '+4915112345678' }),
        profileData({ email: email('nobody') }, { id: 'nobody' }),
        profileData({ email: email('cy') }),
      ]),
    );
    const { attributes } = (await look(sandbox, data.id)).data;
    expect(attributes).toMatchObject({ total_count: 3, completed_count: 1, failed_count: 2 });
    expect(sandbox.profiles()).toHaveLength(3);
  });

  it('says of each whom it cannot write why, page by page', async () => {
    const sandbox = await startSandbox();
    const nobody = (name: string) => profileData({ email: email(name) }, { id: name });
    await start(sandbox, [profileData({ email: email('ada') }), profileData({ external_id: '7' })]);
    const { data } = await oneOf(
      await start(sandbox, [
        nobody('a'),
        profileData({ email: email('cy') }),
        profileData({ email: email('ada'), external_id: '7' }),
        nobody('b'),
      ]),
    );
    const path = 'GET api/profile-bulk-import-jobs/{id}/import-errors';
    const query = { 'page[size]': '2' };
    const page = await (await call(sandbox, path, { id: data.id, query })).json();
    expect(page.data).toMatchObject([
      {
        type: 'import-error',
        attributes: {
          code: 'not_found',
          source: { pointer: '/data/attributes/profiles/data/0' },
          original_payload: nobody('a'),
        },
      },
      {
        attributes: {
          code: 'duplicate_profile',
          source: { pointer: '/data/attributes/profiles/data/2' },
        },
      },
    ]);
    const cursor = new URL(page.links.next).searchParams.get('page[cursor]') ?? '';
    const next = await call(sandbox, path, {
      ...{ id: data.id, query: { ...query, 'page[cursor]': cursor } },
    });
    expect((await next.json()).data).toHaveLength(1);
    expect((await call(sandbox, path, { id: 'nothing' })).status).toBe(404);
  });

  it('adds to lists that are there', async () => {
    const sandbox = await startSandbox();
    const list = sandbox.addList({ name: 'Newsletter' });
    const { data } = await oneOf(
      await start(sandbox, [profileData({ email: email('ada') })], [list]),
    );
    const { included } = await look(sandbox, data.id, { include: 'lists' });
    expect(included).toMatchObject([
      { type: 'list', id: list, attributes: { name: 'Newsletter' } },
    ]);
    expect((await start(sandbox, [], ['nothing'])).status).toBe(404);
  });

  it('takes 10,000 profiles of 100 KB each, 5 MB in all', async () => {
    const sandbox = await startSandbox();
    const many = Array.from({ length: 10_000 }, (_, index) =>
      profileData({ external_id: `${index}` }),
    );
    expect((await start(sandbox, many)).status).toBe(202);
    const place = '/data/attributes/profiles/data';
    expect(await refusal(await start(sandbox, [...many, ...many.slice(0, 1)]))).toEqual([
      400,
      place,
    ]);
    const large = profileData({ email: email('ada'), properties: { note: 'x'.repeat(100_000) } });
    expect(await refusal(await start(sandbox, [large]))).toEqual([400, `${place}/0`]);
    const some = profileData({ email: email('bo'), properties: { note: 'x'.repeat(90_000) } });
    const tooMuch = await start(
      sandbox,
      Array.from({ length: 60 }, () => some),
    );
    expect(tooMuch.status).toBe(413);
  });

  it('is nowhere to be found by another id', async () => {
    const sandbox = await startSandbox();
    const response = await call(sandbox, 'GET api/profile-bulk-import-jobs/{id}', {
      id: 'nothing',
    });
    expect(response.status).toBe(404);
  });
});
