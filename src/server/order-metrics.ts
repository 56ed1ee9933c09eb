/** What Klaviyo is told of an order. Names are those of its guide "Integrate a platform without a pre-built integration". */
import type { TrackedEvent } from '../shared/event.js';
import { ARRAY_MAX } from '../shared/limits.js';
import type { Order, OrderAction, OrderAddress, OrderChange, OrderItem } from './order.js';

/** An event about an order, for `events.track` and `events.trackAll`. */
export interface OrderTrackedEvent extends TrackedEvent {
  uniqueId: string;
  value: number;
  valueCurrency: string;
  backfill?: boolean;
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

/** What tells several shipments or refunds of one order apart. */
export type Parts = Pick<OrderChange, 'fulfillment' | 'refund'>;

/** Which of several shipments or refunds of one order this is; empty when there is only one. */
export const partOf = (action: OrderAction, order: Parts): string =>
  (action === 'fulfilled' ? order.fulfillment?.id : undefined) ??
  (action === 'refunded' ? order.refund?.id : undefined) ??
  '';

/**
 * The events of an action. The first is about the whole order; Ordered Product, one for each line, come
 * after it.
 */
export function metricsOf(
  action: OrderAction,
  order: OrderChange,
): [OrderTrackedEvent, ...OrderTrackedEvent[]] {
  const part = partOf(action, order);
  const event = (
    name: string,
    uniqueId: string,
    properties: Record<string, unknown>,
    value: number,
  ): OrderTrackedEvent => ({
    ...{ name, uniqueId, properties, value, valueCurrency: order.currency },
    ...(order.time !== undefined && { time: Date.parse(order.time) }),
    ...(order.backfill && { backfill: true }),
  });
  // Refunds are worth something too: Klaviyo wants every value positive.
  const value = action === 'refunded' ? (order.refund?.amount ?? order.total) : order.total;
  const whole = event(
    METRICS[action],
    part ? `${order.id}_${part}` : order.id,
    orderProperties(order),
    value,
  );
  if (action !== 'placed') return [whole];
  const lines = (order.items ?? []).map((item, index) =>
    event(
      'Ordered Product',
      `${order.id}_${item.lineId ?? index + 1}`,
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

/** "Placed Order", worth its total, once for an order's id. */
export const placedOrder = (order: Order): OrderTrackedEvent => metricsOf('placed', order)[0];

/** "Ordered Product", one for each line of an order, worth the line. */
export const orderedProducts = (order: Order): OrderTrackedEvent[] =>
  metricsOf('placed', order).slice(1);

/** "Fulfilled Order", once for an order's id, or for each `fulfillment.id` of it. */
export const fulfilledOrder = (order: OrderChange): OrderTrackedEvent =>
  metricsOf('fulfilled', order)[0];

/** "Canceled Order", worth its total: Klaviyo wants every value positive. */
export const canceledOrder = (order: OrderChange): OrderTrackedEvent =>
  metricsOf('canceled', order)[0];

/** "Refunded Order", worth `refund.amount` or the total, once for an order's id or each `refund.id` of it. */
export const refundedOrder = (order: OrderChange): OrderTrackedEvent =>
  metricsOf('refunded', order)[0];
