import { describe, expect, it } from 'vitest';
import { outcomeOf, scriptKlaviyo } from '../../helpers/scripted-klaviyo.js';

describe('request', () => {
  it('calls any endpoint, with its query and body', async () => {
    const { klaviyo, requests } = scriptKlaviyo(() => ({
      ...{ status: 201, body: { data: { id: 'T1' } } },
      headers: { 'x-klaviyo-request-id': 'r-1' },
    }));
    const body = { data: { type: 'tag', attributes: { name: 'A' } } };
    const query = { 'fields[tag]': ['name', 'id'], 'page[size]': 5, exact: true, none: undefined };
    const reply = await klaviyo.request<{ data: { id: string } }>('POST', '/api/tags', {
      query,
      body,
    });
    expect(reply).toEqual({ status: 201, body: { data: { id: 'T1' } }, klaviyoRequestId: 'r-1' });
    expect(requests[0]).toMatchObject({ method: 'POST', path: '/api/tags', body });
    expect(requests[0]?.search).toBe('?fields%5Btag%5D=name%2Cid&page%5Bsize%5D=5&exact=true');
  });

  it.each(['/tags', 'https://evil.test/api/tags', '/api/tags?x=1', '/api/tags#x', '/api/a b'])(
    'refuses the path %s',
    async (path) => {
      const { klaviyo, requests } = scriptKlaviyo();
      await expect(klaviyo.request('GET', path as '/api/x')).rejects.toThrow(TypeError);
      expect(requests).toEqual([]);
    },
  );

  it('keeps to a limit it is told, in one lane for all ids', async () => {
    const { klaviyo, clock, requests } = scriptKlaviyo();
    const rate = { burst: 1, steady: 15 };
    const all = ['a', 'b', 'c'].map((id) => klaviyo.request('GET', `/api/tags/${id}`, { rate }));
    await clock.advance(999);
    expect(requests).toHaveLength(1);
    await clock.advance(2000);
    await Promise.all(all);
    expect(requests).toHaveLength(3);
  });

  it('keeps to the limits of endpoints that are known, and to 10 a second elsewhere', async () => {
    const { klaviyo, clock, requests } = scriptKlaviyo();
    const many = (path: `/api/${string}`) =>
      Array.from({ length: 11 }, () => klaviyo.request('GET', path));
    const all = [...many('/api/flows'), ...many('/api/tags'), ...many('/api/profiles')];
    await clock.settle();
    const count = (path: string) => requests.filter((each) => each.path === path).length;
    expect([count('/api/flows'), count('/api/tags'), count('/api/profiles')]).toEqual([3, 10, 11]);
    await clock.advance(10_000);
    await Promise.all(all);
  });

  it('keeps a dearer request of an endpoint to its own limit, and the others to theirs', async () => {
    const { klaviyo, clock, requests } = scriptKlaviyo();
    const rate = { burst: 1, steady: 15 };
    const dear = () => klaviyo.request('GET', '/api/profiles', { rate });
    const all: Promise<unknown>[] = [dear()];
    for (let n = 0; n < 5; n += 1) all.push(klaviyo.profiles.getByEmail('ada@lovelace.shop'));
    all.push(dear());
    await clock.settle();
    expect(requests).toHaveLength(6);
    await clock.advance(1100);
    expect(requests).toHaveLength(7);
    await Promise.all(all);
  });

  it('shares a lane where the limit it is told is the usual one', async () => {
    const { klaviyo, clock, requests } = scriptKlaviyo();
    const all = Array.from({ length: 6 }, (_, n) =>
      n % 2
        ? klaviyo.request('GET', '/api/flows')
        : klaviyo.request('GET', '/api/flows', { rate: { burst: 3, steady: 60 } }),
    );
    await clock.settle();
    expect(requests).toHaveLength(3);
    await clock.advance(5000);
    await Promise.all(all);
  });

  it('names the scopes of an endpoint that is known', async () => {
    const { klaviyo } = scriptKlaviyo(() => ({ status: 403, body: { errors: [{ code: 'x' }] } }));
    const outcome = await outcomeOf(klaviyo.request('GET', '/api/flows/F1'));
    expect(outcome).toMatchObject({ error: { message: expect.stringContaining('flows:read') } });
  });
});
