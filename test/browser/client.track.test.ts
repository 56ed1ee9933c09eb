// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { startedCheckout, viewedProduct } from '../../src/shared/commerce.js';
import { createOrigin } from '../helpers/fake-env.js';
import { start, startKnown } from '../helpers/start-client.js';

const circular: Record<string, unknown> = {};
circular.self = circular;

describe('track()', () => {
  it('sends what it is given, with its time, value and currency', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    const time = new Date('2026-11-20T08:00:00.000Z');
    const options = { value: 0, valueCurrency: 'EUR', uniqueId: 'order-1', time };
    void client.track('Started Checkout', { ItemNames: ['a'] }, options);
    await origin.advance(2000);
    expect(origin.klaviyo.events[0]!.attributes).toEqual({
      metric: { data: { type: 'metric', attributes: { name: 'Started Checkout' } } },
      properties: { ItemNames: ['a'] },
      time: time.toISOString(),
      unique_id: 'order-1',
      value: 0,
      value_currency: 'EUR',
    });
  });

  it('takes an event as one object', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    const cart = { id: 'cart', items: [], total: 12.5, currency: 'EUR' };
    void client.track(viewedProduct({ id: '1', name: 'Mug', price: 12.5 }));
    const id = await client.track(startedCheckout(cart, origin.now()));
    expect(id).toBe(`cart_${origin.now() / 1000}`);
    await origin.advance(2000);
    expect(origin.klaviyo.metrics()).toEqual(['Viewed Product', 'Started Checkout']);
    expect(origin.klaviyo.events[1]!.attributes).toMatchObject({ unique_id: id, value: 12.5 });
  });

  it('gives every event an id of its own', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    const ids = await Promise.all([1, 2, 3].map(() => client.track('Same', { a: 1 })));
    expect(new Set(ids).size).toBe(3);
  });

  it('takes the event as it is at the call', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    const properties = { list: [1] };
    void client.track('Seen', properties);
    properties.list.push(2);
    await origin.advance(2000);
    expect(origin.klaviyo.events[0]!.attributes.properties).toEqual({ list: [1] });
  });

  it('keeps the order of tracking when the clock is put back', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    origin.goOffline();
    await client.track('One');
    origin.jump(-3_600_000);
    await client.track('Two');
    expect((await client.inspect()).queue.map(({ metric }) => metric)).toEqual(['One', 'Two']);
  });

  it.each<[string, Parameters<ReturnType<typeof start>['client']['track']>]>([
    ['an empty name', ['']],
    ['a blank name', ['  ']],
    ['a name of 128 characters', ['x'.repeat(128)]],
    ['a name that is none', [undefined as never]],
    ['no event', [null as never]],
    ['an event without a name', [{} as never]],
    ['a uniqueId of 256 characters', ['A', {}, { uniqueId: 'x'.repeat(256) }]],
    ['an empty uniqueId', ['A', {}, { uniqueId: '' }]],
    [
      '401 properties',
      ['A', Object.fromEntries(Array.from({ length: 401 }, (_, i) => [`p${i}`, i]))],
    ],
    ['a string over 100 kB', ['A', { text: 'x'.repeat(100_001) }]],
    ['a string over 100 kB deep inside', ['A', { a: [{ b: 'x'.repeat(100_001) }] }]],
    ['an array of 4001', ['A', { list: Array(4001).fill(1) }]],
    ['circular properties', ['A', circular]],
    ['a BigInt', ['A', { n: 1n }]],
    [
      'a getter that throws',
      [
        'A',
        {
          get a() {
            throw new Error('no');
          },
        },
      ],
    ],
    [
      'more than 5 MB',
      [
        'A',
        Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`p${i}`, 'x'.repeat(90_000)])),
      ],
    ],
  ])('drops %s as invalid, says why, and throws nothing', async (_, args) => {
    const origin = createOrigin();
    const { client, reports } = await startKnown(origin, { debug: true });
    const before = origin.warnings.length;
    expect(await client.track(...args)).toBeUndefined();
    const good = await client.track('Good');
    await origin.advance(2000);
    expect(reports.dropped).toEqual([expect.objectContaining({ reason: 'invalid' })]);
    expect(reports.dropped[0]!.detail).toMatch(/\w{3}/);
    expect(origin.warnings.length).toBe(before + 1);
    expect(origin.klaviyo.uniqueIds()).toEqual([good]);
  });

  it.each([
    ['a name of 127 characters', ['x'.repeat(127)]],
    ['a uniqueId of 255 characters', ['A', {}, { uniqueId: 'x'.repeat(255) }]],
    [
      '400 properties',
      ['A', Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`p${i}`, i]))],
    ],
    ['a string of 100 kB', ['A', { text: 'x'.repeat(100_000) }]],
    ['an array of 4000', ['A', { list: Array(4000).fill(1) }]],
    ['the same object twice', ['A', { a: Date, b: Date }]],
  ] as [string, [string]][])('takes %s', async (_, args) => {
    const origin = createOrigin();
    const { client, reports } = await startKnown(origin);
    expect(await client.track(...args)).toBeDefined();
    await origin.advance(2000);
    expect(reports.dropped).toEqual([]);
    expect(origin.klaviyo.events.length).toBe(1);
  });

  it.each([Number.NaN, 0, new Date('1989-01-01'), Date.parse('2090-01-01'), new Date('never')])(
    'takes its own time for one of %s, which Klaviyo would refuse',
    async (time) => {
      const origin = createOrigin();
      const { client } = await startKnown(origin, { debug: true });
      const at = new Date(origin.now()).toISOString();
      void client.track('Seen', {}, { time });
      await origin.advance(2000);
      expect(origin.klaviyo.events[0]!.attributes).toMatchObject({ time: at });
      expect(origin.warnings.join()).toMatch(/time/);
    },
  );

  it('leaves the time to Klaviyo where the device has lost its clock', async () => {
    const origin = createOrigin();
    const { client, reports } = await startKnown(origin);
    origin.jump(86_400_000 - origin.now());
    void client.track('Seen');
    await origin.advance(2000);
    expect(origin.klaviyo.events.length).toBe(1);
    expect(origin.klaviyo.events[0]!.attributes).not.toHaveProperty('time');
    expect(reports.dropped).toEqual([]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, '12', null])(
    'leaves out a value of %s, and says so in debug mode',
    async (value) => {
      const origin = createOrigin();
      const { client } = await startKnown(origin, { debug: true });
      void client.track('Seen', { a: 1 }, { value: value as number });
      await origin.advance(2000);
      expect(origin.klaviyo.events[0]!.attributes).not.toHaveProperty('value');
      expect(origin.warnings.join()).toMatch(value === null ? /^$/ : /value/);
    },
  );
});

