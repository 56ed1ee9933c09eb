/** Keeps an account's limits by itself: what Klaviyo counts in fixed windows is never passed in any window. */

export interface Rate {
  /** Requests in a second. */
  burst: number;
  /** Requests in a minute. */
  steady: number;
  /** Requests in a day, where there is such a limit. */
  daily?: number;
}

const BURST_WINDOW_MS = 1000;
const STEADY_WINDOW_MS = 60_000;
const DAILY_WINDOW_MS = 86_400_000;

/**
 * A request is counted by Klaviyo at some moment between being sent and being answered. So its place is
 * taken from its sending until a whole window after its answer: however the network delays requests, no
 * window of Klaviyo's ever sees more of them than it allows.
 *
 * @param elapsed ms on a clock that is never set back
 */
export function createPacer({ burst, steady, daily }: Rate, elapsed: () => number) {
  const windows: [count: number, lengthMs: number][] = [
    [burst, BURST_WINDOW_MS],
    [steady, STEADY_WINDOW_MS],
    ...(daily === undefined ? [] : [[daily, DAILY_WINDOW_MS] satisfies [number, number]]),
  ];
  // The moments of the last answers, as many as the largest window counts, as a ring.
  const size = Math.max(...windows.map(([count]) => count));
  const answered: number[] = [];
  let next = 0;
  let underWay = 0;
  let closedUntil = Number.NEGATIVE_INFINITY;

  /** When the place of the `count`-th last request began to run out; now at the earliest for one under way. */
  const nthLast = (count: number, at: number): number =>
    count <= 0 ? at : (answered[(next - count + size) % size] ?? Number.NEGATIVE_INFINITY);

  return {
    /** How long until a request may go out, in ms, at the least; 0 is now. */
    waitMs(): number {
      const at = elapsed();
      const waits = windows.map(
        ([count, lengthMs]) => nthLast(count - underWay, at) + lengthMs - at,
      );
      return Math.max(0, closedUntil - at, ...waits);
    },
    /** A request goes out. To be called back when it was answered, or will not be. */
    take(): () => void {
      underWay += 1;
      return () => {
        underWay -= 1;
        answered[next] = elapsed();
        next = (next + 1) % size;
      };
    },
    /** What an answer says is left; others use the same account, so its word counts more than our own count. */
    heed(remaining: number, resetMs: number, others: number): void {
      if (remaining > others) return;
      closedUntil = Math.max(closedUntil, elapsed() + resetMs);
    },
    /** Klaviyo has asked us to stay away. */
    close(durationMs: number): void {
      closedUntil = Math.max(closedUntil, elapsed() + durationMs);
    },
  };
}

export type Pacer = ReturnType<typeof createPacer>;
