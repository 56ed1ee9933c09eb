/** The store between an order and Klaviyo: what is accepted is in it until Klaviyo's final answer. */
import type { OrderEvent } from './order-events.js';

/** Something about an order, to be accepted with all its events or not at all. */
export interface Acceptance {
  /** What it is accepted once under, see `keyOf`. */
  key: string;
  orderId: string;
  /** Of its content: another one under the same key is a conflict. */
  digest: string;
  /** The receipt it gets if it is new. */
  receipt: string;
  /** Id of the signed message it came in, if it had one. */
  messageId?: string;
  /** Who it is of, as JSON: later webhooks of the same order may not say. */
  customer?: string;
  requestId: string;
  /** Epoch ms. */
  acceptedAt: number;
  /** The first goes out before the others. */
  events: OrderEvent[];
}

/**
 * What became of an acceptance.
 * - `accepted`: it is on disk.
 * - `duplicate`: it already was, with the receipt it got then.
 * - `conflict`: something else was accepted under its key, with that receipt.
 * - `reused`: its message id was another message's.
 * - `full`: too much is waiting; it was not stored.
 */
export type Accepted =
  | { kind: 'accepted' | 'duplicate' | 'conflict'; receipt: string; acceptedAt: number }
  | { kind: 'reused' | 'full' };

/** An event in the outbox. */
export interface Entry {
  id: number;
  receipt: string;
  orderId: string;
  requestId: string;
  metric: string;
  uniqueId: string;
  profile: string;
  data: string;
  /** How often it was claimed to be sent, this time included. */
  attempts: number;
  /** Epoch ms. */
  acceptedAt: number;
}

/** Entries that are one worker's to send, until its lease ends. */
export interface Claim {
  lease: string;
  /** Set when they are to be sent in one bulk request: its members never change. */
  batch: string | undefined;
  /** How often this batch was claimed; for single entries see each. */
  attempts: number;
  entries: Entry[];
}

export interface ClaimWish {
  /** At most so many single entries; 0 for a batch or nothing. */
  singles: number;
  /** Whether a bulk request may go out. */
  bulk: boolean;
  /** From this many fresh entries on they become a batch. */
  batchFrom: number;
  leaseMs: number;
  /** Epoch ms. */
  now: number;
}

export interface OutboxStats {
  /** Events that are not delivered yet, those under way included. */
  waiting: number;
  givenUp: number;
  /** When the oldest of the waiting was accepted, epoch ms. */
  oldestAt: number | undefined;
}

/** An entry as the command line shows it. */
export interface EntryView extends Entry {
  /** `held`: it waits for the first event of its order. */
  state: 'waiting' | 'held' | 'given-up';
  /** Epoch ms. */
  dueAt: number;
  /**
   * Set while it is a worker's to send: it is under way until then, epoch ms. A worker that was killed
   * sends nothing any more, and at this moment another one may.
   */
  claimedUntil: number | undefined;
  /** Why it was given up, in Klaviyo's words. */
  reason: string | undefined;
}

/** Which entries a command is about. All of those given have to match. */
export interface EntryFilter {
  state?: EntryView['state'];
  /** A receipt or an order's id. */
  of?: string;
}

export interface Outbox {
  /** Resolves when the answer is on disk. Acceptances of one call are stored together or not at all. */
  accept(acceptances: Acceptance[]): Promise<Accepted[]>;
  /** The customer of what was accepted under this key; undefined when nothing was. */
  customerOf(key: string): Promise<string | undefined>;
  /** What is due, oldest first; undefined when nothing is. Counts as an attempt. */
  claim(wish: ClaimWish): Promise<Claim | undefined>;
  /** These were delivered: they are removed, and what waited for them is due. */
  ack(claim: Claim, entries: readonly Entry[]): Promise<void>;
  /**
   * Gives them back, to be sent again from `dueAt` on. A batch comes back whole, unless it is `split`: then
   * its members go out one by one from now on, since they may have arrived already.
   */
  release(
    claim: Claim,
    entries: readonly Entry[],
    how: { dueAt: number; split?: boolean; unsent?: boolean },
  ): Promise<void>;
  /** Will not be sent again unless somebody asks for it; neither will what waits for it. */
  giveUp(claim: Claim, entry: Entry, reason: string): Promise<void>;
  stats(): Promise<OutboxStats>;
  /** Forgets receipts that are older, and nothing that waits. */
  forget(acceptedBefore: number): Promise<void>;
  list(filter: EntryFilter, limit: number): Promise<EntryView[]>;
  /** Makes what was given up wait again; returns how many. */
  retry(of: string | undefined): Promise<number>;
  /** Removes what was given up; returns how many. */
  drop(of: string | undefined): Promise<number>;
  close(): Promise<void>;
}
