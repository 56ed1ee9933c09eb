/** The events of an order as the outbox keeps them: text that is ready to be sent. */
import { asBackfill, eventData, profileBody } from '../shared/payload.js';
import { type Identifiers, type Profile, readIdentifiers } from '../shared/profile.js';
import type { OrderAction, OrderChange, OrderCustomer } from './order.js';
import { metricsOf, type Parts, partOf } from './order-metrics.js';

export interface OrderEvent {
  metric: string;
  uniqueId: string;
  /** JSON of the profile, as the event's `profile` holds it. */
  profile: string;
  /** JSON of the attributes but for the profile, without its braces. */
  data: string;
}

/** Under this an order's action is accepted once. Lengths keep `a`+`b:c` and `a:b`+`c` apart. */
export const keyOf = (action: OrderAction, order: Pick<OrderChange, 'id'> & Parts): string =>
  `${action}:${order.id.length}:${order.id}:${partOf(action, order)}`;

/**
 * What else there is to say of a customer. Who it is says the order; and nothing can be appended, since it is said
 * with every event of it.
 */
export type CustomerNews = Omit<Profile, keyof Identifiers | 'anonymousId' | 'append'>;

/** Who an order is of, as JSON for every event about it. */
function profileOf(customer: OrderCustomer, news: CustomerNews): string {
  const { anonymousId, firstName, lastName } = customer;
  const named = {
    ...news,
    ...(firstName !== undefined && { firstName }),
    ...(lastName !== undefined && { lastName }),
  };
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
  news: CustomerNews = {},
): OrderEvent[] {
  const profile = profileOf(order.customer, news);
  return metricsOf(action, order).map(
    ({ name, properties, uniqueId, value, valueCurrency, backfill }) => {
      const data = eventData(name, properties, uniqueId, at, value, valueCurrency);
      return { metric: name, uniqueId, profile, data: backfill ? asBackfill(data) : data };
    },
  );
}
