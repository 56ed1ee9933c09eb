/** One thing that happened to an order, as a route or a platform's webhook has understood it. */
import type { OrderAction, OrderChange } from './order.js';

export interface Delivery {
  action: OrderAction;
  /** Not checked yet: a platform's payload is a stranger's word too. */
  order: object;
  /** True when it means nothing unless the order was placed here: unpaid orders get canceled as well. */
  onlyIfPlaced?: boolean;
}

/** What a webhook asks for, or why there is nothing to do. */
export type Webhook = { deliveries: Delivery[] } | { ignored: string };

/** A delivery whose order is one. */
export interface CheckedDelivery {
  action: OrderAction;
  order: OrderChange;
  onlyIfPlaced: boolean;
}