describe('debug mode', () => {
  it.each([
    ['a property of 0', { Price: 0 }, /Price/],
    ['a property of ""', { Brand: '' }, /Brand/],
    ['a property of null', { SKU: null }, /SKU/],
    ['false, which counts', { Sale: false }, /^$/],
  ])('warns of %s', async (_, properties, expected) => {
    const origin = createOrigin();
    const { client } = await startKnown(origin, { debug: true });
    void client.track('Viewed Product', properties as never);
    expect(origin.warnings.join()).toMatch(expected);
    const quiet = createOrigin();
    void (await startKnown(quiet)).client.track('Viewed Product', properties as never);
    expect(quiet.warnings).toEqual([]);
  });

  it.each([
    [{ email: 'ada@example.com' }, /example\.com/],
    [{ email: 'ada@TEST.com' }, /test\.com/],
    [{ phoneNumber: '030' }, /E\.164/],
    [{ email: 'ada@notexample.com', phoneNumber: '+4930123456' }, /^$/],
  ])('looks at identify(%o)', (profile, expected) => {
    const origin = createOrigin();
    void start(origin, { debug: true }).client.identify(profile);
    expect(origin.warnings.join()).toMatch(expected);
  });
});

describe('identify()', () => {
  it.each([
    undefined,
    null,
    'ada@shop.example',
    7,
    { email: 5 },
    { properties: circular },
    { n: 1n },
  ])('survives %s', async (profile) => {
    const origin = createOrigin();
    const { client } = start(origin, { anonymous: 'send' });
    await client.identify(profile as never);
    const id = await client.track('Good');
    await origin.advance(5000);
    expect(client.isIdentified()).toBe(false);
    expect(origin.klaviyo.uniqueIds()).toEqual([id]);
    expect(origin.errors).toEqual([]);
  });
});
