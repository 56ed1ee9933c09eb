// Orders, secrets and requests as a shop's backend makes them, for the server's tests.
import { createHmac, randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { Order, OrderItem } from '../../src/server/order.js';
import { eventsOf, keyOf } from '../../src/server/order-events.js';
import type { Acceptance } from '../../src/server/outbox.js';

export const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
export const privateKey = `pk_${'0'.repeat(34)}`;

export const cup: OrderItem = {
  id: '17',
  sku: 'CUP-BLUE',
  name: 'Cup',
  quantity: 2,
  price: 19.99,
  brand: 'Tide',
  categories: ['Cups', 'Kitchen'],
  url: 'https://shop.test/cup',
  imageUrl: 'https://shop.test/cup.jpg',
};
const plate: OrderItem = { id: '18', name: 'Plate', quantity: 1, price: 3.52, brand: 'Tide' };

/** An order of two lines. */
export const orderOf = (id: string, over: Partial<Order> = {}): Order => ({
  id,
  customer: { email: 'Ada@Shop.test-mail.net', kx: 'encrypted.AbC123', firstName: 'Ada' },
  items: [cup, plate],
  total: 43.5,
  currency: 'EUR',
  time: '2026-11-22T10:00:00+01:00',
  ...over,
});

/** What the handler would hand to the outbox for it. */
export function acceptanceOf(
  id: string,
  over: Partial<Acceptance> = {},
  order = orderOf(id),
): Acceptance {
  return {
    key: keyOf('placed', order),
    orderId: id,
    digest: `digest of ${id}`,
    receipt: randomUUID(),
    requestId: `request-${id}`,
    customer: JSON.stringify(order.customer),
    acceptedAt: Date.parse('2026-11-22T10:00:00Z'),
    events: eventsOf('placed', order, Date.parse('2026-11-22T09:00:00Z')),
    ...over,
  };
}

interface Signing {
  id?: string;
  at?: number;
  secret?: string;
}

/** Headers of a signed request: signed by the package `standardwebhooks`, not by our own code. */
export function signed(
  body: string,
  { id = `msg_${randomUUID()}`, at = Date.now(), ...rest }: Signing = {},
) {
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / 1000)),
    'webhook-signature': new Webhook(rest.secret ?? secret).sign(id, new Date(at), body),
  };
}

/** What Shopify and WooCommerce put into their signature header. */
export const hmac = (key: string, body: string | Buffer): string =>
  createHmac('sha256', key).update(body).digest('base64');

/** A signed POST, as a `Request`. */
export function signedRequest(path: string, order: unknown, signing: Signing = {}): Request {
  const body = typeof order === 'string' ? order : JSON.stringify(order);
  return new Request(`http://shop.test${path}`, {
    method: 'POST',
    headers: signed(body, signing),
    body,
  });
}
