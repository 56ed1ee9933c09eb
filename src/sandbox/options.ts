/** The endpoints for browsers, each at `/client/<name>`. */
export const endpoints = [
  'events',
  'event-bulk-create',
  'profiles',
  'subscriptions',
  'back-in-stock-subscriptions',
] as const;

/** The endpoints for servers, by their whole path: `api/events` is `POST /api/events`. */
export const privateEndpoints = ['api/events', 'api/event-bulk-create-jobs'] as const;

/** A client endpoint, by the last part of its path (`events` is `POST /client/events`), or a private one by all of it. */
export type Endpoint = (typeof endpoints)[number] | PrivateEndpoint;
export type PrivateEndpoint = (typeof privateEndpoints)[number];

/** How many requests one account may make to one endpoint. */
export interface RateLimit {
  /** Requests in one burst window (`burstWindowMs`). */
  burst: number;
  /** Requests in one steady window (`steadyWindowMs`). */
  steady: number;
}

/** How the sandbox behaves. Everything but `port` and `host` can be changed later with `configure`. */
export interface SandboxOptions {
  /** TCP port to listen on. Default 0: any free one, see `sandbox.port`. A taken port rejects with `EADDRINUSE`. */
  port?: number;
  /** Address to listen on. Default `127.0.0.1`: this machine only. */
  host?: string;
  /** Company ids (public API keys) that exist. Default `['AbC123']`; any other is answered 400. */
  companies?: string[];
  /**
   * Private API keys, each with the company it belongs to. Default: `pk_` and 34 zeros, of `AbC123`.
   * Any other is answered 401.
   */
  privateKeys?: Record<string, string>;
  /** Whether the rate limits are enforced. Default true. The `RateLimit-*` headers are sent either way. */
  rateLimits?: boolean;
  /** Length of the burst window in milliseconds. Default 1000, Klaviyo's own. */
  burstWindowMs?: number;
  /** Length of the steady window in milliseconds. Default 60000, Klaviyo's own. */
  steadyWindowMs?: number;
  /** Limits to use instead of Klaviyo's documented ones, by endpoint. */
  limits?: Partial<Record<Endpoint, RateLimit>>;
  /**
   * What happens to a bulk request in which a `unique_id` is repeated: inside the request, or of an
   * event that is recorded already, for the same profile and metric. Klaviyo's own documents differ.
   * - `fail` (default): answered 202, and then no event of the request is recorded (the API
   *   reference, read as harshly as it can be)
   * - `refuse`: answered 400, no event of the request is recorded (the API reference)
   * - `discard`: answered 202, the repeated event is discarded and the others are recorded (the guide)
   */
  bulkDuplicates?: 'discard' | 'refuse' | 'fail';
  /** The sandbox's clock, epoch milliseconds. Default `Date.now`. Rate windows and event times use it. */
  now?: () => number;
  /**
   * Whether CORS lets a page read `Retry-After` and the `RateLimit-*` headers. Default true. Whether
   * the real one does is not known, so test both.
   */
  exposeRateLimitHeaders?: boolean;
}

export type ResolvedOptions = Required<Omit<SandboxOptions, 'port' | 'host' | 'limits'>> & {
  limits: Record<Endpoint, RateLimit>;
};

// Klaviyo's API reference, revision 2026-07-15: burst a second, steady a minute, per account.
const documentedLimits: Record<Endpoint, RateLimit> = {
  events: { burst: 350, steady: 3500 },
  'event-bulk-create': { burst: 10, steady: 150 },
  profiles: { burst: 350, steady: 3500 },
  subscriptions: { burst: 350, steady: 750 },
  'back-in-stock-subscriptions': { burst: 350, steady: 3500 },
  'api/events': { burst: 350, steady: 3500 },
  'api/event-bulk-create-jobs': { burst: 10, steady: 150 },
};

const isPositive = (value: unknown) =>
  typeof value === 'number' && Number.isFinite(value) && value > 0;
const isBoolean = (value: unknown) => typeof value === 'boolean';

const accepted: Record<keyof ResolvedOptions, { is: (value: unknown) => boolean; what: string }> = {
  companies: {
    is: (value) => Array.isArray(value) && value.every((id) => typeof id === 'string' && id !== ''),
    what: 'a list of company ids',
  },
  privateKeys: {
    is: (value) =>
      typeof value === 'object' &&
      value !== null &&
      Object.values(value).every((id) => typeof id === 'string' && id !== ''),
    what: '{ [key]: company id }',
  },
  rateLimits: { is: isBoolean, what: 'true or false' },
  burstWindowMs: { is: isPositive, what: 'a number of milliseconds above 0' },
  steadyWindowMs: { is: isPositive, what: 'a number of milliseconds above 0' },
  limits: { is: areLimits, what: '{ [endpoint]: { burst, steady } }' },
  bulkDuplicates: {
    is: (value) => value === 'discard' || value === 'refuse' || value === 'fail',
    what: "'discard', 'refuse' or 'fail'",
  },
  now: { is: (value) => typeof value === 'function', what: 'a function' },
  exposeRateLimitHeaders: { is: isBoolean, what: 'true or false' },
};

function areLimits(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).every(
    ([endpoint, limit]) =>
      isEndpoint(endpoint) && isPositive(limit?.burst) && isPositive(limit?.steady),
  );
}

export function isEndpoint(value: unknown): value is Endpoint {
  return [...endpoints, ...privateEndpoints].some((endpoint) => endpoint === value);
}

export function isPrivateEndpoint(value: unknown): value is PrivateEndpoint {
  return privateEndpoints.some((endpoint) => endpoint === value);
}

export function defaultOptions(): ResolvedOptions {
  return {
    companies: ['AbC123'],
    privateKeys: { [`pk_${'0'.repeat(34)}`]: 'AbC123' },
    rateLimits: true,
    burstWindowMs: 1000,
    steadyWindowMs: 60_000,
    limits: { ...documentedLimits },
    bulkDuplicates: 'fail',
    now: Date.now,
    exposeRateLimitHeaders: true,
  };
}

/**
 * The options with a patch applied; limits not named in it stay.
 * Throws a TypeError for an unknown option or a value it cannot take: a misspelt option in a test
 * would otherwise test nothing.
 */
export function applyOptions(options: ResolvedOptions, patch: SandboxOptions): ResolvedOptions {
  const changed: Record<string, unknown> = { ...options };
  for (const [name, value] of Object.entries(patch)) {
    if (name === 'port' || name === 'host' || value === undefined) continue;
    const rule = accepted[name as keyof ResolvedOptions];
    if (!Object.hasOwn(accepted, name))
      throw new TypeError(`There is no sandbox option '${name}'.`);
    if (!rule.is(value)) throw new TypeError(`Sandbox option '${name}' must be ${rule.what}.`);
    changed[name] = name === 'limits' ? { ...options.limits, ...patch.limits } : value;
  }
  return changed as ResolvedOptions;
}
