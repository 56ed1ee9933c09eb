// Checkouts that nobody has filled in, for the inspector's buttons.
import { randomUUID } from 'node:crypto';
import { products } from '../products.mjs';

export const SAMPLES_MAX = 200;

/** What the checkout page would post for an order of two pieces. */
export function sampleCheckout(number, visitor) {
  const pieces = [products[number % products.length], products[(number + 3) % products.length]];
  const items = pieces.map(({ id }, index) => ({ id, quantity: 1 + ((number + index) % 2) }));
  return {
    cartId: randomUUID(),
    items,
    total: items.reduce((sum, { quantity }, index) => sum + pieces[index].price * quantity, 0),
    customer: {
      email: visitor?.email ?? 'qa@saltmarsh.shop',
      firstName: 'Quinn',
      lastName: 'Assay',
    },
    address: { address1: 'Kiln Lane 4', zip: '25845', city: 'Nordstrand' },
    visitor,
  };
}
