// From what a checkout page posts to an order. The page is a stranger: pieces and quantities are taken
// from it, names and prices are the catalogue's.
import { currency, money, products } from '../products.mjs';

const LINES_MAX = 50;
const QUANTITY_MAX = 99;
const TEXT_MAX = 200;

/** What is wrong with a checkout, in words for the shopper. */
export class CheckoutError extends Error {
  constructor(message, status = 422, details = {}) {
    super(message);
    Object.assign(this, { status, details });
  }
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

function text(from, name, label) {
  const value = typeof from[name] === 'string' ? from[name].trim() : '';
  if (value && value.length <= TEXT_MAX && !/\p{Cc}/u.test(value)) return value;
  throw new CheckoutError(`Please fill in: ${label}.`);
}

function email(from) {
  const value = text(from, 'email', 'Email');
  if (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value) && value.length < 100) return value;
  throw new CheckoutError('Please check the email address.');
}

/** What only helps Klaviyo to join the order to a visit: nobody's order fails for it. */
function visitorIds(visitor) {
  const { anonymousId, kx } = isObject(visitor) ? visitor : {};
  const isUsable = (id) => typeof id === 'string' && /^[\x21-\x7e]{1,120}$/.test(id);
  return { ...(isUsable(anonymousId) && { anonymousId }), ...(isUsable(kx) && { kx }) };
}

function line(given, origin) {
  const piece = isObject(given) && products.find(({ id }) => id === given.id);
  if (!piece) throw new CheckoutError('A piece in the cart is not sold any more.');
  const { quantity } = given;
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > QUANTITY_MAX) {
    throw new CheckoutError(`Please order 1 to ${QUANTITY_MAX} of ${piece.name}.`);
  }
  const { id, sku, name, price, brand, categories } = piece;
  const url = `${origin}${piece.url}`;
  const imageUrl = `${origin}${piece.imageUrl}`;
  return { id, sku, name, quantity, price, brand, categories, url, imageUrl };
}

/**
 * Everything of an order but its id and its time, which the order book gives it.
 *
 * @param {unknown} body `{ cartId, items: [{ id, quantity }], total, customer: { email, firstName, lastName },
 *   address: { address1, zip, city }, visitor? }`; `total` is what the shopper was shown
 * @param {string} origin of the shop, for absolute addresses
 */
export function readCheckout(body, origin) {
  if (!isObject(body) || !isObject(body.customer) || !isObject(body.address)) {
    throw new CheckoutError('This is not an order.', 400);
  }
  const { cartId, items: lines } = body;
  if (typeof cartId !== 'string' || !/^[\w-]{8,64}$/.test(cartId)) {
    throw new CheckoutError('This is not an order.', 400);
  }
  if (!Array.isArray(lines) || lines.length === 0) throw new CheckoutError('The cart is empty.');
  if (lines.length > LINES_MAX)
    throw new CheckoutError(`Please order ${LINES_MAX} pieces at most.`);
  const items = lines.map((each) => line(each, origin));
  const total = items.reduce((sum, { price, quantity }) => sum + price * quantity, 0);
  if (body.total !== total) {
    const now = `together it is ${money(total)} now`;
    throw new CheckoutError(`A price has changed: ${now}. Please fill the cart again.`, 409);
  }
  const named = {
    firstName: text(body.customer, 'firstName', 'First name'),
    lastName: text(body.customer, 'lastName', 'Last name'),
  };
  const address = {
    ...named,
    address1: text(body.address, 'address1', 'Street and number'),
    zip: text(body.address, 'zip', 'Postal code'),
    city: text(body.address, 'city', 'Town'),
  };
  const customer = { email: email(body.customer), ...named, ...visitorIds(body.visitor) };
  return {
    cartId,
    // What the shopper has asked for, to know it again.
    asked: {
      items: items.map(({ id, quantity }) => ({ id, quantity })),
      ...{ total, address, email: customer.email },
    },
    order: {
      ...{ customer, items, total, currency },
      ...{ shippingAddress: address, billingAddress: address },
    },
  };
}
