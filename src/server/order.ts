import type { Identifiers } from '../shared/profile.js';

/** Where an order is billed or shipped to. Free text, as the customer typed it. */
export interface OrderAddress {
  firstName?: string;
  lastName?: string;
  address1?: string;
  address2?: string;
  city?: string;
  /** State or province, such as `BE` or `Bavaria`. */
  region?: string;
  /** ISO 3166, such as `DE`. */
  countryCode?: string;
  zip?: string;
  phone?: string;
}

/**
 * Who ordered. At least one of `email`, `phoneNumber` (E.164), `externalId`, `id`, `kx` and
 * `anonymousId`; the last two come from the browser and join the order to what was seen there. One that Klaviyo
 * refuses, such as a phone number that can't be, is left out where another of the first five is there.
 */
export interface OrderCustomer extends Identifiers {
  /** The browser tracker's anonymous id of this visitor. */
  anonymousId?: string;
  firstName?: string;
  lastName?: string;
}

/** One line of an order. */
export interface OrderItem {
  /** The product's id in the catalogue that Klaviyo syncs. */
  id: string;
  /** The line's own id, unlike every other line's of the order. Default: its position, from 1. */
  lineId?: string;
  sku?: string;
  name: string;
  quantity: number;
  /** Of one piece, in the order's currency. */
  price: number;
  brand?: string;
  categories?: string[];
  /** Absolute. */
  url?: string;
  /** Absolute. */
  imageUrl?: string;
}

/** An order, as `POST /orders` takes it. Amounts are in major units: 19.99, not 1999. */
export interface Order {
  /** The order's id in the shop. Klaviyo records one Placed Order under it. */
  id: string;
  customer: OrderCustomer;
  items: OrderItem[];
  /** What was charged, discounts taken off. */
  total: number;
  /** ISO 4217, such as `EUR`. */
  currency: string;
  /**
   * When it happened, ISO 8601 with an offset. Default: when the endpoint accepts it. Without one, or with one
   * of over 30 days ago, a backlog of orders takes longer: they can't share requests to Klaviyo.
   */
  time?: string;
  discount?: { code?: string; value?: number };
  tax?: number;
  shipping?: number;
  billingAddress?: OrderAddress;
  shippingAddress?: OrderAddress;
  /** True records it without starting flows, for orders of the past. */
  backfill?: boolean;
  /** Further properties of the events about the whole order. */
  properties?: Record<string, unknown>;
}

/**
 * What `POST /orders/:id/fulfilled`, `/canceled` and `/refunded` take: the order again, with `time` as
 * the moment of the change, and what there is to say about it. `id` may be left out, the path has it.
 */
export interface OrderChange extends Omit<Order, 'customer' | 'items'> {
  /** Default: who placed the order, when it was placed through this endpoint. */
  customer?: OrderCustomer;
  /** Default: none are named. */
  items?: OrderItem[];
  /** Why it was canceled or refunded. */
  reason?: string;
  /** A shipment. With an id of its own, each of several counts. */
  fulfillment?: { id?: string; trackingNumber?: string; trackingUrl?: string; carrier?: string };
  /**
   * A refund. With an id of its own, each of several partial ones counts. `amount` is positive;
   * default: the order's total. `items`: what was refunded; default: those of the order.
   */
  refund?: { id?: string; amount?: number; items?: OrderItem[] };
}

/** What can happen to an order. */
export type OrderAction = 'placed' | 'fulfilled' | 'canceled' | 'refunded';
