/** What becomes of every event, and what Klaviyo is asked in every second. */
import type { ClientEndpoint } from '../../../src/sandbox/endpoints.js';

export interface Second {
  requests: number;
  throttled: number;
  accepted: Partial<Record<ClientEndpoint, number>>;
  recorded: number;
  /** Events of known visitors that have waited on open pages for over five seconds. */
  waiting: number;
}

/** An event that has waited this long is no longer only on its way. */
const ON_ITS_WAY_MS = 5000;

/** One visitor's, as long as they may come back. */
export interface Waiting {
  /** Tracked and not recorded: number to moment, oldest first. */
  since: Map<number, number>;
  isKnown: boolean;
}

export const createTally = (now: () => number, startAt: number) => {
  const ownerOf: Waiting[] = [];
  const trackedAt: number[] = [];
  const recordedAt = new Map<number, number>();
  const dropped = new Map<number, string>();
  const stored = new Set<number>();
  const seconds: Second[] = [];
  const open = new Set<Waiting>();
  let requests = 0;
  let throttled = 0;

  /** The second under way; the seconds of the days after are not told apart. */
  const second = (): Second | undefined => seconds[Math.floor((now() - startAt) / 1000)];

  return {
    seconds,
    requests: () => requests,
    throttled: () => throttled,

    /** Makes the seconds to look at. */
    watch: (count: number): void => {
      while (seconds.length < count) {
        seconds.push({ requests: 0, throttled: 0, accepted: {}, recorded: 0, waiting: 0 });
      }
    },
    onAnswer: (endpoint: ClientEndpoint, status: number): void => {
      requests++;
      if (status === 429) throttled++;
      const at = second();
      if (!at) return;
      at.requests++;
      if (status === 429) at.throttled++;
      if (status === 202) at.accepted[endpoint] = (at.accepted[endpoint] ?? 0) + 1;
    },
    onRecorded: (number: number): void => {
      recordedAt.set(number, now());
      ownerOf[number]!.since.delete(number);
      const at = second();
      if (at) at.recorded++;
    },

    /** Numbers an event. */
    track: (visitor: Waiting): number => {
      const number = ownerOf.push(visitor) - 1;
      visitor.since.set(number, now());
      trackedAt.push(now());
      return number;
    },
    drop: (number: number, reason: string): void => {
      dropped.set(number, reason);
      ownerOf[number]!.since.delete(number);
    },
    /** Nobody has it any more, nor says so. */
    lose: (number: number): void => void ownerOf[number]!.since.delete(number),
    /** Found in the storage of a browser that never came back. */
    keep: (number: number): void => void stored.add(number),
    onOpen: (visitor: Waiting): void => void open.add(visitor),
    onClose: (visitor: Waiting): void => void open.delete(visitor),
    /** Counts what waits now. */
    look: (): void => {
      const looked = second();
      if (!looked) return;
      const limitAt = now() - ON_ITS_WAY_MS;
      for (const { since, isKnown } of open) {
        if (!isKnown) continue;
        for (const at of since.values()) {
          if (at > limitAt) break;
          looked.waiting++;
        }
      }
    },

    /** Each event once, by what became of it. */
    count: () => {
      const counts = { tracked: ownerOf.length, recorded: 0, waiting: 0, lost: 0 };
      const reasons: Record<string, number> = {};
      ownerOf.forEach((_, number) => {
        const reason = dropped.get(number);
        if (recordedAt.has(number)) counts.recorded++;
        else if (reason) reasons[reason] = (reasons[reason] ?? 0) + 1;
        else if (stored.has(number)) counts.waiting++;
        else counts.lost++;
      });
      return { ...counts, dropped: reasons };
    },
    /** Of the events tracked until the first moment, the share recorded by the second. */
    recordedShare: (trackedUntilAt: number, recordedUntilAt: number): number => {
      const numbers = trackedAt.flatMap((at, number) => (at <= trackedUntilAt ? [number] : []));
      const inTime = numbers.filter((number) => recordedAt.get(number)! <= recordedUntilAt);
      return inTime.length / numbers.length;
    },
  };
};

export type Tally = ReturnType<typeof createTally>;
