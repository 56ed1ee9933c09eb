/** What another version, an extension or a broken disk has left in storage costs itself and nothing else. */

import { types } from 'node:util';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { installGlobal } from '../../src/browser/klaviyo-global.js';
import { isQueuedEvent } from '../../src/browser/queued-event.js';
import { createOrigin } from '../helpers/fake-env.js';
import fc from '../helpers/fast-check.js';
import { COMPANY, start, startOn } from '../helpers/start-client.js';
import {
  expectClean,
  expectNothingPersonal,
  hostileText,
  plain,
  replay,
  runsOf,
} from './hostile.js';

const PREFIX = `klaviyo-storefront:${COMPANY}`;
const DAY_MS = 86_400_000;

const record = fc.dictionary(
  fc.constantFrom(
    ...[
      'key',
      'uniqueId',
      'metric',
      'data',
      'createdAt',
      'anonymousId',
      'who',
      'owner',
      'attempts',
    ],
    ...['batch', 'untilAt', 'setAt', 'reason', 'failures', 'known', 'past', 'cookie', 'refused'],
    ...['link', '0', '1', 'length', '__proto__'],
  ),
  plain,
  { maxKeys: 12 },
);
/** Nearly right: one field of a good record is another. */
const nearly = (good: object) =>
  fc
    .tuple(fc.constantFrom(...Object.keys(good)), plain)
    .map(([key, value]) => ({ ...good, [key]: value }));
const START_AT = Date.UTC(2026, 10, 22, 12);
const event = {
  key: 'k',
  uniqueId: 'u',
  metric: 'Stored',
  data: '"properties":{},"metric":{"data":{"type":"metric","attributes":{"name":"Stored"}}}',
  createdAt: START_AT - 3_600_000,
  anonymousId: 'a',
  who: {},
  owner: '',
  attempts: 0,
  batch: 'b:2',
};
/** What must arrive whatever is beside it. */
const goodOf = (name: string) => ({
  ...event,
  key: name,
  uniqueId: name,
  metric: name,
  data: event.data.replace('Stored', name),
  who: { email: 'grace@shop.example' },
  batch: undefined,
});
const GOOD = ['Good', 'Good spilled', 'Good stored'];
const pause = { untilAt: START_AT + 3_600_000, reason: 'server', setAt: START_AT, failures: 1 };
const identity = { anonymousId: 'a', who: {}, known: {}, past: {} };
const viewed = { ItemId: 1, LastViewedDate: START_AT / 1000, Views: 2 };
const value = fc.oneof(plain, record, nearly(event), nearly(pause), nearly(identity));
/** Where a record is: under the key of a good one, or under another. */
const place = fc.constantFrom('k', 'k', '0');
const placed = fc.array(fc.tuple(place, fc.oneof(value, nearly(event))), { maxLength: 3 });
const planted = fc.record({
  identity: fc.oneof(value, nearly(identity)),
  pause: fc.oneof(value, nearly(pause)),
  flush: value,
  refused: value,
  viewed: fc.oneof(value, fc.array(fc.oneof(plain, nearly(viewed)), { maxLength: 4 })),
  spilled: placed,
  stored: placed,
});

const rejections: unknown[] = [];
const watch = (result: unknown): void => {
  if (types.isPromise(result)) result.catch((error) => rejections.push(error));
};

beforeEach(() => {
  // For the answers of the global, which nobody waits for here.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  rejections.length = 0;
});

afterAll(() => void vi.useRealTimers());

