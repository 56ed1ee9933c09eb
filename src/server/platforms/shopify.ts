/** Shopify's order webhooks. Fields: its reference of the REST Admin resources Order and Refund. */
import type { Delivery, Webhook } from '../delivery.js';
import { ITEMS_MAX } from '../limits.js';
import {
  amountOf,
  attached,
  emailOf,
  firstText,
  listOf,
  objectOf,
  type Payload,
  phoneOf,
  present,
  priceOf,
  textOf,
  urlOf,
} from './read-field.js';

export const SHOPIFY_SIGNATURE = 'x-shopify-hmac-sha256';
export const SHOPIFY_TOPIC = 'x-shopify-topic';

const addressOf = (value: unknown) => {
  const address = objectOf(value);
  return present({
    firstName: textOf(address.first_name),
    lastName: textOf(address.last_name),
    address1: textOf(address.address1),
    address2: textOf(address.address2),
    city: textOf(address.city),
    region: textOf(address.province_code ?? address.province),
    countryCode: textOf(address.country_code, 10),
    zip: textOf(address.zip, 50),
    phone: textOf(address.phone, 50),
  });
};

function customerOf(order: Payload) {
  const customer = objectOf(order.customer);
  const billing = objectOf(order.billing_address);
  const email = emailOf(order.email, order.contact_email, customer.email);
  const phoneNumber = phoneOf(order.phone, customer.phone, billing.phone);
  return present({
    email,
    phoneNumber,
    // Only where there is nothing else: the shop may know its customers by another id in Klaviyo.
    externalId: email === undefined && !phoneNumber ? textOf(customer.id, 120) : undefined,
    kx: attached(order.note_attributes, 'name', '_kx'),
    anonymousId: attached(order.note_attributes, 'name', 'klaviyo_anonymous_id'),
    ...(email || phoneNumber || customer.id
      ? {
          firstName: textOf(customer.first_name ?? billing.first_name),
          lastName: textOf(customer.last_name ?? billing.last_name),
        }
      : {}),
  });
}

const itemOf = (line: Payload, quantity: unknown = line.quantity) =>
  present({
    id: textOf(line.product_id ?? line.variant_id ?? line.id, 120),
    lineId: textOf(line.id, 120),
    sku: textOf(line.sku),
    name: firstText(line.title, line.name, line.sku, line.id),
    quantity: amountOf(quantity),
    price: priceOf(line.price),
    brand: textOf(line.vendor),
  });

const withItems = (items: (Payload | undefined)[]) => {
  const sold = items.filter((item) => Number(item?.quantity) > 0);
  return sold.length > 0 ? { items: sold.slice(0, ITEMS_MAX) } : {};
};

function orderOf(order: Payload, time: unknown): Payload {
  const [discount] = listOf(order.discount_codes);
  return {
    ...present({
      id: textOf(order.id, 120),
      customer: customerOf(order),
      total: amountOf(order.total_price),
      currency: textOf(order.currency),
      time: textOf(time),
      discount: present({
        code: textOf(discount?.code, 200),
        value: amountOf(order.total_discounts) || undefined,
      }),
      tax: amountOf(order.total_tax),
      shipping: amountOf(objectOf(objectOf(order.total_shipping_price_set).shop_money).amount),
      billingAddress: addressOf(order.billing_address),
      shippingAddress: addressOf(order.shipping_address),
      properties: present({
        OrderName: textOf(order.name),
        StatusURL: urlOf(order.order_status_url),
      }),
    }),
    ...withItems(listOf(order.line_items).map((line) => itemOf(line))),
  };
}

function fulfilled(order: Payload): Payload {
  const last = listOf(order.fulfillments).at(-1);
  const fulfillment = present({
    trackingNumber: textOf(last?.tracking_number),
    trackingUrl: urlOf(last?.tracking_url),
    carrier: textOf(last?.tracking_company),
  });
  const change = orderOf(order, last?.created_at ?? order.updated_at);
  return fulfillment ? { ...change, fulfillment } : change;
}

function canceled(order: Payload): Payload {
  const reason = textOf(order.cancel_reason);
  const change = orderOf(order, order.cancelled_at ?? order.updated_at);
  return reason === undefined ? change : { ...change, reason };
}

/** A refund names its order but nobody: whose it is, the endpoint knows from when the order was placed. */
function refunded(refund: Payload): Webhook {
  const paid = listOf(refund.transactions).filter(
    ({ kind, status }) => kind === 'refund' && status === 'success',
  );
  const lines = listOf(refund.refund_line_items);
  const sum = (list: Payload[], field: string) =>
    list.reduce((total, each) => total + (amountOf(each[field]) ?? 0), 0);
  const amount = sum(paid, 'amount') || sum(lines, 'subtotal') + sum(lines, 'total_tax');
  if (amount <= 0) return { ignored: 'nothing refunded' };
  const rounded = Number(amount.toFixed(4));
  const money = objectOf(objectOf(lines[0]?.subtotal_set).shop_money);
  const order = {
    ...present({
      id: textOf(refund.order_id, 120),
      total: rounded,
      currency: textOf(paid[0]?.currency ?? money.currency_code),
      time: textOf(refund.processed_at ?? refund.created_at),
      reason: textOf(refund.note),
    }),
    refund: {
      ...present({ id: textOf(refund.id, 120), amount: rounded }),
      ...withItems(lines.map((line) => itemOf(objectOf(line.line_item), line.quantity))),
    },
  };
  return { deliveries: [{ action: 'refunded', order }] };
}

const topics: Record<string, (payload: Payload) => Delivery> = {
  'orders/create': (order) => ({ action: 'placed', order: orderOf(order, order.created_at) }),
  // Whichever of the two comes first places the order; the other is a duplicate.
  'orders/paid': (order) => ({ action: 'placed', order: orderOf(order, order.created_at) }),
  'orders/fulfilled': (order) => ({ action: 'fulfilled', order: fulfilled(order) }),
  'orders/cancelled': (order) => ({ action: 'canceled', order: canceled(order) }),
};

/** What a webhook of Shopify's asks for. */
export function readShopify(topic: string | null, body: unknown): Webhook {
  const payload = objectOf(body);
  if (topic === 'refunds/create') return refunded(payload);
  const read = topic !== null && Object.hasOwn(topics, topic) ? topics[topic] : undefined;
  if (!read) return { ignored: 'no such topic' };
  const delivery = read(payload);
  if (delivery.action === 'placed' && !objectOf(delivery.order).customer) {
    return { ignored: 'no customer' };
  }
  return { deliveries: [delivery] };
}
