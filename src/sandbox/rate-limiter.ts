import type { Endpoint, RateLimit } from './endpoints.js';
import { isPrivateEndpoint } from './endpoints.js';
import type { ResolvedOptions } from './options.js';

/** What the limiter says to one request. */
export interface Admission {
  admitted: boolean;
  /** For a refused request: whole seconds until every window has room again. */
  retryAfterSeconds: number;
  /** The `RateLimit-*` headers of its answer. */
  headers: Record<string, string>;
}

interface Window {
  startedAt: number;
  lengthMs: number;
  used: number;
  limit: number;
}

/** A limit that some requests to an endpoint have in place of the endpoint's own, found apart. */
export interface SpecialLimit {
  /** What makes a request one of these. */
  reason: string;
  limit: RateLimit;
}

/**
 * Counts requests per account and endpoint in fixed windows, as Klaviyo documents it: everybody who
 * uses the account shares them. A refused request uses nothing up.
 */
export function createRateLimiter(options: () => ResolvedOptions) {
  const windows = new Map<string, Window>();

  function windowAt(key: string, lengthMs: number, limit: number, now: number): Window {
    // Fixed windows start at multiples of their length, whenever the first request comes.
    const startedAt = Math.floor(now / lengthMs) * lengthMs;
    const known = windows.get(key);
    const isSame = known?.startedAt === startedAt && known.lengthMs === lengthMs;
    const window = { startedAt, lengthMs, used: isSame ? known.used : 0, limit };
    windows.set(key, window);
    return window;
  }

  function admit(companyId: string, endpoint: Endpoint, special?: SpecialLimit): Admission {
    const { now, limits, burstWindowMs, steadyWindowMs, dailyWindowMs, rateLimits } = options();
    const at = now();
    const { burst, steady, daily } = special?.limit ?? limits[endpoint];
    const key = `${companyId} ${endpoint} ${special?.reason ?? ''}`;
    const lengths = [burstWindowMs, steadyWindowMs, dailyWindowMs];
    const found = [burst, steady, daily].flatMap((limit, index) =>
      limit === undefined ? [] : [windowAt(`${index} ${key}`, lengths[index] ?? 0, limit, at)],
    );
    const endsInMs = ({ startedAt, lengthMs }: Window) => startedAt + lengthMs - at;
    const waitMs = Math.max(0, ...found.filter(({ used, limit }) => used >= limit).map(endsInMs));
    if (rateLimits && waitMs > 0) {
      const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
      // A 429 carries Retry-After in place of the RateLimit headers.
      return { admitted: false, retryAfterSeconds, headers: {} };
    }
    for (const window of found) window.used += 1;
    const headers = isPrivateEndpoint(endpoint)
      ? tightestHeaders(found, endsInMs)
      : steadyHeaders(found[1] as Window, endsInMs);
    return { admitted: true, retryAfterSeconds: 0, headers };
  }

  return { admit, clear: () => windows.clear() };
}

export type RateLimiter = ReturnType<typeof createRateLimiter>;

const left = ({ limit, used }: Window) => Math.max(0, limit - used);

/** As Klaviyo's guide on rate limits describes them. */
function steadyHeaders(steady: Window, endsInMs: (window: Window) => number) {
  return {
    'RateLimit-Limit': String(steady.limit),
    'RateLimit-Remaining': String(left(steady)),
    'RateLimit-Reset': String(Math.ceil(endsInMs(steady) / 1000)),
  };
}

/**
 * As the private API has been seen to send them: `RateLimit-Limit: 75, 75;w=1, 750;w=60`, where the
 * first number, `-Remaining` and `-Reset` are of the window with the least room. What is left of a
 * second is 0 seconds.
 */
function tightestHeaders(windows: Window[], endsInMs: (window: Window) => number) {
  const tightest = windows.reduce((least, window) => (left(window) < left(least) ? window : least));
  const seconds = endsInMs(tightest) / 1000;
  const policies = windows.map(({ limit, lengthMs }) => `${limit};w=${lengthMs / 1000}`);
  return {
    'RateLimit-Limit': [tightest.limit, ...policies].join(', '),
    'RateLimit-Remaining': String(left(tightest)),
    'RateLimit-Reset': String(seconds <= 1 ? 0 : Math.ceil(seconds)),
  };
}
