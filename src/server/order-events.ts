/** What Klaviyo is told of an order. Names are those of its guide "Integrate a platform without a pre-built integration". */
import { ARRAY_MAX, UNIQUE_ID_MAX } from '../shared/limits.js';
import { asBackfill, eventData, profileBody } from '../shared/payload.js';
import { readIdentifiers } from '../shared/profile.js';
import { digestOf } from './digest.js';
import type { OrderAction, OrderAddress, OrderChange, OrderCustomer, OrderItem } from './order.js';

/** One event, as text that is ready to be sent. */
export interface OrderEvent {
  metric: string;
  uniqueId: string;
  /** JSON of the profile, as the event's `profile` holds it. */
  profile: string;
  /** JSON of the attributes but for the profile, without its braces. */
  data: string;
}

const METRICS: Record<OrderAction, string> = {
  placed: 'Placed Order',
  fulfilled: 'Fulfilled Order',
  canceled: 'Canceled Order',
  refunded: 'Refunded Order',
};

const present = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const union = (lists: (string[] | undefined)[]): string[] | undefined => {
  const all = [...new Set(lists.flatMap((list) => list ?? []))];
  return all.length > 0 ? all.slice(0, ARRAY_MAX) : undefined;
};

/** Four decimals: finer than any currency, coarser than what 3 * 19.99 leaves behind. */
const rowTotal = ({ price, quantity }: OrderItem): number => Number((price * quantity).toFixed(4));

const itemProperties = (item: OrderItem) =>
  present({
    ProductID: item.id,
    SKU: item.sku,
    ProductName: item.name,
    Quantity: item.quantity,
    ItemPrice: item.price,
    RowTotal: rowTotal(item),
    ProductURL: item.url,
    ImageURL: item.imageUrl,
    Categories: item.categories,
    Brand: item.brand,
  });

const addressProperties = (address: OrderAddress | undefined) =>
  address &&
  present({
    FirstName: address.firstName,
    LastName: address.lastName,
    Address1: address.address1,
    Address2: address.address2,
    City: address.city,
    RegionCode: address.region,
    CountryCode: address.countryCode,
    Zip: address.zip,
    Phone: address.phone,
  });

function orderProperties(order: OrderChange): Record<string, unknown> {
  const items = order.refund?.items ?? order.items ?? [];
  const own = present({
    OrderId: order.id,
    Categories: union(items.map(({ categories }) => categories)),
    ItemNames: items.length > 0 ? items.map(({ name }) => name) : undefined,
    Brands: union(items.map(({ brand }) => (brand === undefined ? [] : [brand]))),
    DiscountCode: order.discount?.code,
    DiscountValue: order.discount?.value,
    Tax: order.tax,
    ShippingCost: order.shipping,
    Items: items.length > 0 ? items.map(itemProperties) : undefined,
    BillingAddress: addressProperties(order.billingAddress),
    ShippingAddress: addressProperties(order.shippingAddress),
    Reason: order.reason,
    TrackingNumber: order.fulfillment?.trackingNumber,
    TrackingURL: order.fulfillment?.trackingUrl,
    Carrier: order.fulfillment?.carrier,
  });
  return { ...order.properties, ...own };
}

type Parts = Pick<OrderChange, 'fulfillment' | 'refund'>;

/** Which of several shipments or refunds of one order this is; empty when there is only one. */
const partOf = (action: OrderAction, order: Parts): string =>
  (action === 'fulfilled' ? order.fulfillment?.id : undefined) ??
  (action === 'refunded' ? order.refund?.id : undefined) ??
  '';

/**
 * The unique id of a part of an order. The part has no _ of its own, so the last one is where it starts, and
 * no two of them are the same: of a bulk request with a repeated unique_id nothing may be recorded.
 */
function uniqueIdOf(orderId: string, part: string): string {
  const escaped = part.replaceAll('~', '~0').replaceAll('_', '~1');
  const whole = `${orderId}_${escaped}`;
  return whole.length <= UNIQUE_ID_MAX ? whole : `${orderId}_~2${digestOf(part)}`;
}

/** Under this an order's action is accepted once. Lengths keep `a`+`b:c` and `a:b`+`c` apart. */
export const keyOf = (action: OrderAction, order: Pick<OrderChange, 'id'> & Parts): string =>
  `${action}:${order.id.length}:${order.id}:${partOf(action, order)}`;

/** Who an order is of, as JSON for every event about it. */
function profileOf(customer: OrderCustomer): string {
  const { anonymousId, firstName, lastName } = customer;
  const named = present({ firstName, lastName });
  return profileBody(anonymousId, readIdentifiers(customer), named);
}

/**
 * The events of an action. The first is about the whole order; Ordered Product, one for each line, come
 * after it and may not overtake it.
 *
 * @param at epoch ms: when it happened
 */
export function eventsOf(
  action: OrderAction,
  order: OrderChange & { customer: OrderCustomer },
  at: number,
): OrderEvent[] {
  const profile = profileOf(order.customer);
  const part = partOf(action, order);
  const event = (
    metric: string,
    uniqueId: string,
    properties: Record<string, unknown>,
    value: number,
  ): OrderEvent => {
    const data = eventData(metric, properties, uniqueId, at, value, order.currency);
    return { metric, uniqueId, profile, data: order.backfill ? asBackfill(data) : data };
  };
  // Refunds are worth something too: Klaviyo wants every value positive.
  const value = action === 'refunded' ? (order.refund?.amount ?? order.total) : order.total;
  const whole = event(
    METRICS[action],
    part ? uniqueIdOf(order.id, part) : order.id,
    orderProperties(order),
    value,
  );
  if (action !== 'placed') return [whole];
  const lines = (order.items ?? []).map((item, index) =>
    event(
      'Ordered Product',
      uniqueIdOf(order.id, item.lineId ?? String(index + 1)),
      present({
        OrderId: order.id,
        ProductID: item.id,
        SKU: item.sku,
        ProductName: item.name,
        Quantity: item.quantity,
        ProductURL: item.url,
        ImageURL: item.imageUrl,
        Categories: item.categories,
        ProductBrand: item.brand,
      }),
      rowTotal(item),
    ),
  );
  return [whole, ...lines];
}
