/** Keeps an account's limits by itself: what Klaviyo counts in fixed windows is never passed in any window. */

interface Rate {
  /** Requests in a second. */
  burst: number;
  /** Requests in a minute. */
  steady: number;
}

const BURST_WINDOW_MS = 1000;
const STEADY_WINDOW_MS = 60_000;

/** @param elapsed ms on a clock that is never set back */
export function createPacer({ burst, steady }: Rate, elapsed: () => number) {
  // The moments of the last requests of one minute, as a ring.
  const sent: number[] = [];
  let next = 0;
  let closedUntil = Number.NEGATIVE_INFINITY;

  const nthLast = (count: number): number =>
    sent[(next - count + steady) % steady] ?? Number.NEGATIVE_INFINITY;

  return {
    /** How long until a request may go out, in ms; 0 is now. */
    waitMs(): number {
      const at = elapsed();
      return Math.max(
        0,
        nthLast(burst) + BURST_WINDOW_MS - at,
        nthLast(steady) + STEADY_WINDOW_MS - at,
        closedUntil - at,
      );
    },
    /** A request goes out. */
    take(): void {
      sent[next] = elapsed();
      next = (next + 1) % steady;
    },
    /** What an answer says is left; others use the same account, so its word counts more than our own count. */
    heed(remaining: number, resetMs: number, underWay: number): void {
      if (remaining > underWay) return;
      closedUntil = Math.max(closedUntil, elapsed() + resetMs);
    },
  };
}

export type Pacer = ReturnType<typeof createPacer>;
