import type { Endpoint } from './endpoints.js';

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

/** A consent that was given or taken back, or a back in stock request. */
export interface RecordedSubscription {
  endpoint: Endpoint;
  /** What was subscribed to: `email.marketing`, `sms.transactional`, ...; for back in stock `EMAIL`, `SMS`, ... */
  channels: string[];
  /** The list joined. */
  listId?: string;
  /** The product variant waited for. */
  variantId?: string;
  customSource?: string;
  /** Whether it was a consent that was taken back. */
  isTakenBack?: true;
  /** Epoch milliseconds on the sandbox's clock. */
  receivedAt: number;
}

/** What can be consented to: the channel and the kind of messages. */
export type ConsentKind =
  | 'email.marketing'
  | 'email.open_tracking'
  | 'sms.marketing'
  | 'sms.transactional'
  | 'push.marketing'
  | 'whatsapp.marketing'
  | 'whatsapp.transactional'
  | 'whatsapp.conversational';

/** The last word on one kind of messages. Times are epoch milliseconds on the sandbox's clock. */
export interface RecordedConsent {
  consent: 'SUBSCRIBED' | 'UNSUBSCRIBED';
  /** When consent was given or taken back; for a historical import, what the request says. */
  at: number;
  /** When the sandbox was told. */
  updatedAt: number;
  /** The request's `custom_source`. */
  source?: string;
  /** Whether it was confirmed by the link in a mail. */
  isDoubleOptIn: boolean;
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
  /** The state of consent that the subscriptions add up to; what is missing was never asked for. */
  consents: Partial<Record<ConsentKind, RecordedConsent>>;
  /** Why no marketing mail may go out, since when (epoch ms). */
  suppressions: { reason: string; at: number }[];
  /** The same for one list. */
  listSuppressions: { listId: string; reason: string; at: number }[];
  /** When it was created and last changed, epoch milliseconds on the sandbox's clock. */
  createdAt: number;
  updatedAt: number;
}

/** A request to an endpoint (preflights are not listed), whatever became of it. */
export interface RecordedRequest {
  /** When it arrived, epoch milliseconds on the sandbox's clock. */
  at: number;
  method: string;
  /** Absent where no endpoint is. */
  endpoint?: Endpoint;
  path: string;
  /** What follows the path of a private request, from the question mark on, as it was sent. */
  query?: string;
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

/** One attempt at telling a webhook something. */
export interface RecordedDelivery {
  webhookId: string;
  companyId: string;
  /** What it was about, such as `event:api.placed_order`. */
  topics: string[];
  /** The `external_id` of each event in it. */
  eventIds: string[];
  /** 1 for the first. */
  attempt: number;
  /** The status of the answer; `failed` without one within five seconds. */
  status: number | 'failed';
  /** When it was sent, epoch milliseconds on the sandbox's clock. */
  at: number;
  /** What was sent. */
  body: string;
}

/** What the sandbox tells its listeners (and the event stream) as it happens. */
export type Happening =
  | { kind: 'event'; record: RecordedEvent }
  | { kind: 'duplicate'; record: RecordedEvent }
  | { kind: 'profile'; record: RecordedProfile }
  | { kind: 'request'; record: RecordedRequest }
  | { kind: 'delivery'; record: RecordedDelivery };
