import { BODY_MAX_BYTES } from '../../shared/limits.js';
import { SUBSCRIBE_MAX, UNSUBSCRIBE_MAX } from '../limits.js';
import { batchesOf, type Many, type Member, type Rejected, sendBatch } from './batches.js';
import type { CallEndpoint, CallOptions } from './call.js';
import { ENDPOINTS } from './endpoints.js';
import { findMembers } from './find-members.js';
import { present } from './wire.js';

/** What is agreed to: marketing where nothing else is said. */
export type Channel = 'email' | 'sms' | 'smsTransactional' | 'whatsapp' | 'whatsappTransactional';

type Channels = readonly [Channel, ...Channel[]];

/** Somebody, and what they have agreed to or taken back. At least the identifier of each channel. */
export interface Consenting {
  email?: string;
  /** E.164, such as `+4930123456`; for SMS and WhatsApp. */
  phoneNumber?: string;
  channels: Channels;
}

/** Somebody who subscribes. */
export interface Subscriber extends Consenting {
  /** Klaviyo's profile id: then that profile is subscribed, whoever has the address. */
  id?: string;
  /**
   * When they agreed, for consent of the past: a Date or epoch ms. It skips double opt-in and the flows of the
   * list. Default: now.
   */
  consentedAt?: Date | number;
  /** Needed for SMS in accounts that ask for an age: `1990-12-31`. */
  dateOfBirth?: string;
}

export interface SubscribeOptions extends CallOptions {
  /** The list to join. Its setting decides on double opt-in; without a list the account's does. */
  listId?: string;
  /** Where they agreed, such as `Checkout`: kept with the consent. */
  source?: string;
}

export interface UnsubscribeOptions extends CallOptions {
  /**
   * From what. A list's id, or `everything`: no marketing at all any more on these channels, from no list.
   *
   * **Who is not in the list is unsubscribed from everything by Klaviyo.** So those are looked for first and left
   * out, see `nonMembers`.
   */
  from: { listId: string } | 'everything';
  /**
   * What happens to somebody who is not in the list.
   * - `skip` (default): nothing. They are looked for before, with the scopes lists:read and profiles:read.
   * - `unsubscribeFromEverything`: what Klaviyo does by itself.
   */
  nonMembers?: 'skip' | 'unsubscribeFromEverything';
}

export interface Subscribed {
  /** How many were handed to Klaviyo, which works on them after its answer. */
  accepted: number;
  rejected: Rejected[];
}

export interface Unsubscribed extends Subscribed {
  /** Who was left out because they are not in the list. Places among those given, from 0. */
  skipped: number[];
}

export interface Subscriptions {
  /**
   * Records consent, 1000 people with one request: the one way to make somebody a subscriber. It lifts earlier
   * unsubscribes, so call it only with consent. Being added to a list gives none.
   *
   * @klaviyo POST /api/profile-subscription-bulk-create-jobs (2026-07-15) · lists:write, profiles:write, subscriptions:write · 75/s, 750/min
   */
  subscribe(people: Many<Subscriber>, options?: SubscribeOptions): Promise<Subscribed>;
  /**
   * Takes consent back, 100 people with one request.
   *
   * **Warning.** Without a list Klaviyo unsubscribes from everything, and with one too whoever is not in it.
   * That's why `from` must be said, and why non-members are skipped unless you ask for the opposite.
   *
   * @klaviyo POST /api/profile-subscription-bulk-delete-jobs (2026-07-15) · lists:write, profiles:write, subscriptions:write · 75/s, 750/min
   */
  unsubscribe(people: Many<Consenting>, options: UnsubscribeOptions): Promise<Unsubscribed>;
}

type WireChannels = Record<string, Record<string, Record<string, unknown>>>;

function consentOf(channels: Channels, state: Record<string, unknown>): WireChannels {
  const wire: WireChannels = {};
  for (const channel of channels) {
    const [, name = channel, isTransactional] = /^(\w+?)(Transactional)?$/.exec(channel) ?? [];
    wire[name] = { ...wire[name], [isTransactional ? 'transactional' : 'marketing']: state };
  }
  return wire;
}

const isPast = ({ consentedAt }: Subscriber): boolean => consentedAt !== undefined;

