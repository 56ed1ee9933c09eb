import { FAILING_FROM } from '../shared/limits.js';
import type { Identifiers } from '../shared/profile.js';

/** A batch mark: may have been received on its own, so it must never join a bulk request. */
export const SINGLE = '1';

/** What is stored of an event, or of a profile update (`metric` is absent then). */
export interface QueuedEvent {
  /** Sorts in the order of tracking. */
  key: string;
  uniqueId: string;
  metric?: string | undefined;
  /** JSON text, see `payload.ts`. */
  data: string;
  /** Epoch ms. */
  createdAt: number;
  anonymousId: string;
  /** Identifiers known when it was tracked, then those it was first sent with. */
  who: Identifiers;
  /** The page that alone may send it; '' once that page has let go. */
  owner: string;
  attempts: number;
  /**
   * Absent: never sent. `SINGLE`: sent on its own, or refused in a batch. Otherwise the frozen batch it
   * belongs to, `<id>:<number of members>`: sent again with exactly these members or one by one.
   */
  batch?: string | undefined;
}

/** Whether nothing else may wait for it: it may never be delivered. */
export const isFailing = ({ attempts }: QueuedEvent): boolean => attempts >= FAILING_FROM;

/** False for what another version, or somebody else, has put there. */
export const isQueuedEvent = (value: unknown): value is QueuedEvent => {
  const { key, uniqueId, data, anonymousId, owner, metric, batch, who, createdAt, attempts } =
    Object(value) as QueuedEvent;
  return (
    !!who &&
    [createdAt, attempts].every(Number.isFinite) &&
    [key, uniqueId, data, anonymousId, owner, metric ?? '', batch ?? ''].every(
      (text) => typeof text === 'string',
    )
  );
};
