import type { Endpoint } from './options.js';

/** An event as Klaviyo would have recorded it. */
export interface RecordedEvent {
  /** The sandbox's own id of the event. */
  id: string;
  companyId: string;
  /** The metric's name, such as `Viewed Product`. */
  metric: string;
  /** The `unique_id` sent with it. Absent when none was: Klaviyo then uses the time to the second. */
  uniqueId?: string;
  /** When it happened, ISO 8601, truncated to the second as Klaviyo does; the time of receipt when none was sent. */
  time: string;
  value?: number;
  /** ISO 4217. */
  valueCurrency?: string;
  /** True when it was sent as backfill: recorded, but no flow would be triggered. */
  backfill: boolean;
  /** As sent. Klaviyo treats a property of `0`, `""` or `null` as never set when it segments. */
  properties: Record<string, unknown>;
  /** The id of the profile it belongs to now: a merge of profiles moves it. */
  profileId: string;
  /** The endpoint it came in by. */
  endpoint: Endpoint;
  /** When the sandbox recorded it, epoch milliseconds on the sandbox's clock. */
  receivedAt: number;
  /** How many later copies were discarded because their `unique_id` was the same. */
  duplicates: number;
}

/** A consent that was given through `/client/subscriptions` or a back in stock request. */
export interface RecordedSubscription {
  endpoint: 'subscriptions' | 'back-in-stock-subscriptions';
  /** What was subscribed to: `email.marketing`, `sms.transactional`, ...; for back in stock `EMAIL`, `SMS`, ... */
  channels: string[];
  /** The list joined. */
  listId?: string;
  /** The product variant waited for. */
  variantId?: string;
  customSource?: string;
  /** Epoch milliseconds on the sandbox's clock. */
  receivedAt: number;
}

/** A profile, after everything that was sent about it. */
export interface RecordedProfile {
  /** Klaviyo's profile id; the sandbox's own unless a request named one. */
  id: string;
  companyId: string;
  email?: string;
  /** E.164. */
  phoneNumber?: string;
  externalId?: string;
  anonymousIds: string[];
  /** The `_kx` values it is known by. */
  exchangeIds: string[];
  /** Names, organization, locale, location and the like, by their wire names. */
  attributes: Record<string, unknown>;
  /** Custom properties, after `append`, `unappend` and `unset`. */
  properties: Record<string, unknown>;
  subscriptions: RecordedSubscription[];
}

/** A request to a client endpoint (preflights are not listed), whatever became of it. */
export interface RecordedRequest {
  /** When it arrived, epoch milliseconds on the sandbox's clock. */
  at: number;
  method: string;
  /** Absent for a path that is no client endpoint. */
  endpoint?: Endpoint;
  path: string;
  companyId?: string;
  /** The answer's status; `reset` or `hang` when a fault kept it from being given. */
  status: number | 'reset' | 'hang';
  /** How many events its body held, recorded or not. */
  events: number;
  /** Size of its body. */
  bytes: number;
  /** The `unique_id` of each event in its body that had one. */
  uniqueIds: string[];
  /** The fault that changed its answer. */
  faultId?: string;
  /** Why it was refused, or what was not recorded although it was answered 202. */
  error?: string;
  userAgent?: string;
  origin?: string;
}

/** What the sandbox tells its listeners (and the event stream) as it happens. */
export type Happening =
  | { kind: 'event'; record: RecordedEvent }
  | { kind: 'duplicate'; record: RecordedEvent }
  | { kind: 'profile'; record: RecordedProfile }
  | { kind: 'request'; record: RecordedRequest };