const subscriberJson = (person: Subscriber): string => {
  const { id, email, phoneNumber, channels, consentedAt, dateOfBirth } = person;
  const at = consentedAt === undefined ? undefined : new Date(consentedAt).toISOString();
  const state = present({ consent: 'SUBSCRIBED', consented_at: at });
  const attributes = present({
    ...{ email, phone_number: phoneNumber, subscriptions: consentOf(channels, state) },
    age_gated_date_of_birth: dateOfBirth,
  });
  return JSON.stringify({ type: 'profile', id, attributes });
};

const leaverJson = ({ email, phoneNumber, channels }: Consenting): string => {
  const subscriptions = consentOf(channels, { consent: 'UNSUBSCRIBED' });
  const attributes = present({ email, phone_number: phoneNumber, subscriptions });
  return JSON.stringify({ type: 'profile', attributes });
};

/** Body of a job: its own attributes, the people and the list. */
function jobBody(
  type: string,
  attributes: Record<string, unknown>,
  members: readonly Member<unknown>[],
  listId: string | undefined,
): string {
  const own = JSON.stringify(present(attributes)).slice(1, -1);
  const people = `"profiles":{"data":[${members.map(({ text }) => text).join()}]}`;
  const list = { list: { data: { type: 'list', id: listId } } };
  const tail = listId === undefined ? '' : `,"relationships":${JSON.stringify(list)}`;
  return `{"data":{"type":"${type}","attributes":{${own && `${own},`}${people}}${tail}}}`;
}

/** Whose id is not there, a variable that is not set for one, would be unsubscribed from everything. */
function listOf(from: UnsubscribeOptions['from'] | undefined): string | undefined {
  if (from === 'everything') return undefined;
  const listId: unknown = from?.listId;
  if (typeof listId === 'string' && listId.trim() !== '') return listId;
  throw new TypeError("'from' must be { listId } with the id of a list, or 'everything'.");
}

export function createSubscriptions(call: CallEndpoint): Subscriptions {
  async function subscribe(
    people: Many<Subscriber>,
    { listId, source, signal }: SubscribeOptions = {},
  ): Promise<Subscribed> {
    let accepted = 0;
    const rejected: Rejected[] = [];
    const limits = { maxCount: SUBSCRIBE_MAX, maxBytes: BODY_MAX_BYTES };
    for await (const batch of batchesOf(people, subscriberJson, limits)) {
      // Consent of the past and of today can't be in one request.
      for (const isHistory of [false, true]) {
        const members = batch.filter(({ item }) => isPast(item) === isHistory);
        const sent = await sendBatch(members, rejected, (some) => {
          const own = { custom_source: source, historical_import: isHistory || undefined };
          const body = jobBody('profile-subscription-bulk-create-job', own, some, listId);
          return call(ENDPOINTS.subscribe, { body, signal });
        });
        accepted += sent?.members.length ?? 0;
      }
    }
    return { accepted, rejected };
  }

  async function unsubscribe(
    people: Many<Consenting>,
    { from, nonMembers = 'skip', signal }: UnsubscribeOptions,
  ): Promise<Unsubscribed> {
    let accepted = 0;
    const rejected: Rejected[] = [];
    const skipped: number[] = [];
    const listId = listOf(from);
    const limits = { maxCount: UNSUBSCRIBE_MAX, maxBytes: BODY_MAX_BYTES };
    for await (const batch of batchesOf(people, leaverJson, limits)) {
      let members = batch;
      if (listId !== undefined && nonMembers === 'skip') {
        const isMember = await findMembers(
          call,
          listId,
          batch.map(({ item }) => item),
          signal,
        );
        members = batch.filter(({ item }) => isMember(item));
        skipped.push(...batch.filter(({ item }) => !isMember(item)).map(({ index }) => index));
      }
      const sent = await sendBatch(members, rejected, (some) => {
        const body = jobBody('profile-subscription-bulk-delete-job', {}, some, listId);
        return call(ENDPOINTS.unsubscribe, { body, signal });
      });
      accepted += sent?.members.length ?? 0;
    }
    return { accepted, rejected, skipped };
  }

  return { subscribe, unsubscribe };
}
