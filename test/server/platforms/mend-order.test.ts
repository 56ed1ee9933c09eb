import { describe, expect, it } from 'vitest';
import { readMended } from '../../../src/server/platforms/mend-order.js';
import { readShopify } from '../../../src/server/platforms/shopify.js';
import { readWooCommerce } from '../../../src/server/platforms/woocommerce.js';
import fc from '../../helpers/fast-check.js';
import { cup, orderOf } from '../orders.js';
import { fixture } from './deliver-webhook.js';

const now = Date.parse('2026-11-22T10:00:00Z');

describe("a platform's order", () => {
  it('that is as it should be stays as it is', () => {
    expect(readMended(orderOf('1001'), now)).toEqual({ value: orderOf('1001') });
  });

  it('loses what is odd and not needed, however much that is', () => {
    const items = Array.from({ length: 200 }, (_, index) => ({
      ...{ ...cup, lineId: `${index}`, sku: '', brand: 5, url: 'nowhere' },
    }));
    const odd = { ...orderOf('1001'), items, tax: -1, time: 'today', billingAddress: { zip: '' } };
    const read = readMended(odd, now);
    const { sku, brand, url, ...rest } = cup;
    const mended = items.map(({ lineId }) => ({ ...rest, lineId }));
    const { time, ...order } = orderOf('1001');
    expect(read).toEqual({ value: { ...order, items: mended, billingAddress: {} } });
    expect(odd.items[0]?.url).toBe('nowhere');
  });

  it.each(['id', 'total', 'currency'])('is none without its %s', (name) => {
    const result = readMended({ ...orderOf('1001'), [name]: {}, tax: -1 }, now);
    expect('problems' in result && result.problems).toMatchObject([{ field: name }]);
  });
});

const odd = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.string({ maxLength: 3000 }));

/** A payload with one value replaced, anywhere but in what an order can't do without. */
const mutated = (payload: object, needed: string[]) =>
  fc
    .constantFrom(
      ...Object.entries(payload).flatMap(([name, value]) => {
        if (needed.includes(name)) return [];
        const isDeep = typeof value === 'object' && value !== null;
        return [[name], ...(isDeep ? Object.keys(value).map((inner) => [name, inner]) : [])];
      }),
    )
    .chain(([outer = '', inner]) =>
      odd.map((value) => {
        const copy = structuredClone(payload) as Record<string, Record<string, unknown>>;
        if (inner === undefined) (copy as Record<string, unknown>)[outer] = value;
        else copy[outer]![inner] = value;
        return copy;
      }),
    );

describe.each([
  [
    'Shopify',
    (payload: object) => readShopify('orders/create', payload),
    mutated(fixture('shopify-orders-create'), ['id', 'total_price', 'currency', 'email']),
  ],
  [
    'WooCommerce',
    (payload: object) => readWooCommerce('order.updated', payload),
    mutated(fixture('woocommerce-order-updated'), ['id', 'total', 'currency', 'status', 'billing']),
  ],
] as const)('an order of %s', (_, read, payloads) => {
  it('is taken whatever is odd about what it can do without', () => {
    fc.assert(
      fc.property(payloads, (payload) => {
        const webhook = read(payload);
        if ('ignored' in webhook) throw new Error(webhook.ignored);
        for (const { order } of webhook.deliveries) {
          expect(readMended(order, now)).toHaveProperty('value');
        }
      }),
      { numRuns: 300 },
    );
  });
});
