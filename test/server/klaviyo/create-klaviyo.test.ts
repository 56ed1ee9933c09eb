import { describe, expect, it, vi } from 'vitest';
import {
  createKlaviyo,
  KlaviyoOptionsError,
  type KlaviyoWithOutbox,
} from '../../../src/server/klaviyo/create-klaviyo.js';
import type { Fields } from '../../../src/server/log.js';
import { outcomeOf, privateKey, scriptKlaviyo } from '../../helpers/scripted-klaviyo.js';
import { orderOf } from '../orders.js';

describe('createKlaviyo', () => {
  it.each([undefined, '', 'AbC123', 'secret-value', 'pk_', 'pk_with space', `${privateKey}\n`])(
    'refuses %j for a key, and does not show it',
    (key) => {
      const create = () => createKlaviyo({ privateKey: key as string });
      expect(create).toThrow(KlaviyoOptionsError);
      expect(create).toThrow(/^privateKey must be a private API key: pk_ and more\.$/);
    },
  );

  it('refuses to hold a key in a browser', () => {
    vi.stubGlobal('window', {});
    vi.stubGlobal('document', {});
    expect(() => createKlaviyo({ privateKey })).toThrow(/must not be in a browser/);
  });

  it('has no syncOrder without an outbox, and says so', async () => {
    const { klaviyo } = scriptKlaviyo();
    const synced = (klaviyo as KlaviyoWithOutbox).syncOrder('placed', orderOf('1'));
    await expect(synced).rejects.toThrow(/needs an outbox/);
    await klaviyo.close();
  });

  it('logs what it repeats, without anybody’s address', async () => {
    const lines: { fields: Fields; message: string }[] = [];
    const warn = (fields: Fields, message: string) => void lines.push({ fields, message });
    const log = { info: warn, warn, error: warn };
    const { klaviyo, clock } = scriptKlaviyo(() => ({ status: 500 }), { log });
    const outcome = outcomeOf(klaviyo.profiles.getByEmail('ada@lovelace.shop'));
    await clock.advance(60_000);
    expect(await outcome).toHaveProperty('error');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toEqual({
      fields: {
        ...{ endpoint: 'GET /api/profiles', outcome: 'server', status: 500 },
        ...{ attempts: 1, pauseMs: 1000 },
      },
      message: 'a request is sent again',
    });
    expect(JSON.stringify(lines)).not.toContain('ada');
  });

  it('keeps its own limits: two of them know nothing of each other', async () => {
    const one = scriptKlaviyo();
    const two = createKlaviyo({ privateKey, env: one.env });
    for (const klaviyo of [one.klaviyo, two]) {
      for await (const webhook of klaviyo.webhooks.list()) expect(webhook).toBeUndefined();
    }
    expect(one.requests.map(({ at }) => at)).toEqual([one.clock.now(), one.clock.now()]);
  });
});

describe('ten thousand profiles', () => {
  it('are upserted at the limit, and no window of Klaviyo’s is passed', async () => {
    const count = 3000;
    const { klaviyo, clock, requests } = scriptKlaviyo(async () => {
      await new Promise<void>((resolve) => clock.after(200, resolve));
      return { status: 201, body: { data: { type: 'profile', id: 'P', attributes: {} } } };
    });
    const start = clock.now();
    const all = Promise.all(
      Array.from({ length: count }, (_, n) => klaviyo.profiles.upsert({ email: `p${n}@x.shop` })),
    );
    await clock.advance(260_000);
    expect(await all).toHaveLength(count);
    const minutes = new Map<number, number>();
    const seconds = new Map<number, number>();
    for (const { at } of requests) {
      minutes.set(Math.floor(at / 60_000), (minutes.get(Math.floor(at / 60_000)) ?? 0) + 1);
      seconds.set(Math.floor(at / 1000), (seconds.get(Math.floor(at / 1000)) ?? 0) + 1);
    }
    expect(Math.max(...minutes.values())).toBeLessThanOrEqual(750);
    expect(Math.max(...seconds.values())).toBeLessThanOrEqual(75);
    // Three minutes of waiting, and the last 750 at 75 a second.
    const tookMs = Number(requests.at(-1)?.at) - start;
    expect(tookMs).toBeLessThan(3 * 60_000 * 1.02 + 10_000);
    expect(tookMs).toBeGreaterThan(3 * 60_000);
  });
});
