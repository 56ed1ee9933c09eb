/** What another version, an extension or a broken disk has left in storage costs itself and nothing else. */

import { expect, it } from 'vitest';
import { createOrigin } from '../helpers/fake-env.js';
import fc from '../helpers/fast-check.js';
import { COMPANY, start, startOn } from '../helpers/start-client.js';
import { expectClean, expectNothingPersonal, hostile, plain, replay, runsOf } from './hostile.js';

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
const event = {
  key: 'k',
  uniqueId: 'u',
  metric: 'Stored',
  data: '"properties":{},"metric":{"data":{"type":"metric","attributes":{"name":"Stored"}}}',
  createdAt: Date.UTC(2026, 10, 22),
  anonymousId: 'a',
  who: {},
  owner: '',
  attempts: 0,
  batch: 'b:2',
};
const pause = { untilAt: Date.UTC(2026, 10, 22, 13), reason: 'server', setAt: 0, failures: 1 };
const identity = { anonymousId: 'a', who: {}, known: {}, past: {} };
const value = fc.oneof(plain, record, nearly(event), nearly(pause), nearly(identity));
const planted = fc.record({
  identity: fc.oneof(value, nearly(identity)),
  pause: fc.oneof(value, nearly(pause)),
  flush: value,
  refused: value,
  viewed: value,
  spilled: fc.array(fc.oneof(value, nearly(event)), { maxLength: 3 }),
  stored: fc.array(fc.oneof(value, nearly(event)), { maxLength: 3 }),
});

it('gives up what is garbage, and that alone', { timeout: 3_600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(planted, fc.boolean(), fc.boolean(), async (found, locks, isCut) => {
      const origin = createOrigin({ locks });
      const put = (name: string, one: unknown): void => {
        const text = JSON.stringify(one) ?? '';
        origin.local.content.set(`${PREFIX}:${name}`, isCut ? text.slice(0, -1) : text);
      };
      for (const name of ['identity', 'pause', 'flush', 'refused', 'viewed'] as const) {
        put(name, found[name]);
      }
      found.spilled.forEach((one, index) => {
        put(`event:${index}`, one);
      });
      for (const [index, one] of found.stored.entries()) {
        await origin.database.plant(PREFIX, `${index}`, one);
      }
      const { client } = start(origin, { debug: true });
      void client.identify({ email: 'ada@shop.example' });
      void client.track('Good', { n: 1 });
      await origin.advance(DAY_MS);
      expect(origin.klaviyo.metrics()).toContain('Good');
      expect(origin.errors).toEqual([]);
      await client.inspect();
      expectNothingPersonal(origin.warnings);
      expectClean();
    }),
    { numRuns: runsOf(10_000, 5), ...replay },
  );
});

it('starts at every address and with every cookie', { timeout: 3_600_000 }, async () => {
  const text = hostile.map(({ make }) => {
    try {
      return `${make()}`.slice(0, 5000);
    } catch {
      return '%';
    }
  });
  await fc.assert(
    fc.asyncProperty(text, text, text, text, async (kx, email, cookie, rest) => {
      const origin = createOrigin();
      origin.page.cookie = `a=${rest}; __kla_id=${cookie}; b`.replace('__kla_off', '');
      const isEncoded = rest.length % 2;
      const query = isEncoded
        ? `_kx=${encodeURIComponent(kx.replace(/[\ud800-\udfff]/g, ''))}&utm_email=${email.length}`
        : `${rest}&_kx=${kx}&utm_email=${email}`;
      const tab = origin.open({ url: `https://shop.example/?${query}#${rest}` });
      const { client } = startOn(tab, { debug: true });
      void client.identify({ email: 'ada@shop.example' });
      void client.track('Good', { n: 1 });
      await origin.advance(120_000);
      expect(origin.klaviyo.metrics()).toContain('Good');
      expectNothingPersonal(origin.warnings);
      expectClean();
    }),
    { numRuns: runsOf(15_000, 4), ...replay },
  );
});