it('gives up what is garbage, and that alone', { timeout: 3_600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(planted, fc.boolean(), fc.boolean(), async (found, locks, isCut) => {
      const origin = createOrigin({ locks, startAt: START_AT });
      const put = (name: string, one: unknown): void => {
        const text = JSON.stringify(one) ?? '';
        origin.local.content.set(`${PREFIX}:${name}`, isCut ? text.slice(0, -1) : text);
      };
      for (const name of ['identity', 'pause', 'flush', 'refused', 'viewed'] as const) {
        put(name, found[name]);
      }
      for (const [key, one] of found.spilled) put(`event:${key}`, one);
      const spilled = goodOf('Good spilled');
      origin.local.content.set(`${PREFIX}:event:${spilled.key}`, JSON.stringify(spilled));
      for (const [key, one] of [...found.stored, ['Good stored', goodOf('Good stored')] as const]) {
        await origin.database.plant(PREFIX, key, one);
      }
      const { client, tab, reports } = start(origin, { debug: true });
      vi.stubGlobal('window', {});
      vi.stubGlobal('document', { querySelector: () => null });
      installGlobal(() => client, COMPANY, tab.env);
      const { klaviyo } = window as unknown as {
        klaviyo: { trackViewedItem: (item: object) => Promise<unknown> };
      };
      watch(client.identify({ email: 'ada@shop.example' }));
      watch(client.track('Good', { n: 1 }));
      watch(klaviyo.trackViewedItem({ ItemId: 'good item' }));
      await origin.advance(DAY_MS);
      vi.runOnlyPendingTimers();
      const arrived = origin.klaviyo.metrics().filter((metric) => GOOD.includes(metric));
      expect(arrived.sort()).toEqual(GOOD);
      const lists = origin.klaviyo.profiles.map(
        ({ properties }) => (properties as { $viewed_items?: object[] })?.$viewed_items,
      );
      expect(lists.flat()).toContainEqual(expect.objectContaining({ ItemId: 'good item' }));
      // Each stored record that is no event is reported, unless its spilled copy has replaced it, and nothing
      // that is good is.
      const dropped = reports.dropped.map(({ uniqueId, reason }) => `${reason} ${uniqueId}`);
      const isEvent = (key: string, one: unknown): boolean => isQueuedEvent(one) && one.key === key;
      const copies = isCut ? new Map() : new Map(found.spilled);
      const garbage = [...new Map(found.stored)].filter(
        ([key, one]) => !isEvent(key, one) && !isEvent(key, copies.get(key)),
      );
      expect(dropped.filter((text) => text.startsWith('invalid')).sort()).toEqual(
        garbage.map(([key]) => `invalid ${key}`).sort(),
      );
      const delivered = reports.delivered.map(({ metric }) => metric);
      expect(delivered).toEqual(expect.arrayContaining(GOOD));
      for (const name of GOOD.slice(1)) expect(dropped.join()).not.toContain(name);
      // What is still there waits for its visitor.
      expect((await origin.database.records(PREFIX)).every(isQueuedEvent)).toBe(true);
      expect([...origin.errors, ...rejections]).toEqual([]);
      await client.inspect();
      expectNothingPersonal(origin.warnings);
      expectClean();
      vi.clearAllTimers();
    }),
    { numRuns: runsOf(6000, 5), ...replay },
  );
});

const cookieFields = fc.dictionary(
  fc.constantFrom('cid', '$email', 'email', '$id', '$kid', '$exchange_id', '__proto__'),
  plain,
  { maxKeys: 5 },
);
/** Base64 of JSON, whose characters are escaped as far as base64 cannot take them, or are UTF-8. */
const klaId = fc.tuple(fc.oneof(cookieFields, plain), fc.boolean()).map(([content, isUtf8]) => {
  const json = JSON.stringify(content);
  const escaped = json.replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return encodeURIComponent(Buffer.from(isUtf8 ? json : escaped).toString('base64'));
});

it('starts at every address and with every cookie', { timeout: 3_600_000 }, async () => {
  const cookies = fc.oneof(hostileText, klaId);
  await fc.assert(
    fc.asyncProperty(
      ...([hostileText, hostileText, cookies, hostileText, fc.boolean()] as const),
      async (kx, email, cookie, rest, isEncoded) => {
        const origin = createOrigin();
        origin.page.cookie = `a=${rest}; __kla_id=${cookie}; b`.replace('__kla_off', '');
        const encode = (text: string): string =>
          encodeURIComponent(text.replace(/[\ud800-\udfff]/g, ''));
        const query = isEncoded
          ? `_kx=${encode(kx)}&utm_email=${encode(email)}`
          : `${rest}&_kx=${kx}&utm_email=${email}`;
        const tab = origin.open({ url: `https://shop.example/?${query}#${rest}` });
        const { client } = startOn(tab, { debug: true });
        watch(client.identify({ email: 'ada@shop.example' }));
        watch(client.track('Good', { n: 1 }));
        await origin.advance(120_000);
        expect(origin.klaviyo.metrics()).toContain('Good');
        expect([...origin.errors, ...rejections]).toEqual([]);
        expectNothingPersonal(origin.warnings);
        expectClean();
      },
    ),
    { numRuns: runsOf(9000, 4), ...replay },
  );
});
