/** `fetch` of one page: keepalive's shared budget, aborting, and what becomes of requests when it ends. */
import type { FakeKlaviyo, RecordedRequest } from './fake-klaviyo.js';
import type { Clock } from './manual-clock.js';

export interface NetworkSwitches {
  /** No connection: every fetch fails, as it does behind an ad blocker. */
  isDown: boolean;
}

/** What the Fetch standard allows a page's unfinished keepalive bodies together. */
const KEEPALIVE_BYTES = 65_536;

/**
 * The same request this often in one moment has no end: time goes on only when everything is at rest, so
 * neither a test's timeout nor a bound on a whole history would come to it soon.
 */
const SAME_IN_A_MOMENT = 20;

interface Flight {
  keepalive: boolean;
  bytes: number;
  isProcessed: boolean;
  process: () => void;
}

export const createFakeNetwork = (
  clock: Clock,
  klaviyo: FakeKlaviyo,
  switches: NetworkSwitches,
) => {
  let moment = 0;
  let isEndless = false;
  const asked = new Map<string, number>();
  /** Says so once, as a failure of the origin; from then on nothing is answered. */
  const asksWithoutEnd = (request: string): boolean => {
    if (clock.now() !== moment) asked.clear();
    moment = clock.now();
    const times = (asked.get(request) ?? 0) + 1;
    asked.set(request, times);
    if (times > SAME_IN_A_MOMENT && !isEndless) {
      isEndless = true;
      clock.errors.push(
        new Error(`asks without end: ${times} times at once ${request.slice(0, 200)}`),
      );
    }
    return isEndless;
  };

  const createUser = (
    step: (name: string, request?: RecordedRequest) => boolean,
    /** Runs it now, or when the page is no longer frozen. */
    whenAwake: (task: () => void) => void = (task) => task(),
  ) => {
    const flights = new Set<Flight>();
    /** Cancels what the page still waits for. */
    const cancels = new Set<() => void>();

    const pageFetch = (url: string, init: RequestInit): Promise<Response> =>
      new Promise((resolve, reject) => {
        if (!step(`fetch ${url}`)) return;
        let isOver = false;
        let sent: RecordedRequest | undefined;
        const fail = (error: unknown): void =>
          whenAwake(() => {
            if (isOver) return;
            isOver = true;
            if (step('fetch failed', sent)) reject(error);
          });
        const bytes = new TextEncoder().encode(`${init.body}`).length;
        const inFlight = [...flights].reduce(
          (sum, one) => sum + (one.keepalive ? one.bytes : 0),
          0,
        );
        const isTooMuch = init.keepalive && inFlight + bytes > KEEPALIVE_BYTES;
        if (switches.isDown || isTooMuch || asksWithoutEnd(`${url} ${init.body}`)) {
          queueMicrotask(() => fail(new TypeError('Failed to fetch')));
          return;
        }
        const call = klaviyo.receive(url, init);
        sent = call.incoming;
        step('fetch sent', sent);
        const flight: Flight = {
          keepalive: !!init.keepalive,
          bytes,
          isProcessed: false,
          process: () => {
            if (!flight.isProcessed) call.process();
            flight.isProcessed = true;
          },
        };
        const end = (): void => {
          flight.process();
          flights.delete(flight);
          whenAwake(() => {
            if (isOver) return;
            isOver = true;
            if (!step(call.isAnswered ? 'fetch answered' : 'fetch failed', call.incoming)) return;
            if (call.isAnswered) resolve(call.response());
            else reject(new TypeError('Failed to fetch'));
          });
        };
        flights.add(flight);
        init.signal?.addEventListener('abort', () => {
          flights.delete(flight);
          fail(new DOMException('aborted', 'AbortError'));
        });
        if (!call.latencyMs) queueMicrotask(call.isHanging ? flight.process : end);
        else {
          cancels.add(clock.after(call.latencyMs / 2, flight.process));
          if (!call.isHanging) cancels.add(clock.after(call.latencyMs, end));
        }
      });

    return {
      fetch: pageFetch as typeof fetch,
      unfinished: (): number => flights.size,
      /** The page is gone. `processed` says what becomes of requests that Klaviyo has not read yet. */
      end: (processed: 'all' | 'keepalive' | 'none'): void => {
        for (const cancel of cancels) cancel();
        for (const flight of flights) {
          if (processed === 'all' || (processed === 'keepalive' && flight.keepalive))
            flight.process();
        }
        flights.clear();
      },
    };
  };
  return { createUser };
};

export type FakeNetwork = ReturnType<typeof createFakeNetwork>;
