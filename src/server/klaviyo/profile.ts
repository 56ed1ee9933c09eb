/** A profile as Klaviyo keeps it. */
import type { Location } from '../../shared/profile.js';
import { PROFILES } from './query-rules.js';
import { momentOf, present, type Resource, readResource } from './wire.js';

/** What a profile has agreed to, on one channel. */
export interface ChannelConsent {
  /** Such as `SUBSCRIBED`, `UNSUBSCRIBED` or `NEVER_SUBSCRIBED`. */
  consent: string;
  /** Whether Klaviyo would send: consent can be there and the address suppressed. */
  canReceive: boolean;
  /** When the consent was given or taken, epoch ms. */
  consentedAt?: number;
}

export interface Suppression {
  /** Such as `UNSUBSCRIBE`, `HARD_BOUNCE` or `SPAM_COMPLAINT`. */
  reason: string;
  /** Epoch ms. */
  at: number;
  /** Set when it holds for one list only. */
  listId?: string;
}

export interface ProfileSubscriptions {
  email?: ChannelConsent & { suppressions: Suppression[] };
  sms?: ChannelConsent;
  smsTransactional?: ChannelConsent;
  push?: ChannelConsent;
  whatsapp?: ChannelConsent;
  whatsappTransactional?: ChannelConsent;
}

/** Klaviyo's guesses, and what they are based on. Values are in the account's currency. */
export interface PredictiveAnalytics {
  historicClv?: number;
  predictedClv?: number;
  totalClv?: number;
  historicNumberOfOrders?: number;
  predictedNumberOfOrders?: number;
  averageDaysBetweenOrders?: number;
  averageOrderValue?: number;
  /** From 0 to 1. */
  churnProbability?: number;
  /** Epoch ms. */
  nextOrderAt?: number;
  /** The best first. */
  rankedChannels?: string[];
}

/** What has no value is left out. */
export interface StoredProfile {
  /** Klaviyo's own. */
  id: string;
  email?: string;
  phoneNumber?: string;
  externalId?: string;
  firstName?: string;
  lastName?: string;
  organization?: string;
  locale?: string;
  title?: string;
  image?: string;
  location?: Location;
  /** The shop's own. */
  properties: Record<string, unknown>;
  /** Epoch ms, as the other moments are. */
  createdAt?: number;
  updatedAt?: number;
  lastEventAt?: number;
  /** Only when asked for, with `additional: ['subscriptions']`. */
  subscriptions?: ProfileSubscriptions;
  /** Only when asked for, with `additional: ['predictiveAnalytics']`. */
  predictiveAnalytics?: PredictiveAnalytics;
}

/** A profile in a list or a segment. */
export interface Member extends StoredProfile {
  /** Since when, epoch ms. */
  joinedAt?: number;
}

/** Fields of a profile that can be asked for alone. */
export type ProfileField = keyof typeof PROFILES.fields;
export type MemberField = ProfileField | 'joinedAt';
/** What comes only when asked for. Predictive analytics have a limit of their own: 10/s, 150/min. */
export type ProfileAdditional = keyof typeof PROFILES.additional;

type Wire = Record<string, unknown>;
const objectOf = (value: unknown): Wire | undefined =>
  typeof value === 'object' && value !== null ? (value as Wire) : undefined;

const PREDICTIVE: Record<keyof PredictiveAnalytics, string> = {
  historicClv: 'historic_clv',
  predictedClv: 'predicted_clv',
  totalClv: 'total_clv',
  historicNumberOfOrders: 'historic_number_of_orders',
  predictedNumberOfOrders: 'predicted_number_of_orders',
  averageDaysBetweenOrders: 'average_days_between_orders',
  averageOrderValue: 'average_order_value',
  churnProbability: 'churn_probability',
  nextOrderAt: 'expected_date_of_next_order',
  rankedChannels: 'ranked_channel_affinity',
};

function readConsent(channel: unknown, kind: string): ChannelConsent | undefined {
  const state = objectOf(objectOf(channel)?.[kind]);
  if (!state) return undefined;
  // Older channels have a name of their own for it, such as can_receive_sms_marketing.
  const [, canReceive] =
    Object.entries(state).find(([name]) => name.startsWith('can_receive')) ?? [];
  return present<ChannelConsent>({
    consent: String(state.consent ?? ''),
    canReceive: canReceive === true,
    consentedAt: momentOf(state.consent_timestamp),
  });
}

function readSuppressions(marketing: Wire | undefined): Suppression[] {
  const rows = [marketing?.suppression, marketing?.list_suppressions].flat();
  return rows.flatMap((row) => {
    const { reason, timestamp, list_id: listId } = objectOf(row) ?? {};
    if (typeof reason !== 'string') return [];
    return [present<Suppression>({ reason, at: momentOf(timestamp), listId })];
  });
}

function readSubscriptions(value: unknown): ProfileSubscriptions | undefined {
  const channels = objectOf(value);
  if (!channels) return undefined;
  const { email, sms, mobile_push: push, whatsapp } = channels;
  const mail = readConsent(email, 'marketing');
  return present<ProfileSubscriptions>({
    email: mail && {
      ...mail,
      suppressions: readSuppressions(objectOf(objectOf(email)?.marketing)),
    },
    sms: readConsent(sms, 'marketing'),
    smsTransactional: readConsent(sms, 'transactional'),
    push: readConsent(push, 'marketing'),
    whatsapp: readConsent(whatsapp, 'marketing'),
    whatsappTransactional: readConsent(whatsapp, 'transactional'),
  });
}

const FIELDS = { ...PROFILES.fields, joinedAt: 'joined_group_at' };

/** A profile, or a member, in our words. */
export function readProfile(resource: Resource): Member {
  const { attributes = {} } = resource;
  const { location, properties, ...known } = readResource<Member>(resource, FIELDS);
  const predictive = objectOf(attributes.predictive_analytics);
  const { id, ...guesses } = readResource<PredictiveAnalytics & { id: string }>(
    { id: resource.id, attributes: predictive ?? {} },
    PREDICTIVE,
  );
  return {
    ...known,
    ...(location && { location: present(location) }),
    // A sparse fieldset may be without them.
    ...('properties' in attributes && { properties: properties ?? {} }),
    ...present({
      subscriptions: readSubscriptions(attributes.subscriptions),
      predictiveAnalytics: predictive && guesses,
    }),
  } as Member;
}
