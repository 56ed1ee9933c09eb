import { describe, expect, it } from 'vitest';
import type { OrderAction, OrderChange } from '../../src/server/order.js';
import { eventsOf, keyOf } from '../../src/server/order-events.js';
import { eventBody, jobBody } from '../../src/shared/payload.js';
import fc from '../helpers/fast-check.js';
import { compileRequestSchema, whySkipped } from '../sandbox/openapi-schema.js';
import { cup, orderOf } from './orders.js';

if (whySkipped) console.info(whySkipped);

const at = Date.parse('2026-11-22T09:00:00Z');
type Change = OrderChange & { customer: NonNullable<OrderChange['customer']> };
const eventsIn = (action: OrderAction, over: Partial<OrderChange> = {}) =>
  eventsOf(action, { ...orderOf('1001'), ...over } as Change, at).map(({ data, profile }) => ({
    ...JSON.parse(`{${data}}`),
    profile: JSON.parse(profile).data,
  }));

describe('Placed Order', () => {
  it("is what Klaviyo's guide asks for", () => {
    const [placed] = eventsIn('placed', {
      discount: { code: 'TEN', value: 4.5 },
      billingAddress: {
        firstName: 'Ada',
        address1: 'Way 1',
        city: 'London',
        region: 'LDN',
        countryCode: 'GB',
        zip: 'N1',
        phone: '020',
      },
      properties: { Gift: true, OrderId: 'not this one' },
    });
    expect(placed).toEqual({
      metric: { data: { type: 'metric', attributes: { name: 'Placed Order' } } },
      unique_id: '1001',
      time: '2026-11-22T09:00:00.000Z',
      value: 43.5,
      value_currency: 'EUR',
      properties: {
        Gift: true,
        OrderId: '1001',
        Categories: ['Cups', 'Kitchen'],
        ItemNames: ['Cup', 'Plate'],
        Brands: ['Tide'],
        DiscountCode: 'TEN',
        DiscountValue: 4.5,
        Items: [
          {
            ProductID: '17',
            SKU: 'CUP-BLUE',
            ProductName: 'Cup',
            Quantity: 2,
            ItemPrice: 19.99,
            RowTotal: 39.98,
            ProductURL: 'https://shop.test/cup',
            ImageURL: 'https://shop.test/cup.jpg',
            Categories: ['Cups', 'Kitchen'],
            Brand: 'Tide',
          },
          {
            ProductID: '18',
            ProductName: 'Plate',
            Quantity: 1,
            ItemPrice: 3.52,
            RowTotal: 3.52,
            Brand: 'Tide',
          },
        ],
        BillingAddress: {
          FirstName: 'Ada',
          LastName: undefined,
          Address1: 'Way 1',
          City: 'London',
          RegionCode: 'LDN',
          CountryCode: 'GB',
          Zip: 'N1',
          Phone: '020',
        },
      },
      profile: {
        type: 'profile',
        attributes: { email: 'ada@shop.test-mail.net', _kx: 'encrypted.AbC123', first_name: 'Ada' },
      },
    });
  });

  it('joins the visitor by the anonymous id of the browser', () => {
    const [placed] = eventsIn('placed', {
      customer: { anonymousId: 'browser-1', email: 'a@b.net' },
    });
    expect(placed?.profile.attributes).toEqual({ email: 'a@b.net', anonymous_id: 'browser-1' });
  });

  it("keeps the shop's own properties, but for those that say something else", () => {
    const [placed] = eventsIn('placed', {
      properties: { Reason: 'a gift', Carrier: 'by bike', OrderId: 'not this one', Items: 'nor' },
    });
    expect(placed?.properties).toMatchObject({ Reason: 'a gift', Carrier: 'by bike' });
    expect(placed?.properties).toMatchObject({ OrderId: '1001', Items: [{}, {}] });
  });

  it('has no list longer than Klaviyo takes', () => {
    const items = Array.from({ length: 500 }, (_, line) => ({
      ...cup,
      categories: Array.from({ length: 10 }, (_, index) => `${line}-${index}`),
    }));
    const [placed] = eventsIn('placed', { items });
    expect(placed?.properties.Categories).toHaveLength(4000);
  });

  it('of the past starts no flow', () => {
    expect(eventsIn('placed', { backfill: true }).map(({ backfill }) => backfill)).toEqual([
      true,
      true,
      true,
    ]);
    expect(eventsIn('placed')[0]).not.toHaveProperty('backfill');
  });
});

