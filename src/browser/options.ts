import { StorefrontError } from '../shared/errors.js';
import { API_HOST, BULK_MAX_EVENTS, REVISION } from '../shared/limits.js';

/** What the visitor has agreed to. */
export type Consent = 'granted' | 'denied' | 'pending';

/** How a client behaves. Only `companyId` is required. */
export interface ClientOptions {
  /**
   * The shop's public key (site id): six letters or digits.
   * @throws StorefrontError `company-id` for another shape, `private-key` for a key that starts with `pk_`.
   */
  companyId: string;
  /**
   * Where requests go: an origin, or any path of the shop's own that forwards to Klaviyo
   * (`https://shop.example/k`, `/k`), which ad blockers do not know.
   * Default `https://a.klaviyo.com`.
   * @throws StorefrontError `option` for anything else; so does every option of another type or value.
   */
  apiHost?: string;
  /** Klaviyo API revision, `YYYY-MM-DD`. Default: the newest known at release. */
  revision?: string;
  /**
   * What happens to events of a visitor without any identifier. `hold` (default) keeps them until the
   * first `identify`, as klaviyo.js does; `send` sends them with an anonymous id at once.
   */
  anonymous?: 'hold' | 'send';
  /**
   * Consent when the page starts. Default `granted`. With `pending` calls stay in memory (who the
   * visitor is, and the last 100) and nothing is stored; with `denied` everything stored is wiped and calls do nothing. Start with
   * `pending` until you know: a `denied` that is taken back a moment later has wiped the queue.
   */
  consent?: Consent;
  /** Treats Global Privacy Control as `denied`, whatever is said later. Default false. */
  respectGpc?: boolean;
  /** Quiet time after the last event before a flush, in ms. Default 1000. */
  flushIntervalMs?: number;
  /** Events tracked since the last flush that start one at once. Default 20. */
  flushAt?: number;
  /** Most events of one bulk request, 1 to 1000. Default 1000. */
  maxBatchEvents?: number;
  /** Events kept at most; the oldest goes first, reported as `evicted`. Default 2000. */
  maxQueueEvents?: number;
  /** Bytes of events kept at most; the oldest goes first, reported as `evicted`. Default 5,000,000. */
  maxQueueBytes?: number;
  /** Age at which an event is given up, reported as `expired`, in ms. Default 14 days. */
  maxAgeMs?: number;
  /** Age from which an event is sent with `backfill`: recorded, but starts no flow. In ms. Default one day. */
  staleAfterMs?: number;
  /** Time an answer may take, in ms. Default 15,000. */
  requestTimeoutMs?: number;
  /** Tracks "Active on Site" once per page view of an identified visitor. Default false. */
  activeOnSite?: boolean;
  /** Warns on the console about what Klaviyo would ignore. Never logs personal data. Default false. */
  debug?: boolean;
}

export type Settings = Required<ClientOptions>;

const DAY_MS = 86_400_000;

/**
 * Of `anonymous`, `consent`, `revision` (there are some like `2026-07-15.pre`) and `apiHost`, which is a URL or a path
 * from the root.
 */
const CHOICES = /^(hold|send) (granted|denied|pending) [\d-]{10}\S* (https?:\/\/[^/]|\/)/;

/** All options there are. */
export const DEFAULTS: Omit<Settings, 'companyId'> = {
  apiHost: API_HOST,
  revision: REVISION,
  anonymous: 'hold',
  consent: 'granted',
  respectGpc: false,
  flushIntervalMs: 1000,
  flushAt: 20,
  maxBatchEvents: BULK_MAX_EVENTS,
  maxQueueEvents: 2000,
  maxQueueBytes: 5_000_000,
  maxAgeMs: 14 * DAY_MS,
  staleAfterMs: DAY_MS,
  requestTimeoutMs: 15_000,
  activeOnSite: false,
  debug: false,
};

/**
 * Fills in the defaults.
 * @throws StorefrontError for a mistake in the options; the message says what to change.
 */
export const readOptions = (options: ClientOptions): Settings => {
  // Its own: some pages extend Object.prototype.
  const given: Settings & Record<string, unknown> = { ...DEFAULTS, ...options };
  const { companyId } = given;
  if (/^pk_/.test(companyId)) {
    throw new StorefrontError(
      'private-key',
      'companyId is a private key: revoke it now, and use the public key',
    );
  }
  if (!/^[a-z\d]{6}$/i.test(companyId)) {
    throw new StorefrontError('company-id', 'companyId is the public key: 6 letters or digits');
  }
  const settings: Settings & Record<string, unknown> = { ...DEFAULTS, companyId };
  // Values are not repeated: the console may show the message, and anything may have got into one.
  for (const name of Object.keys(DEFAULTS)) {
    // An option that is there but undefined, as an unset variable makes it, is not there.
    const { [name]: value = settings[name] } = given;
    if (typeof value !== typeof settings[name] || Number.isNaN(value)) {
      throw new StorefrontError('option', `${name} is no ${typeof settings[name]}`);
    }
    settings[name] = value;
  }
  const { anonymous, consent, revision, apiHost } = settings;
  if (!CHOICES.test(`${anonymous} ${consent} ${revision} ${apiHost}`)) {
    throw new StorefrontError('option', `anonymous consent revision apiHost: not ${CHOICES}`);
  }
  settings.maxBatchEvents = Math.max(1, Math.min(settings.maxBatchEvents, BULK_MAX_EVENTS));
  settings.apiHost = apiHost.replace(/\/+$/, '');
  return settings;
};
