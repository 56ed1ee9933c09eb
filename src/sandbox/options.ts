import type { Endpoint, RateLimit, Scope } from './endpoints.js';
import { documentedLimits, isEndpoint, scopes } from './endpoints.js';
import { maxTimerMs } from './limits.js';
import { isObject } from './validate/check.js';

/** A private API key: whose it is, and what it may do. */
export interface PrivateKey {
  companyId: string;
  /** Default: everything. An endpoint that needs a scope that is not named here answers 403. */
  scopes?: Scope[];
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
   * Private API keys, each with the company it belongs to (and then it may do everything) or with
   * company and scopes. Default: `pk_` and 34 zeros, of `AbC123`. Any other is answered 401.
   */
  privateKeys?: Record<string, string | PrivateKey>;
  /** Whether the rate limits are enforced. Default true. The `RateLimit-*` headers are sent either way. */
  rateLimits?: boolean;
  /** Length of the burst window in milliseconds. Default 1000, Klaviyo's own. */
  burstWindowMs?: number;
  /** Length of the steady window in milliseconds. Default 60000, Klaviyo's own. */
  steadyWindowMs?: number;
  /** Length of the daily window in milliseconds. Default 24 hours, Klaviyo's own. */
  dailyWindowMs?: number;
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
  /**
   * What the account does about a subscription without a list, and to a list that says nothing else.
   * With `double_opt_in`, Klaviyo's own default, nobody is subscribed before `confirmSubscriptions`,
   * which stands for the click in the mail. Default `single_opt_in`: at once.
   */
  optInProcess?: 'single_opt_in' | 'double_opt_in';
  /** Whether a webhook's address may be `http` on this machine, besides `https`. Default false, as Klaviyo's. */
  allowHttpWebhooks?: boolean;
  /**
   * How long to wait before a delivery that was answered 429 or 5xx, or not at all, is sent again, in
   * milliseconds: one number for each attempt after the first. Default `[1000, 5000, 30000]`.
   * Klaviyo goes on for two days, with up to an hour between.
   */
  webhookRetryDelaysMs?: number[];
  /**
   * How far ahead the `Klaviyo-Timestamp` of deliveries is, in milliseconds. Default 0. Klaviyo's own
   * was seen to be five hours ahead (September 2026) while `meta.timestamp` in the body was right, so
   * judge the age of a delivery by the body, and test with 18000000.
   */
  webhookClockOffsetMs?: number;
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

/** What the headers of an answer can say in digits. */
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) > 0;
const isWindow = (value: unknown) => typeof value === 'number' && value >= 1 && value <= maxTimerMs;
const isDelay = (value: unknown) => typeof value === 'number' && value >= 0 && value <= maxTimerMs;
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isBoolean = (value: unknown) => typeof value === 'boolean';

const accepted: Record<keyof ResolvedOptions, { is: (value: unknown) => boolean; what: string }> = {
  companies: {
    is: (value) => Array.isArray(value) && value.every(isText),
    what: 'a list of company ids',
  },
  privateKeys: {
    is: (value) => isObject(value) && Object.values(value).every(isKey),
    what: `{ [key]: company id or { companyId, scopes } }, with scopes of ${scopes.join(', ')}`,
  },
  rateLimits: { is: isBoolean, what: 'true or false' },
  burstWindowMs: { is: isWindow, what: `milliseconds, from 1 to ${maxTimerMs}` },
  steadyWindowMs: { is: isWindow, what: `milliseconds, from 1 to ${maxTimerMs}` },
  dailyWindowMs: { is: isWindow, what: `milliseconds, from 1 to ${maxTimerMs}` },
  limits: {
    is: areLimits,
    what: '{ [endpoint]: { burst, steady, daily? } }, each a whole number above 0',
  },
  bulkDuplicates: {
    is: (value) => value === 'discard' || value === 'refuse' || value === 'fail',
    what: "'discard', 'refuse' or 'fail'",
  },
  optInProcess: {
    is: (value) => value === 'single_opt_in' || value === 'double_opt_in',
    what: "'single_opt_in' or 'double_opt_in'",
  },
  allowHttpWebhooks: { is: isBoolean, what: 'true or false' },
  webhookRetryDelaysMs: {
    is: (value) => Array.isArray(value) && value.every(isDelay),
    what: `a list of milliseconds, each up to ${maxTimerMs}`,
  },
  webhookClockOffsetMs: { is: Number.isFinite, what: 'a number of milliseconds' },
  now: { is: (value) => typeof value === 'function', what: 'a function' },
  exposeRateLimitHeaders: { is: isBoolean, what: 'true or false' },
};

function areLimits(value: unknown): boolean {
  if (!isObject(value)) return false;
  return Object.entries(value).every(
    ([endpoint, limit]) =>
      isEndpoint(endpoint) &&
      isObject(limit) &&
      isCount(limit.burst) &&
      isCount(limit.steady) &&
      (limit.daily === undefined || isCount(limit.daily)),
  );
}

function isKey(value: unknown): boolean {
  if (!isObject(value)) return isText(value);
  const allowed = value.scopes ?? [];
  return (
    isText(value.companyId) &&
    Array.isArray(allowed) &&
    allowed.every((scope) => scopes.includes(scope))
  );
}

export function defaultOptions(): ResolvedOptions {
  return {
    companies: ['AbC123'],
    privateKeys: { [`pk_${'0'.repeat(34)}`]: 'AbC123' },
    rateLimits: true,
    burstWindowMs: 1000,
    steadyWindowMs: 60_000,
    dailyWindowMs: 24 * 3_600_000,
    limits: { ...documentedLimits },
    bulkDuplicates: 'fail',
    optInProcess: 'single_opt_in',
    allowHttpWebhooks: false,
    webhookRetryDelaysMs: [1000, 5000, 30_000],
    webhookClockOffsetMs: 0,
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