describe('Ordered Product', () => {
  it('is one for each line, worth the line', () => {
    const lines = eventsIn('placed').slice(1);
    expect(lines).toMatchObject([
      { unique_id: '1001_1', value: 39.98, value_currency: 'EUR' },
      { unique_id: '1001_2', value: 3.52 },
    ]);
    expect(lines[0]?.metric.data.attributes.name).toBe('Ordered Product');
    expect(lines[0]?.properties).toEqual({
      OrderId: '1001',
      ProductID: '17',
      SKU: 'CUP-BLUE',
      ProductName: 'Cup',
      Quantity: 2,
      ProductURL: 'https://shop.test/cup',
      ImageURL: 'https://shop.test/cup.jpg',
      Categories: ['Cups', 'Kitchen'],
      ProductBrand: 'Tide',
    });
  });

  it("has the line's own id in its unique id", () => {
    const [, line] = eventsIn('placed', { items: [{ ...cup, lineId: 'L-9' }] });
    expect(line?.unique_id).toBe('1001_L-9');
  });

  it('has a unique id that no line of another order has', () => {
    const idOf = (id: string, lineId: string) =>
      eventsIn('placed', { id, items: [{ ...cup, lineId }] })[1]?.unique_id;
    const all = [idOf('1', '2_3'), idOf('1_2', '3'), idOf('1', '2~13'), idOf('1_2~13', '1')];
    expect(new Set(all).size).toBe(4);
    const long = idOf('x'.repeat(120), '_'.repeat(120));
    expect(long?.length).toBeLessThanOrEqual(255);
    expect(idOf('x'.repeat(120), `${'_'.repeat(119)}-`)).not.toBe(long);
  });
});

describe('what happens later', () => {
  it.each([
    ['fulfilled', 'Fulfilled Order'],
    ['canceled', 'Canceled Order'],
    ['refunded', 'Refunded Order'],
  ] as const)('%s is one event of the order, %s, with a positive value', (action, metric) => {
    const events = eventsIn(action, { reason: 'because' });
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      unique_id: '1001',
      value: 43.5,
      properties: { Reason: 'because' },
    });
    expect(events[0]?.metric.data.attributes.name).toBe(metric);
  });

  it('a partial refund is worth its amount, and counts beside the others', () => {
    const [refunded] = eventsIn('refunded', { refund: { id: 'r2', amount: 5, items: [cup] } });
    expect(refunded).toMatchObject({
      unique_id: '1001_r2',
      value: 5,
      properties: { ItemNames: ['Cup'] },
    });
  });

  it('a shipment has its tracking', () => {
    const [fulfilled] = eventsIn('fulfilled', {
      fulfillment: {
        id: 'f1',
        trackingNumber: '1Z',
        trackingUrl: 'https://ups.test/1Z',
        carrier: 'UPS',
      },
    });
    expect(fulfilled).toMatchObject({
      unique_id: '1001_f1',
      properties: { TrackingNumber: '1Z', TrackingURL: 'https://ups.test/1Z', Carrier: 'UPS' },
    });
  });
});

describe('the key', () => {
  it('tells orders, actions and parts apart', () => {
    const keys = [
      keyOf('placed', orderOf('1')),
      keyOf('canceled', orderOf('1')),
      keyOf('refunded', orderOf('1')),
      keyOf('refunded', { ...orderOf('1'), refund: { id: 'a' } }),
      keyOf('refunded', { ...orderOf('1:a') }),
      keyOf('refunded', { ...orderOf('1'), refund: { id: ':a' } }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(keyOf('placed', orderOf('1', { total: 5 }))).toBe(keys[0]);
  });
});

const text = fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' });
const amount = fc.double({ min: 0, max: 1e9, noNaN: true });
const item = fc.record(
  {
    ...{ id: text, name: text, quantity: fc.integer({ min: 1, max: 99 }), price: amount },
    ...{ sku: text, brand: text, categories: fc.array(text, { maxLength: 3 }), url: fc.webUrl() },
  },
  { requiredKeys: ['id', 'name', 'quantity', 'price'] },
);
const anyChange = fc.record(
  {
    ...{ id: text, total: amount, currency: fc.constantFrom('EUR', 'USD') },
    customer: fc.record(
      {
        email: fc.emailAddress(),
        phoneNumber: fc.constant('+4930123456'),
        kx: text,
        anonymousId: text,
        firstName: text,
      },
      { requiredKeys: ['email'] },
    ),
    items: fc.array(item, { minLength: 1, maxLength: 4 }),
    properties: fc.dictionary(text, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }),
    refund: fc.record({ id: text, amount }, { requiredKeys: [] }),
    ...{ reason: text, backfill: fc.boolean(), tax: amount },
  },
  { requiredKeys: ['id', 'total', 'currency', 'customer', 'items'] },
) as fc.Arbitrary<unknown> as fc.Arbitrary<Change>;
const action = fc.constantFrom<OrderAction[]>('placed', 'fulfilled', 'canceled', 'refunded');

describe.skipIf(whySkipped)("under Klaviyo's schema", () => {
  it('every event is valid, alone and in bulk', () => {
    const single = compileRequestSchema('api/events')!;
    const bulk = compileRequestSchema('api/event-bulk-create-jobs')!;
    fc.assert(
      fc.property(action, anyChange, (which, change) => {
        const events = eventsOf(which, change, at);
        for (const { profile, data } of events) {
          single(JSON.parse(eventBody(profile, data)));
          expect(single.errors ?? []).toEqual([]);
        }
        bulk(JSON.parse(jobBody(events.map(({ profile, data }) => [profile, [data]]))));
        expect(bulk.errors ?? []).toEqual([]);
      }),
    );
  });
});
