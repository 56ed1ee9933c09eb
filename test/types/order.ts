/** Right and wrong uses of the server's types. Nothing here runs: `tsc` is the test. */
import type { Visitor } from 'klaviyo-storefront';
import {
  createOrderHandler,
  type Order,
  type OrderChange,
  type OrderHandler,
  type Outbox,
} from 'klaviyo-storefront/server';

declare const outbox: Outbox;
const klaviyo = { privateKey: 'pk_1' };

export const order: Order = {
  ...{ id: '1001', total: 24, currency: 'EUR', customer: { anonymousId: 'browser-1' } },
  items: [{ id: '17', name: 'Cup', quantity: 1, price: 24 }],
};
declare const visitor: Visitor;
// What the browser's client says of the visitor is what an order takes.
export const joined: Order = { ...order, customer: visitor };
export const change: OrderChange = { id: '1001', total: 5, currency: 'EUR', refund: { amount: 5 } };
export const handler: OrderHandler = createOrderHandler({ outbox, klaviyo, signingSecrets: [] });
// A route of Next's, Hono's or a worker's.
handler satisfies (request: Request) => Promise<Response>;

// @ts-expect-error An order has a total.
export const withoutTotal: Order = { ...order, total: undefined };
// @ts-expect-error Amounts are numbers.
export const withText: Order = { ...order, total: '24.00' };
// @ts-expect-error A moment is text with an offset: this goes over the wire.
export const withDate: Order = { ...order, time: new Date() };
const line = { productId: '17', name: 'Cup', quantity: 1, price: 24 };
// @ts-expect-error A product's id is called id.
export const misspelt: Order = { ...order, items: [line] };
// @ts-expect-error Without an outbox nothing is kept.
createOrderHandler({ klaviyo, signingSecrets: [] });
