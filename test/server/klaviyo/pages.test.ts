import { describe, expect, it } from 'vitest';
import { type ScriptedRequest, scriptKlaviyo } from '../../helpers/scripted-klaviyo.js';

const profile = (n: number) => ({ type: 'profile', id: `P${n}`, attributes: {} });

/** Three pages of two. */
function create(
  next = (cursor: string) => `https://a.klaviyo.com/api/profiles?page%5Bcursor%5D=${cursor}`,
) {
  return scriptKlaviyo(({ query }) => {
    const at = Number(query.get('page[cursor]')?.slice(1) ?? 0);
    const links = { next: at < 2 ? next(`c${at + 1}`) : null };
    return { body: { data: [profile(2 * at), profile(2 * at + 1)], links } };
  });
}

const cursors = (requests: ScriptedRequest[]) =>
  requests.map(({ query }) => query.get('page[cursor]'));

describe('a walk', () => {
  it('goes through all pages, in order', async () => {
    const { klaviyo, requests } = create();
    const ids: string[] = [];
    for await (const { id } of klaviyo.profiles.iterate()) ids.push(id);
    expect(ids).toEqual(['P0', 'P1', 'P2', 'P3', 'P4', 'P5']);
    expect(cursors(requests)).toEqual([null, 'c1', 'c2']);
  });

  it('asks for a page only when the one before it has been used up', async () => {
    const { klaviyo, requests } = create();
    const seen: string[] = [];
    for await (const { id } of klaviyo.profiles.iterate()) seen.push(`${id} ${requests.length}`);
    expect(seen).toEqual(['P0 1', 'P1 1', 'P2 2', 'P3 2', 'P4 3', 'P5 3']);
  });

  it('asks for nothing before it is walked, and for nothing after it was left', async () => {
    const { klaviyo, requests, clock } = create();
    const walk = klaviyo.profiles.iterate();
    await clock.advance(60_000);
    expect(requests).toEqual([]);
    for await (const { id } of walk) if (id === 'P1') break;
    await clock.advance(60_000);
    expect(requests).toHaveLength(1);
  });

  it('begins anew each time', async () => {
    const { klaviyo, requests } = create();
    const walk = klaviyo.profiles.iterate();
    for await (const { id } of walk) if (id === 'P3') break;
    for await (const { id } of walk) if (id === 'P0') break;
    expect(cursors(requests)).toEqual([null, 'c1', null]);
  });

  it('gives pages with their cursors, and goes on from one', async () => {
    const { klaviyo, requests } = create();
    const query = { sort: 'createdAt', pageSize: 2 } as const;
    let kept: string | undefined;
    for await (const page of klaviyo.profiles.iterate(query).pages()) {
      expect(page).toMatchObject({ cursor: undefined, nextCursor: 'c1' });
      expect(page.items.map(({ id }) => id)).toEqual(['P0', 'P1']);
      kept = page.nextCursor;
      break;
    }
    const rest: string[] = [];
    const cursor = String(kept);
    for await (const { id } of klaviyo.profiles.iterate({ ...query, cursor })) rest.push(id);
    expect(rest).toEqual(['P2', 'P3', 'P4', 'P5']);
    expect(requests[1]?.query.get('sort')).toBe('created');
    expect(requests[1]?.query.get('page[size]')).toBe('2');
  });

  it('takes the key to no other host, whatever a link says', async () => {
    const { klaviyo, requests } = create(
      (cursor) => `https://evil.test/steal?page%5Bcursor%5D=${cursor}`,
    );
    const ids: string[] = [];
    for await (const { id } of klaviyo.profiles.iterate()) ids.push(id);
    expect(ids).toHaveLength(6);
    expect(new Set(requests.map(({ path }) => path))).toEqual(new Set(['/api/profiles']));
  });

  it('stops in the middle of a page when it is aborted', async () => {
    const { klaviyo, requests } = create();
    const control = new AbortController();
    const reason = new Error('enough');
    const seen: string[] = [];
    const walking = (async () => {
      for await (const { id } of klaviyo.profiles.iterate({ signal: control.signal })) {
        seen.push(id);
        control.abort(reason);
      }
    })();
    await expect(walking).rejects.toBe(reason);
    expect(seen).toEqual(['P0']);
    expect(requests).toHaveLength(1);
  });

  it('does not go in circles', async () => {
    const { klaviyo } = scriptKlaviyo(() => ({
      body: { data: [], links: { next: 'https://a.klaviyo.com/api/x?page%5Bcursor%5D=same' } },
    }));
    const walking = (async () => {
      for await (const { id } of klaviyo.profiles.iterate()) expect(id).toBeUndefined();
    })();
    await expect(walking).rejects.toThrow(/the same page/);
  });
});
