// The shop's side of orders: takes them, keeps them, tells the endpoint, and shows QA where each event is.
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { openOutbox } from 'klaviyo-storefront/server';
import { openBook } from './book.mjs';
import { CheckoutError, readCheckout } from './checkout.mjs';
import { createEndpoint } from './endpoint.mjs';
import { createLookout } from './lookout.mjs';
import { SAMPLES_MAX, sampleCheckout } from './samples.mjs';
import { createSender } from './sender.mjs';

const messageOf = (action, order) => ({
  id: `order-${order.id}${action === 'placed' ? '' : `-${action}`}`,
  ...{ action, path: action === 'placed' ? '/orders' : `/orders/${order.id}/${action}` },
  body: JSON.stringify(order),
  ...{ state: 'pending', attempts: 0 },
});

/** What there is to say about each change. */
const DETAILS = {
  fulfilled: ({ id }) => ({ fulfillment: { carrier: 'Post van', trackingNumber: `SM${id}` } }),
  canceled: () => ({ reason: 'The customer has changed their mind.' }),
  refunded: () => ({ reason: 'It arrived in two pieces.' }),
};

/**
 * Starts the order endpoint and what talks to it.
 *
 * @param {{ folder: string, isTemporary: boolean, sandbox: import('klaviyo-storefront/sandbox').Sandbox,
 *   privateKey: string, publicKey: string, origin: string, port: number,
 *   onFreePort: <T>(port: number, attempt: (port: number) => Promise<T>) => Promise<T>,
 *   log: (text: string) => void }} parts
 */
export async function openDesk(parts) {
  const { folder, sandbox, origin, onFreePort, log } = parts;
  const book = openBook(join(folder, 'orders'));
  // Both sides have it from here; a shop has it from its environment.
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const endpoint = createEndpoint({
    ...{ folder, isTemporary: parts.isTemporary, onFreePort, log },
    settings: {
      KLAVIYO_PRIVATE_KEY: parts.privateKey,
      KLAVIYO_PUBLIC_KEY: parts.publicKey,
      KLAVIYO_API_HOST: sandbox.url,
      ORDER_SIGNING_SECRET: secret,
    },
    onChange: () => sender?.wake(),
  });
  let sender;
  await endpoint.start(parts.port);
  const outbox = await openOutbox(endpoint.databasePath);
  sender = createSender({ book, secret, url: endpoint.url, log });
  const lookout = createLookout({ book, outbox, endpoint, sandbox });

  /** The same cart again is the same order: an answer got lost, or the button was pressed twice. */
  function known({ cartId, asked }) {
    const entry = book.find('cartId', cartId);
    if (!entry || isDeepStrictEqual(entry.asked, asked)) return entry;
    throw new CheckoutError(
      `This cart was ordered before, as order ${entry.id}, which stays as it is. Press again to order this as well.`,
      ...[409, { cartIsOrdered: true }],
    );
  }

  /** Resolves once the order is on disk here: the shopper waits for nobody else. */
  function place(body) {
    const checkout = readCheckout(body, origin());
    const entry =
      known(checkout) ??
      book.add((id) => {
        const order = { id, ...checkout.order, time: new Date().toISOString() };
        const messages = [messageOf('placed', order)];
        const { cartId, asked } = checkout;
        return { token: randomUUID(), cartId, asked, order, messages };
      });
    sender.wake();
    return { order: entry.id, url: `/thanks/${entry.token}` };
  }

  /** Orders of the inspector's own, as the visitor or as nobody in particular. */
  async function placeSamples({ count, visitor }) {
    if (!Number.isInteger(count) || count < 1 || count > SAMPLES_MAX) {
      throw new CheckoutError(`From 1 to ${SAMPLES_MAX} orders.`);
    }
    const first = book.entries().length;
    for (let number = first; number < first + count; number += 1) {
      place(sampleCheckout(number, visitor));
      // Writing to the disk holds up everybody; nobody for long.
      await nextTurn();
    }
  }

  /** Fulfils, cancels or refunds an order, once. */
  function change(id, action) {
    const entry = book.find('id', id);
    if (!entry || !Object.hasOwn(DETAILS, action)) throw new CheckoutError('No such order.', 404);
    if (!entry.messages.some((message) => message.action === action)) {
      // Without the customer, who is known from the order itself.
      const { customer, ...order } = entry.order;
      const time = new Date().toISOString();
      entry.messages.push(messageOf(action, { ...order, time, ...DETAILS[action](order) }));
      book.save(entry);
    }
    sender.wake();
  }

  return {
    /** Its process: `{ state, pid, url, folder, kills }`. */
    endpoint: endpoint.state,
    place,
    placeSamples,
    change,
    /** Sends again what Klaviyo refused, as `klaviyo-storefront outbox retry` does. */
    retry: (id) => outbox.retry(id),
    order: (token) => book.find('token', token)?.order,
    look: lookout.look,
    forget: lookout.forget,
    kill: endpoint.kill,
    start: () => endpoint.start(),
    async close() {
      sender.close();
      await endpoint.close();
      await outbox.close();
    },
  };
}
