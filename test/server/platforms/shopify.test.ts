import { describe, expect, it } from 'vitest';
import { fixture, startShop } from './deliver-webhook.js';

const create = fixture('shopify-orders-create');
const id = '820982911946154508';

describe("Shopify's webhooks", () => {
  it('orders/create places the order', async () => {
    const { send, names, events, klaviyo } = await startShop('shopify');
    expect((await send('orders/create', create)).status).toBe(202);
    expect(names()).toEqual([
      `Placed Order ${Number(id)}`,
      expect.stringMatching(/^Ordered Product /),
      expect.stringMatching(/^Ordered Product /),
    ]);
    expect(events('Placed Order')[0]).toMatchObject({
      ...{ value: 398, valueCurrency: 'USD', time: '2026-11-20T17:00:00.000Z' },
      properties: {
        ItemNames: ['IPod Nano - 8GB', 'IPod Nano - 8GB'],
        Brands: ['Apple'],
        ...{ DiscountCode: 'WELCOME', DiscountValue: 20, ShippingCost: 10, OrderName: '#9999' },
        BillingAddress: { FirstName: 'Bob', RegionCode: 'KY', CountryCode: 'US' },
        ShippingAddress: { FirstName: 'Steve', City: 'Shippington' },
      },
    });
    expect(klaviyo.profiles()).toMatchObject([
      {
        ...{ email: 'jon@shop.test-mail.net', phoneNumber: '+12025550123' },
        exchangeIds: ['Zm9v.AbC123'],
        anonymousIds: ['5b6f0c0e-0f4e-4f5e-9d0b-0d7c8c1f7a10'],
        attributes: { first_name: 'John', last_name: 'Smith' },
      },
    ]);
  });

  it('sent again, or as orders/paid, or changed, place no second one', async () => {
    const { send, names } = await startShop('shopify');
    await send('orders/create', create);
    expect((await send('orders/create', create)).status).toBe(200);
    expect((await send('orders/paid', { ...create, total_price: '1.00' })).status).toBe(200);
    expect(names()).toHaveLength(3);
  });

  it('orders/fulfilled tells of the shipment', async () => {
    const { send, events } = await startShop('shopify');
    expect((await send('orders/fulfilled', fixture('shopify-orders-fulfilled'))).status).toBe(202);
    expect(events()).toMatchObject([
      {
        ...{ metric: 'Fulfilled Order', value: 398, time: '2026-11-21T14:30:00.000Z' },
        properties: { TrackingNumber: '1Z2345', Carrier: 'USPS' },
      },
    ]);
  });

  it('orders/cancelled tells why', async () => {
    const { send, events } = await startShop('shopify');
    await send('orders/cancelled', fixture('shopify-orders-cancelled'));
    expect(events()).toMatchObject([
      {
        ...{ metric: 'Canceled Order', value: 398, time: '2026-11-21T15:00:00.000Z' },
        properties: { Reason: 'customer' },
      },
    ]);
  });

  it('refunds/create, which names nobody, is of whoever placed the order', async () => {
    const { send, events, klaviyo } = await startShop('shopify');
    const refund = fixture('shopify-refunds-create');
    await send('orders/create', create);
    expect((await send('refunds/create', refund)).status).toBe(202);
    expect((await send('refunds/create', refund)).status).toBe(200);
    expect(events('Refunded Order')).toMatchObject([
      {
        ...{ value: 199, valueCurrency: 'USD', time: '2026-11-22T13:00:00.000Z' },
        properties: { ItemNames: ['IPod Nano - 8GB'], Reason: 'Things were damaged' },
      },
    ]);
    expect(klaviyo.profiles()).toHaveLength(1);
  });

  it('refunds/create of an order from before is ignored, in the open', async () => {
    const { send, events } = await startShop('shopify');
    const response = await send('refunds/create', fixture('shopify-refunds-create'));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ ignored: expect.stringContaining('not placed') });
    expect(events()).toEqual([]);
  });

  it.each([
    ['no customer', { email: null, contact_email: null, customer: null, note_attributes: [] }],
    ['only an anonymous visitor', { email: null, contact_email: null, customer: null }],
  ])('with %s', async (_, over) => {
    const { send, events } = await startShop('shopify');
    const response = await send('orders/create', { ...create, ...over });
    const isKnown = !('note_attributes' in over);
    expect(response.status).toBe(isKnown ? 202 : 200);
    expect(events().length > 0).toBe(isKnown);
  });

  it.each([null, [], 'text', {}, { id: {} }, { ...create, line_items: 'none' }])(
    'with the payload %#, which is none, end in no 5xx',
    async (payload) => {
      const { send, events } = await startShop('shopify');
      const topics = ['orders/create', 'orders/fulfilled', 'orders/cancelled', 'refunds/create'];
      for (const topic of topics) {
        expect((await send(topic, payload)).status).toBeLessThan(500);
      }
      expect(events('Placed Order')).toEqual([]);
    },
  );

  it('are refused with a wrong signature', async () => {
    const { send, events } = await startShop('shopify');
    expect((await send('orders/create', create, 'AAAA')).status).toBe(401);
    expect(events()).toEqual([]);
  });
});
