import type { CheckedDelivery } from './delivery.js';
import { digestOf } from './digest.js';
import type { ServerEnv } from './env.js';
import type { OrderCustomer } from './order.js';
import { type CustomerNews, eventsOf, keyOf } from './order-events.js';
import type { Acceptance, Outbox } from './outbox.js';

/**
 * Whose order it is: who the order says, or who placed it here.
 * @param placing ids of the orders that the same request places
 */
export async function customerOf(
  outbox: Outbox,
  { order, onlyIfPlaced }: CheckedDelivery,
  placing?: Set<string>,
): Promise<OrderCustomer | undefined> {
  if (order.customer && (!onlyIfPlaced || placing?.has(order.id))) return order.customer;
  const known = await outbox.customerOf(keyOf('placed', { id: order.id }));
  return known === undefined ? undefined : (order.customer ?? (JSON.parse(known) as OrderCustomer));
}

interface From {
  requestId: string;
  messageId?: string | undefined;
  /** What else there is to say of the customer. */
  news?: CustomerNews | undefined;
}

/** An order, and all its events, as the outbox takes them. */
export function prepareAcceptance(
  { action, order }: CheckedDelivery,
  customer: OrderCustomer,
  { requestId, messageId, news }: From,
  env: ServerEnv,
): Acceptance {
  const acceptedAt = env.now();
  const at = order.time === undefined ? acceptedAt : Date.parse(order.time);
  return {
    key: keyOf(action, order),
    orderId: order.id,
    digest: digestOf(news ? { order, news } : order),
    receipt: env.uuid(),
    ...(messageId !== undefined && { messageId }),
    ...(action === 'placed' && { customer: JSON.stringify(customer) }),
    ...{ requestId, acceptedAt, events: eventsOf(action, { ...order, customer }, at, news) },
  };
}
