import type { CheckedDelivery } from '../delivery.js';
import type { ServerEnv } from '../env.js';
import type { Order, OrderAction, OrderChange } from '../order.js';
import type { CustomerNews } from '../order-events.js';
import { type FieldProblem, readChange, readOrder } from '../order-schema.js';
import type { Outbox } from '../outbox.js';
import { customerOf, prepareAcceptance } from '../prepare-acceptance.js';

export interface SyncOrderOptions {
  /** What else there is to say of the customer: goes onto the profile with the order. */
  profile?: CustomerNews;
}

export interface SyncedOrder {
  /** The outbox's own id of it, as in its log and commands. */
  receipt: string;
  /** Epoch ms. */
  acceptedAt: number;
  /** False when the same order was accepted before. */
  isNew: boolean;
}

/**
 * Why an order was not accepted.
 * - `invalid`: see `problems`.
 * - `conflict`: another content was accepted under this id.
 * - `unknown-customer`: a change without a customer, of an order that was not placed here.
 * - `full`: too much waits for Klaviyo. Try again later.
 */
export type SyncOrderCode = 'invalid' | 'conflict' | 'unknown-customer' | 'full';

/** An order that was not accepted. Nothing of it was stored. */
export class SyncOrderError extends Error {
  override readonly name = 'SyncOrderError';
  declare readonly code: SyncOrderCode;
  /** What is wrong, field by field. */
  declare readonly problems: FieldProblem[];
  constructor(code: SyncOrderCode, message: string, problems: FieldProblem[] = []) {
    super(message);
    this.code = code;
    this.problems = problems;
  }
}

/** Tells Klaviyo of an order in one durable call. */
export interface SyncOrder {
  /**
   * Resolves when an order is on disk: its customer's profile, Placed Order and one Ordered Product for each line
   * reach Klaviyo from there, once each, whatever Klaviyo, the network or the process do meanwhile. The same order
   * again gets the same receipt. Rejects with a `SyncOrderError`, or with the store's own error: call it again then.
   *
   * @klaviyo POST /api/events (2026-07-15) · events:write · 350/s, 3500/min
   * @klaviyo POST /api/event-bulk-create-jobs (2026-07-15) · events:write · 10/s, 150/min
   */
  (action: 'placed', order: Order, options?: SyncOrderOptions): Promise<SyncedOrder>;
  /** The same for what happened to an order later. Its customer and lines may be left out when it was placed here. */
  (
    action: Exclude<OrderAction, 'placed'>,
    change: OrderChange,
    options?: SyncOrderOptions,
  ): Promise<SyncedOrder>;
}

interface SyncParts {
  outbox: Outbox;
  env: ServerEnv;
  /** Called when there is something new to send. */
  onAccepted: () => void;
}

export function createSyncOrder({ outbox, env, onAccepted }: SyncParts): SyncOrder {
  return async (action, order, { profile: news } = {}) => {
    const read = action === 'placed' ? readOrder(order, env.now()) : readChange(order, env.now());
    if ('problems' in read) {
      const fields = read.problems.map(({ field, message }) => `${field} ${message}`);
      throw new SyncOrderError('invalid', `Not an order: ${fields.join('; ')}.`, read.problems);
    }
    const delivery: CheckedDelivery = { action, order: read.value, onlyIfPlaced: false };
    const customer = await customerOf(outbox, delivery);
    if (!customer) {
      const message = 'Give the customer: this order was not placed through this outbox.';
      throw new SyncOrderError('unknown-customer', message);
    }
    const acceptance = prepareAcceptance(delivery, customer, { requestId: env.uuid(), news }, env);
    const [result] = await outbox.accept([acceptance]);
    if (!result || !('receipt' in result)) {
      throw new SyncOrderError('full', 'Too many events wait for Klaviyo. Try again later.');
    }
    const { kind, receipt, acceptedAt } = result;
    if (kind === 'conflict') {
      const message = `Another content was accepted under this id before, as ${receipt}. Changes are fulfilled, canceled or refunded.`;
      throw new SyncOrderError('conflict', message);
    }
    if (kind === 'accepted') onAccepted();
    return { receipt, acceptedAt, isNew: kind === 'accepted' };
  };
}
