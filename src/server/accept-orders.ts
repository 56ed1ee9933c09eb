/** From checked orders to their receipts. */
import type { CheckedDelivery } from './delivery.js';
import type { ServerEnv } from './env.js';
import { FULL_RETRY_AFTER_SECONDS } from './limits.js';
import { type Log, nameOf } from './log.js';
import type { Metrics } from './metrics.js';
import type { OrderAction } from './order.js';
import type { Acceptance, Accepted, Outbox } from './outbox.js';
import { customerOf, prepareAcceptance } from './prepare-acceptance.js';
import { json, problem, type Reply } from './reply.js';

export interface AcceptParts {
  outbox: Outbox;
  env: ServerEnv;
  log: Log;
  metrics: Metrics;
  /** Called when there is something new to send. */
  onAccepted: () => void;
}

/** How the sender is answered, where a shop's own backend and a platform's webhook differ. */
interface Sender {
  requestId: string;
  messageId?: string | undefined;
  /** A platform sends an order again whenever anything about it changes: the first one counts. */
  isPlatform: boolean;
}

type Prepared = { acceptance: Acceptance; action: CheckedDelivery['action'] };

/** What a conflict may have been meant to be. */
const AFTER: Record<OrderAction, string> = {
  placed: ' Changes go to /fulfilled, /canceled or /refunded.',
  fulfilled: ' A further shipment needs a fulfillment.id of its own.',
  canceled: '',
  refunded: ' A further refund needs a refund.id of its own.',
};

export function createAcceptOrders({ outbox, env, log, metrics, onAccepted }: AcceptParts) {
  /** @param placing ids of the orders that the same request places */
  async function prepare(
    delivery: CheckedDelivery,
    sender: Sender,
    placing: Set<string>,
  ): Promise<Prepared | undefined> {
    const customer = await customerOf(outbox, delivery, placing);
    if (!customer) return undefined;
    const acceptance = prepareAcceptance(delivery, customer, sender, env);
    return { acceptance, action: delivery.action };
  }

  function note({ acceptance, action }: Prepared, accepted: Accepted): void {
    const { requestId, orderId, events } = acceptance;
    if (!('receipt' in accepted)) {
      log.warn({ requestId, orderId, action }, `not accepted: ${accepted.kind}`);
      return;
    }
    const { kind, receipt } = accepted;
    log.info({ requestId, orderId, action, receipt, events: events.length }, kind);
    if (kind === 'accepted') metrics.count('klaviyo_orders_accepted_total', action);
    if (kind === 'duplicate') metrics.count('klaviyo_orders_duplicate_total', action);
  }

  function answer(prepared: Prepared[], results: Accepted[], { isPlatform }: Sender): Reply {
    if (results.some(({ kind }) => kind === 'full')) {
      return problem(503, 'Too many events wait for Klaviyo. Send the order again later.', {
        headers: { 'retry-after': String(FULL_RETRY_AFTER_SECONDS) },
      });
    }
    const receipts = prepared.flatMap(({ acceptance, action }, index) => {
      const result = results[index];
      if (!result || !('receipt' in result)) return [];
      const acceptedAt = new Date(result.acceptedAt).toISOString();
      return [{ receipt: result.receipt, order: acceptance.orderId, action, acceptedAt }];
    });
    const isNew = results.some(({ kind }) => kind === 'accepted');
    if (isPlatform) return json(isNew ? 202 : 200, { receipts });
    const [only] = results;
    if (only?.kind === 'reused') {
      return problem(409, 'This webhook-id was another message’s. Give each message its own.');
    }
    if (only?.kind === 'conflict') {
      return problem(
        409,
        'This was accepted before with different content, under the receipt ' +
          `${only.receipt}. What was accepted stays.${prepared.map(({ action }) => AFTER[action])}`,
      );
    }
    return json(isNew ? 202 : 200, receipts[0]);
  }

  /** Stores what a request brought, all or nothing, and answers it. */
  return async function accept(deliveries: CheckedDelivery[], sender: Sender): Promise<Reply> {
    const { requestId, isPlatform } = sender;
    try {
      const placed = deliveries.filter(({ action }) => action === 'placed');
      const placing = new Set(placed.map(({ order }) => order.id));
      const found = await Promise.all(deliveries.map((each) => prepare(each, sender, placing)));
      const prepared = found.filter((each) => each !== undefined);
      if (prepared.length === 0 && !isPlatform) {
        const message = 'must be given: this order was not placed through this endpoint';
        return problem(422, 'It is not known whose order this is.', {
          errors: [{ field: 'customer', message }],
        });
      }
      if (prepared.length === 0) {
        metrics.count('klaviyo_webhooks_ignored_total', 'unknown order');
        log.warn({ requestId, orderId: deliveries[0]?.order.id }, 'ignored: unknown order');
        return json(200, { ignored: 'This order was not placed through this endpoint.' });
      }
      const results = await outbox.accept(prepared.map(({ acceptance }) => acceptance));
      prepared.forEach((each, index) => {
        const result = results[index];
        if (result) note(each, result);
      });
      if (results.some(({ kind }) => kind === 'accepted')) onAccepted();
      return answer(prepared, results, sender);
    } catch (error) {
      log.error({ requestId, error: nameOf(error) }, 'the store does not answer');
      return problem(503, 'The order could not be stored. Send it again.', {
        headers: { 'retry-after': '5' },
      });
    }
  };
}
