import { describe, expect, it } from 'vitest';
import { fixture, startShop } from './deliver-webhook.js';

const created = fixture('woocommerce-order-created');
const updated = fixture('woocommerce-order-updated');

describe("WooCommerce's webhooks", () => {
  it('order.created places the order', async () => {
    const { send, names, events, klaviyo } = await startShop('woocommerce');
    expect((await send('order.created', created)).status).toBe(202);
    expect(names()).toEqual([
      'Placed Order 727',
      'Ordered Product 727_315',
      'Ordered Product 727_316',
    ]);
    expect(events('Placed Order')[0]).toMatchObject({
      ...{ value: 29.35, valueCurrency: 'USD', time: '2026-11-20T19:28:02.000Z' },
      properties: {
        ItemNames: ['Woo Single #1', 'Ship Your Idea - Color: Black, Size: M Test'],
        ...{ DiscountCode: 'welcome', DiscountValue: 3, Tax: 1.35, ShippingCost: 10 },
        BillingAddress: { Address1: '969 Market', RegionCode: 'CA', Zip: '94103' },
      },
    });
    expect(events('Ordered Product')[0]).toMatchObject({
      value: 6,
      properties: { ImageURL: 'https://shop.test/wp-content/uploads/single.jpg', SKU: 'WOO-1' },
    });
    expect(klaviyo.profiles()).toMatchObject([
      { email: 'john.doe@shop.test-mail.net', exchangeIds: ['YmFy.AbC123'] },
    ]);
  });

  it('order.updated, which comes with every change, tells what is new', async () => {
    const { send, names, events } = await startShop('woocommerce');
    await send('order.created', created);
    expect((await send('order.updated', { ...created, customer_note: 'please ring' })).status).toBe(
      200,
    );
    expect((await send('order.updated', updated)).status).toBe(202);
    expect((await send('order.updated', updated)).status).toBe(200);
    expect(names().slice(3)).toEqual(['Fulfilled Order 727', 'Refunded Order 727_731']);
    expect(events('Fulfilled Order')[0]?.time).toBe('2026-11-21T13:00:00.000Z');
    expect(events('Refunded Order')[0]).toMatchObject({
      value: 3,
      properties: { Reason: 'One was broken' },
    });
  });

  it('an order first heard of when it is complete and refunded in part tells all of it', async () => {
    const { send, names } = await startShop('woocommerce');
    expect((await send('order.updated', updated)).status).toBe(202);
    expect(names()).toEqual(
      expect.arrayContaining([
        ...['Placed Order 727', 'Fulfilled Order 727', 'Refunded Order 727_731'],
      ]),
    );
  });

  it('an order of fees alone, with negative ones, is placed too', async () => {
    const { send, names } = await startShop('woocommerce');
    const over = { line_items: [], total_tax: '-0.50', date_created_gmt: null };
    expect((await send('order.created', { ...created, ...over })).status).toBe(202);
    expect(names()).toEqual(['Placed Order 727']);
  });

  it('thousands of refunds in one webhook are no trouble for the store', async () => {
    const { send, events } = await startShop('woocommerce');
    const refunds = Array.from({ length: 20_000 }, (_, id) => ({ id, total: '-0.01' }));
    expect((await send('order.updated', { ...created, refunds })).status).toBe(202);
    expect((await send('order.updated', { ...created, refunds })).status).toBe(200);
    expect(events('Placed Order')).toHaveLength(1);
  });

  it('an order that is paid later is placed then, once', async () => {
    const { send, names } = await startShop('woocommerce');
    const pending = await send('order.created', { ...created, status: 'pending' });
    expect(await pending.json()).toEqual({ ignored: 'nothing to tell in this status' });
    await send('order.updated', { ...created, status: 'processing' });
    await send('order.updated', { ...created, status: 'completed' });
    expect(names().filter((name) => name.startsWith('Placed'))).toHaveLength(1);
    expect(names()).toContain('Fulfilled Order 727');
  });

  it('an order that was never paid is not canceled at Klaviyo either', async () => {
    const { send, names } = await startShop('woocommerce');
    expect((await send('order.updated', { ...created, status: 'cancelled' })).status).toBe(200);
    expect(names()).toEqual([]);
    await send('order.updated', created);
    await send('order.updated', { ...created, status: 'cancelled' });
    expect(names()).toContain('Canceled Order 727');
  });

  it('its greeting to a new address, a form without a signature, is answered 200', async () => {
    const { handler, url } = await startShop('woocommerce');
    const greet = (body: string) =>
      handler(
        new Request(url, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body,
        }),
      );
    expect((await greet('webhook_id=12')).status).toBe(200);
    expect((await greet('order=12')).status).toBe(415);
  });

  it.each([
    null,
    [],
    'text',
    {},
    { status: 'completed' },
    { ...created, line_items: {}, total: 'x' },
  ])('with the payload %#, which is none, end in no 5xx', async (payload) => {
    const { send, names } = await startShop('woocommerce');
    for (const topic of ['order.created', 'order.updated', 'order.deleted']) {
      expect((await send(topic, payload)).status).toBeLessThan(500);
    }
    expect(names()).toEqual([]);
  });
});
