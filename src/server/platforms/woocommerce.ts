/** WooCommerce's order webhooks. Fields: its REST API reference, version 3, resource Order. */
import type { Delivery, Webhook } from '../delivery.js';
import { ITEMS_MAX, REFUNDS_MAX } from '../limits.js';
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

export const WOOCOMMERCE_SIGNATURE = 'x-wc-webhook-signature';
export const WOOCOMMERCE_TOPIC = 'x-wc-webhook-topic';

/** Its `_gmt` moments come without an offset. */
const gmt = (value: unknown): string | undefined => {
  const text = textOf(value);
  return text === undefined || /(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`;
};

const addressOf = (value: unknown) => {
  const address = objectOf(value);
  return present({
    firstName: textOf(address.first_name),
    lastName: textOf(address.last_name),
    address1: textOf(address.address_1),
    address2: textOf(address.address_2),
    city: textOf(address.city),
    region: textOf(address.state),
    countryCode: textOf(address.country, 10),
    zip: textOf(address.postcode, 50),
    phone: textOf(address.phone, 50),
  });
};

function customerOf(order: Payload) {
  const billing = objectOf(order.billing);
  const email = emailOf(billing.email);
  const phoneNumber = phoneOf(billing.phone);
  // 0 is a guest.
  const externalId = Number(order.customer_id) > 0 ? textOf(order.customer_id, 120) : undefined;
  const kx = attached(order.meta_data, 'key', '_kx');
  const anonymousId = attached(order.meta_data, 'key', 'klaviyo_anonymous_id');
  if (!(email || phoneNumber || externalId || kx || anonymousId)) return undefined;
  return present({
    ...{ email, phoneNumber, kx, anonymousId },
    // Only where there is nothing else: the shop may know its customers by another id in Klaviyo.
    externalId: email || phoneNumber ? undefined : externalId,
    firstName: textOf(billing.first_name),
    lastName: textOf(billing.last_name),
  });
}

function itemOf(line: Payload) {
  const quantity = amountOf(line.quantity);
  const total = amountOf(line.total);
  const each = quantity && total !== undefined ? Number((total / quantity).toFixed(4)) : undefined;
  return present({
    id: textOf(line.product_id || line.id, 120),
    lineId: textOf(line.id, 120),
    sku: textOf(line.sku),
    name: firstText(line.name, line.sku, line.id),
    quantity,
    price: priceOf(line.price, each),
    imageUrl: urlOf(objectOf(line.image).src),
  });
}

function orderOf(order: Payload, time: unknown): Payload {
  const items = listOf(order.line_items).map(itemOf);
  const sold = items.filter((item) => Number(item?.quantity) > 0);
  const [coupon] = listOf(order.coupon_lines);
  return {
    ...present({
      id: textOf(order.id, 120),
      customer: customerOf(order),
      total: amountOf(order.total),
      currency: textOf(order.currency),
      time: gmt(time),
      discount: present({
        code: textOf(coupon?.code, 200),
        value: amountOf(order.discount_total) || undefined,
      }),
      tax: amountOf(order.total_tax),
      shipping: amountOf(order.shipping_total),
      billingAddress: addressOf(order.billing),
      shippingAddress: addressOf(order.shipping),
      properties: present({ OrderNumber: textOf(order.number) }),
    }),
    ...(sold.length > 0 && { items: sold.slice(0, ITEMS_MAX) }),
  };
}

/** One for each partial refund: WooCommerce sends them all with every update, and each counts once. */
const refundsOf = (order: Payload): Delivery[] =>
  listOf(order.refunds)
    .slice(0, REFUNDS_MAX)
    .flatMap((refund): Delivery[] => {
      const amount = Math.abs(amountOf(refund.total) ?? 0);
      if (amount === 0) return [];
      const reason = textOf(refund.reason);
      const { items: _whole, ...rest } = orderOf(order, order.date_modified_gmt);
      const change = {
        ...rest,
        ...(reason !== undefined && { reason }),
        refund: { ...present({ id: textOf(refund.id, 120) }), amount },
      };
      return [{ action: 'refunded', order: change, onlyIfPlaced: true }];
    });

// An order that waits for its payment is placed with the first of these.
const PLACED = ['processing', 'on-hold', 'completed'];

/** What a webhook of WooCommerce's asks for. */
export function readWooCommerce(topic: string | null, body: unknown): Webhook {
  if (topic !== 'order.created' && topic !== 'order.updated') return { ignored: 'no such topic' };
  const order = objectOf(body);
  const status = String(order.status);
  const deliveries: Delivery[] = [];
  if (PLACED.includes(status)) {
    deliveries.push({ action: 'placed', order: orderOf(order, order.date_created_gmt) });
  }
  if (status === 'completed') {
    deliveries.push({
      action: 'fulfilled',
      order: orderOf(order, order.date_completed_gmt ?? order.date_modified_gmt),
    });
  }
  if (status === 'cancelled') {
    const change = orderOf(order, order.date_modified_gmt);
    deliveries.push({ action: 'canceled', order: change, onlyIfPlaced: true });
  }
  deliveries.push(...refundsOf(order));
  if (deliveries.length === 0) return { ignored: 'nothing to tell in this status' };
  return customerOf(order) ? { deliveries } : { ignored: 'no customer' };
}
