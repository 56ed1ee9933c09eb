import { describe, expect, it } from 'vitest';
import { readChange, readOrder } from '../../src/server/order-schema.js';
import { cup, orderOf } from './orders.js';

const now = Date.parse('2026-11-22T10:00:00Z');
const fieldsOf = (body: unknown, read: typeof readOrder | typeof readChange = readOrder) => {
  const result = read(body, now);
  return 'problems' in result ? result.problems.map(({ field }) => field) : [];
};
const order = (over: Record<string, unknown>) => fieldsOf({ ...orderOf('1001'), ...over });

describe('an order', () => {
  it('is taken as it is', () => {
    expect(readOrder(orderOf('1001'), now)).toEqual({ value: orderOf('1001') });
  });

  it('may have everything', () => {
    const address = { firstName: 'Ada', address1: 'Way 1', city: 'London', countryCode: 'GB' };
    expect(
      order({
        ...{ tax: 5, shipping: 0, discount: { code: 'TEN', value: 10 }, backfill: true },
        ...{ billingAddress: address, shippingAddress: address, properties: { Gift: true } },
        customer: { anonymousId: 'browser-1', phoneNumber: '+4930123456', lastName: 'Lovelace' },
      }),
    ).toEqual([]);
  });

  it.each([
    ['a list', []],
    ['a text', 'order'],
    ['nothing', null],
  ])('is not %s', (_, body) => {
    expect(fieldsOf(body)).toEqual(['body']);
  });

  it('names every field that is missing', () => {
    expect(fieldsOf({})).toEqual(['id', 'customer', 'items', 'total', 'currency']);
  });

  it.each<[string, Record<string, unknown>]>([
    ['id', { id: '' }],
    ['id', { id: 1001 }],
    ['id', { id: 'line\nbreak' }],
    ['id', { id: 'x'.repeat(121) }],
    ['id', { id: ' 1001' }],
    ['id', { id: '1001\u00a0' }],
    ['customer', { customer: {} }],
    ['customer.kx', { customer: { kx: ' ' } }],
    ['customer.externalId', { customer: { externalId: ' ' } }],
    ['customer', { customer: { firstName: 'Ada' } }],
    ['customer.email', { customer: { email: 'ada' } }],
    ['customer.phoneNumber', { customer: { phoneNumber: '030 123456' } }],
    ['items', { items: [] }],
    ['items', { items: Array(501).fill(cup) }],
    ['items[1].price', { items: [cup, { ...cup, lineId: 'b', price: -1 }] }],
    ['items[0].quantity', { items: [{ ...cup, quantity: 0 }] }],
    ['items[0].url', { items: [{ ...cup, url: '/cup' }] }],
    ['items[0].qty', { items: [{ ...cup, qty: 1 }] }],
    [
      'items[1].lineId',
      {
        items: [
          { ...cup, lineId: 'a' },
          { ...cup, lineId: 'a' },
        ],
      },
    ],
    ['items[1].lineId', { items: [{ ...cup, lineId: '2' }, cup] }],
    ['total', { total: '43.50' }],
    ['total', { total: -1 }],
    ['total', { total: Number.NaN }],
    ['currency', { currency: 'eur' }],
    ['time', { time: '2026-11-22' }],
    ['time', { time: '2026-11-22T10:00:00' }],
    ['time', { time: '1980-11-22T10:00:00Z' }],
    ['time', { time: '2028-11-22T10:00:00Z' }],
    ['time', { time: '2026-13-22T10:00:00Z' }],
    ['time', { time: '2026-02-30T10:00:00Z' }],
    ['time', { time: '2027-02-29T10:00:00+01:00' }],
    ['discount.value', { discount: { value: -5 } }],
    ['properties', { properties: 'gift' }],
    [
      'properties',
      { properties: Object.fromEntries(Array.from({ length: 351 }, (_, i) => [`p${i}`, i])) },
    ],
    ['properties', { properties: { text: 'x'.repeat(100_001) } }],
    ['foo', { foo: 1 }],
  ])('has no such %s', (field, over) => {
    expect(order(over)).toEqual([field]);
  });

  it('takes a leap day for one', () => {
    expect(order({ time: '2024-02-29T23:30:00-05:00' })).toEqual([]);
  });

  // A pattern that looks back over every dot for each dot would take minutes for this.
  it('is refused at once, however long its email is', () => {
    const email = `a@${'.'.repeat(900_000)} `;
    expect(order({ customer: { email } })).toEqual(['customer.email']);
  });

  it('shows nothing of the value in the message', () => {
    const result = readOrder(orderOf('1', { customer: { email: 'ada.at.shop' } }), now);
    expect(JSON.stringify(result)).not.toContain('ada.at.shop');
  });

  it('names at most fifty problems', () => {
    const items = Array.from({ length: 100 }, () => ({}));
    expect(order({ items }).length).toBe(50);
  });
});

describe('a change of an order', () => {
  const change = (over: Record<string, unknown>) =>
    fieldsOf({ id: '1001', total: 5, currency: 'EUR', ...over }, readChange);

  it('may say little', () => {
    expect(change({})).toEqual([]);
  });

  it('may say why, and which part', () => {
    expect(
      change({
        reason: 'broken',
        refund: { id: 'r1', amount: 5, items: [cup] },
        fulfillment: { id: 'f1', trackingNumber: '1Z', trackingUrl: 'https://ups.test/1Z' },
      }),
    ).toEqual([]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['refund.amount', { refund: { amount: 0 } }],
    ['refund.amount', { refund: { amount: -5 } }],
    ['fulfillment.trackingUrl', { fulfillment: { trackingUrl: '1Z' } }],
    ['reason', { reason: '' }],
    ['refund.sum', { refund: { sum: 5 } }],
  ])('has no such %s', (field, over) => {
    expect(change(over)).toEqual([field]);
  });
});
