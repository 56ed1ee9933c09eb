/** Between a page and Klaviyo: time, a connection that breaks now and then, and what a page that ends leaves. */
import type { Clock } from './clock.js';
import type { Klaviyo } from './klaviyo.js';
import { exponential, type Random } from './random.js';

/** There and back at least: a shop's phones on 4G, and Klaviyo's own work. */
const ROUND_TRIP_MIN_MS = 80;
/** What is put on top of that, on average. */
const ROUND_TRIP_MORE_MS = 120;
/** Requests whose connection breaks, half of them after Klaviyo has read them: phones in lifts and trains. */
const BROKEN_SHARE = 0.01;
/** What the Fetch standard allows a page's unfinished keepalive bodies together. */
const KEEPALIVE_BYTES = 65_536;

interface Flight {
  keepaliveBytes: number;
  cancel: () => void;
}

export const createNetwork = (clock: Clock, klaviyo: Klaviyo) => ({
  /** What one page has. */
  connect: (random: Random, isAlive: () => boolean) => {
    const flights = new Set<Flight>();

    const pageFetch = (url: string, init: RequestInit): Promise<Response> =>
      new Promise((resolve, reject) => {
        const text = init.body as string;
        // Nothing here is outside ASCII.
        const keepaliveBytes = init.keepalive ? text.length : 0;
        const used = [...flights].reduce((sum, flight) => sum + flight.keepaliveBytes, 0);
        const fail = (): void => {
          if (isAlive()) reject(new TypeError('Failed to fetch'));
        };
        if (used + keepaliveBytes > KEEPALIVE_BYTES && keepaliveBytes) return fail();
        const halfMs = (ROUND_TRIP_MIN_MS + exponential(random, ROUND_TRIP_MORE_MS)) / 2;
        const broken = random();
        const cancel = clock.after(halfMs, () => {
          const isLost = broken < BROKEN_SHARE / 2;
          const response = isLost ? undefined : klaviyo.receive(url, init);
          clock.after(halfMs, () => {
            flights.delete(flight);
            if (!response || broken < BROKEN_SHARE) fail();
            else if (isAlive()) resolve(response);
          });
        });
        const flight = { keepaliveBytes, cancel };
        flights.add(flight);
      });

    return {
      fetch: pageFetch as typeof fetch,
      /** The page is gone: what is on its way arrives where it was sent with keepalive. */
      end: (): void => {
        for (const flight of flights) if (!flight.keepaliveBytes) flight.cancel();
        flights.clear();
      },
    };
  },
});

export type Network = ReturnType<typeof createNetwork>;
