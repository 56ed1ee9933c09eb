import { describe, expect, it } from 'vitest';
import { fixture, fixtureText, startShop } from './deliver-webhook.js';

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

  it.each([null, [], 'text', {}, { id: {} }, { ...create, total_price: 'none' }])(
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

  it('tell orders apart whose ids no JavaScript number can hold', async () => {
    const { sendText, names } = await startShop('shopify');
    const text = fixtureText('shopify-orders-create');
    expect((await sendText('orders/create', text)).status).toBe(202);
    const next = text.replaceAll(id, '820982911946154509');
    expect((await sendText('orders/create', next)).status).toBe(202);
    const refund = fixtureText('shopify-refunds-create');
    expect((await sendText('refunds/create', refund)).status).toBe(202);
    expect(names().filter((name) => name.startsWith('Placed'))).toEqual([
      ...['Placed Order 820982911946154508', 'Placed Order 820982911946154509'],
    ]);
    expect(names().at(-1)).toBe('Refunded Order 820982911946154508_890088186047892319');
  });

  it.each([
    ['an anonymous id of any length', { name: 'klaviyo_anonymous_id', value: 'x'.repeat(500) }],
    ['an anonymous id of any kind', { name: 'klaviyo_anonymous_id', value: 'a\u0000b\ud800' }],
    ['a _kx of nothing', { name: '_kx', value: '\u00a0' }],
    ['a _kx that is none', { name: '_kx', value: { a: 1 } }],
  ])('are taken whatever a visitor put into the cart, such as %s', async (_, attribute) => {
    const { send, klaviyo } = await startShop('shopify');
    const response = await send('orders/create', { ...create, note_attributes: [attribute] });
    expect(response.status).toBe(202);
    const [profile] = klaviyo.profiles();
    expect(profile).toMatchObject({ email: 'jon@shop.test-mail.net' });
    expect(profile?.anonymousIds).toEqual([]);
    expect(profile?.exchangeIds).toEqual([]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['without lines', { line_items: [] }],
    ['without a time', { created_at: 'yesterday' }],
    ['with a time that is none', { created_at: '0000-00-00T00:00:00Z' }],
    ['with negative taxes', { total_tax: '-1.00', total_discounts: '-5.00' }],
    ['with a line that has lost its name', { line_items: [{ id: 5, quantity: 1, price: '2.00' }] }],
    [
      'with a line that costs less than nothing',
      { line_items: [{ id: 5, title: 'Bonus', quantity: 1, price: '-2.00' }] },
    ],
    [
      'with a name that is cut within a letter',
      { customer: { id: 1, first_name: `${'x'.repeat(999)}\u{1f375}` } },
    ],
    [
      'with addresses of nonsense',
      { billing_address: [], shipping_address: { zip: 'z'.repeat(9000) } },
    ],
  ])('%s are taken all the same', async (_, over) => {
    const { send, events, klaviyo } = await startShop('shopify');
    expect((await send('orders/create', { ...create, ...over })).status).toBe(202);
    expect(events('Placed Order')).toMatchObject([{ value: 398 }]);
    expect(JSON.stringify(klaviyo.bodies)).not.toMatch(/\\ud[89ab]../i);
  });

  it('of an order of last month start no flow', async () => {
    const { send, klaviyo } = await startShop('shopify');
    await send('orders/create', { ...create, id: 1, created_at: '2026-10-20T12:00:00-05:00' });
    await send('orders/create', { ...create, id: 2 });
    const backfills = klaviyo.bodies.map(({ body }) => {
      const { unique_id, backfill } = (body as { data: { attributes: Record<string, unknown> } })
        .data.attributes;
      return [String(unique_id).slice(0, 1), backfill];
    });
    expect(backfills).toEqual([...Array(3).fill(['1', true]), ...Array(3).fill(['2', undefined])]);
  });

  it('are refused with a wrong signature', async () => {
    const { send, events } = await startShop('shopify');
    expect((await send('orders/create', create, 'AAAA')).status).toBe(401);
    expect(events()).toEqual([]);
  });
});
