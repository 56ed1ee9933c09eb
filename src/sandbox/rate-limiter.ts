import type { Endpoint, ResolvedOptions } from './options.js';

/** What the limiter says to one request. */
export interface Admission {
  admitted: boolean;
  /** For a refused request: whole seconds until both windows have room again. */
  retryAfterSeconds: number;
  /** The steady window's state, as the `RateLimit-*` headers report it (Klaviyo's guide on rate limits). */
  headers: Record<string, string>;
}

interface Window {
  startedAt: number;
  used: number;
}

/**
 * Counts requests per account and endpoint in two fixed windows, as Klaviyo documents it: all
 * visitors of a shop share them. A refused request uses nothing up.
 */
export function createRateLimiter(options: () => ResolvedOptions) {
  const windows = new Map<string, Window>();

  function windowAt(key: string, lengthMs: number, now: number): Window {
    // Fixed windows start at multiples of their length, whenever the first request comes.
    const startedAt = Math.floor(now / lengthMs) * lengthMs;
    const known = windows.get(key);
    if (known?.startedAt === startedAt) return known;
    const fresh = { startedAt, used: 0 };
    windows.set(key, fresh);
    return fresh;
  }

  function admit(companyId: string, endpoint: Endpoint): Admission {
    const { now, limits, burstWindowMs, steadyWindowMs, rateLimits } = options();
    const at = now();
    const limit = limits[endpoint];
    const burst = windowAt(`burst ${companyId} ${endpoint}`, burstWindowMs, at);
    const steady = windowAt(`steady ${companyId} ${endpoint}`, steadyWindowMs, at);
    const burstEndsInMs = burst.startedAt + burstWindowMs - at;
    const steadyEndsInMs = steady.startedAt + steadyWindowMs - at;
    const waitMs = Math.max(
      burst.used >= limit.burst ? burstEndsInMs : 0,
      steady.used >= limit.steady ? steadyEndsInMs : 0,
    );
    if (rateLimits && waitMs > 0) {
      const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
      // A 429 carries Retry-After in place of the RateLimit headers.
      return { admitted: false, retryAfterSeconds, headers: {} };
    }
    burst.used += 1;
    steady.used += 1;
    return {
      admitted: true,
      retryAfterSeconds: 0,
      headers: {
        'RateLimit-Limit': String(limit.steady),
        'RateLimit-Remaining': String(Math.max(0, limit.steady - steady.used)),
        'RateLimit-Reset': String(Math.ceil(steadyEndsInMs / 1000)),
      },
    };
  }

  return { admit, clear: () => windows.clear() };
}

export type RateLimiter = ReturnType<typeof createRateLimiter>;
