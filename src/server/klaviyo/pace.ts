/**
 * Lets requests go when Klaviyo will take them: one lane for each endpoint, first come, first served, so that a
 * loop over ten thousand profiles runs at the limit and meets no 429.
 */
import type { ServerEnv } from '../env.js';
import type { Exchange } from '../exchange.js';
import { LANE_MAX, SPREAD_MAX_MS, WAIT_MAX_MS } from '../limits.js';
import { onAbort } from '../on-abort.js';
import { createPacer, type Rate } from '../pacer.js';
import { type Endpoint, nameOf } from './endpoints.js';

/** A pause that is waited out, with the spread that comes on top of it. */
const LONGEST_MS = WAIT_MAX_MS + SPREAD_MAX_MS;

/** A request would have to wait for more than a minute's window: for the limit of a day, or since Klaviyo said so. */
export class TooLongError extends Error {
  override readonly name = 'TooLongError';
  declare readonly waitMs: number;
  constructor(waitMs: number) {
    super('The wait is too long.');
    this.waitMs = waitMs;
  }
}

interface Waiter {
  go(): void;
  refuse(error: unknown): void;
}

/** What an answer says of the limit. */
type Heeded = Pick<Exchange, 'remaining' | 'resetMs'>;

/** A request's place in the limit, from its sending on. */
export interface Place {
  /** It was answered, or will not be. */
  leave(got: Heeded): void;
  /** Klaviyo asks all of its like to stay away. */
  close(durationMs: number): void;
}

export interface PaceWish {
  /** A request that failed goes before those that were never sent. */
  isRepeat: boolean;
  signal: AbortSignal | undefined;
}

function createLane(env: ServerEnv, rate: Rate) {
  const pacer = createPacer(rate, env.elapsed);
  // Sets: they keep their order, and one in the middle can go.
  const repeats = new Set<Waiter>();
  const firsts = new Set<Waiter>();
  let underWay = 0;
  let cancelTimer = (): void => undefined;

  function remove(waiter: Waiter): void {
    repeats.delete(waiter);
    firsts.delete(waiter);
  }

  function head(): Waiter | undefined {
    for (const queue of [repeats, firsts]) for (const waiter of queue) return waiter;
    return undefined;
  }

  function pump(): void {
    cancelTimer();
    for (let waiter = head(); waiter && underWay < LANE_MAX; waiter = head()) {
      const waitMs = pacer.waitMs();
      if (waitMs > 0 && waitMs <= LONGEST_MS) {
        cancelTimer = env.after(Math.ceil(waitMs), pump, true);
        return;
      }
      remove(waiter);
      if (waitMs > 0) waiter.refuse(new TooLongError(waitMs));
      else waiter.go();
    }
  }

  function take(): Place {
    const answered = pacer.take();
    underWay += 1;
    return {
      leave({ remaining, resetMs }) {
        underWay -= 1;
        answered();
        if (remaining !== undefined) pacer.heed(remaining, resetMs, underWay);
        pump();
      },
      close: (durationMs) => pacer.close(durationMs),
    };
  }

  return function enter({ isRepeat, signal }: PaceWish): Promise<Place> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const stop = (): void => {
        remove(waiter);
        reject(signal?.reason);
        // The timer may have been for this one alone, and it holds the process.
        pump();
      };
      const waiter: Waiter = {
        go() {
          forget();
          resolve(take());
        },
        refuse(error) {
          forget();
          reject(error);
        },
      };
      const forget = onAbort(signal, stop);
      (isRepeat ? repeats : firsts).add(waiter);
      pump();
    });
  };
}

export function createPace(env: ServerEnv) {
  const lanes = new Map<string, ReturnType<typeof createLane>>();

  /**
   * Resolves when a request to the endpoint may go out; it has to leave. Rejects with the signal's reason, or with
   * a `TooLongError`.
   */
  return function enter(endpoint: Endpoint, wish: PaceWish): Promise<Place> {
    const name = `${nameOf(endpoint)} ${endpoint.variant ?? ''}`;
    const lane = lanes.get(name) ?? createLane(env, endpoint.rate);
    lanes.set(name, lane);
    return lane(wish);
  };
}

export type Pace = ReturnType<typeof createPace>;
