import { BODY_MAX_BYTES } from '../../shared/limits.js';
import { SUBSCRIBE_MAX, UNSUBSCRIBE_MAX } from '../limits.js';
import { type Many, type Member, type Rejected, sendBatch } from './batches.js';
import type { CallEndpoint, CallOptions } from './call.js';
import { ENDPOINTS } from './endpoints.js';
import { findMembers } from './find-members.js';
import { isText, KlaviyoInputError, needFields, needMoment } from './input-error.js';
import { present } from './wire.js';
import { type Progress, workThrough } from './work-through.js';

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
   * unsubscribes, so call it only with consent. Being added to a list gives none. Rejects with a
   * `KlaviyoBulkError<Subscribed>`, which says whose consent was not handed over.
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
   * Rejects with a `KlaviyoBulkError<Unsubscribed>`, which says who was not handed over.
   *
   * @klaviyo POST /api/profile-subscription-bulk-delete-jobs (2026-07-15) · lists:write, profiles:write, subscriptions:write · 75/s, 750/min
   * @klaviyoLookup GET /api/lists/{id}/profiles (2026-07-15) · lists:read, profiles:read · 75/s, 750/min
   */
  unsubscribe(people: Many<Consenting>, options: UnsubscribeOptions): Promise<Unsubscribed>;
}

const CHANNELS: Record<Channel, true> = {
  ...{ email: true, sms: true, smsTransactional: true },
  ...{ whatsapp: true, whatsappTransactional: true },
};

type WireChannels = Record<string, Record<string, Record<string, unknown>>>;

function consentOf(channels: Channels, state: Record<string, unknown>): WireChannels {
  const wire: WireChannels = {};
  const isKnown = (each: unknown) => typeof each === 'string' && Object.hasOwn(CHANNELS, each);
  // With none of them Klaviyo would answer 202, and nothing would have happened.
  if (!Array.isArray(channels) || channels.length === 0 || !channels.every(isKnown)) {
    const names = Object.keys(CHANNELS).join(', ');
    throw new KlaviyoInputError(`channels must be one or more of ${names}.`);
  }
  for (const channel of channels) {
    const [, name = channel, isTransactional] = /^(\w+?)(Transactional)?$/.exec(channel) ?? [];
    wire[name] = { ...wire[name], [isTransactional ? 'transactional' : 'marketing']: state };
  }
  return wire;
}

const isPast = ({ consentedAt }: Subscriber): boolean => consentedAt !== undefined;

const subscriberJson = (person: Subscriber): string => {
  needFields(person, 'a subscriber');
  const { id, email, phoneNumber, channels, consentedAt, dateOfBirth } = person;
  const at =
    consentedAt === undefined
      ? undefined
      : new Date(needMoment(consentedAt, 'consentedAt')).toISOString();
  const state = present({ consent: 'SUBSCRIBED', consented_at: at });
  const attributes = present({
    ...{ email, phone_number: phoneNumber, subscriptions: consentOf(channels, state) },
    age_gated_date_of_birth: dateOfBirth,
  });
  return JSON.stringify({ type: 'profile', id, attributes });
};

const leaverJson = (person: Consenting): string => {
  needFields(person, 'who unsubscribes');
  const { email, phoneNumber, channels } = person;
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
  if (isText(listId)) return listId;
  throw new KlaviyoInputError("'from' must be { listId } with the id of a list, or 'everything'.");
}

export function createSubscriptions(call: CallEndpoint): Subscriptions {
  async function subscribe(
    people: Many<Subscriber>,
    { listId, source, signal }: SubscribeOptions = {},
  ): Promise<Subscribed> {
    const subscribed: Subscribed = { accepted: 0, rejected: [] };
    const limits = { maxCount: SUBSCRIBE_MAX, maxBytes: BODY_MAX_BYTES };
    const work = {
      ...{ call: 'subscriptions.subscribe', items: people, write: subscriberJson, limits },
      async send(batch: Member<Subscriber>[], { sending, settle }: Progress) {
        sending();
        // Consent of the past and of today can't be in one request.
        for (const isHistory of [false, true]) {
          const members = batch.filter(({ item }) => isPast(item) === isHistory);
          const sent = await sendBatch(members, subscribed.rejected, (some) => {
            const own = { custom_source: source, historical_import: isHistory || undefined };
            const body = jobBody('profile-subscription-bulk-create-job', own, some, listId);
            return call(ENDPOINTS.subscribe, { body, signal });
          });
          subscribed.accepted += sent?.members.length ?? 0;
          settle(members);
        }
      },
    };
    return workThrough(work, subscribed);
  }

  async function unsubscribe(
    people: Many<Consenting>,
    { from, nonMembers = 'skip', signal }: UnsubscribeOptions = {} as UnsubscribeOptions,
  ): Promise<Unsubscribed> {
    const listId = listOf(from);
    const unsubscribed: Unsubscribed = { accepted: 0, rejected: [], skipped: [] };
    const limits = { maxCount: UNSUBSCRIBE_MAX, maxBytes: BODY_MAX_BYTES };
    const work = {
      ...{ call: 'subscriptions.unsubscribe', items: people, write: leaverJson, limits },
      async send(batch: Member<Consenting>[], { sending, settle }: Progress) {
        let members = batch;
        if (listId !== undefined && nonMembers === 'skip') {
          const some = batch.map(({ item }) => item);
          const isMember = await findMembers(call, listId, some, signal);
          members = batch.filter(({ item }) => isMember(item));
          const others = batch.filter(({ item }) => !isMember(item));
          unsubscribed.skipped.push(...others.map(({ index }) => index));
          settle(others);
        }
        sending();
        const sent = await sendBatch(members, unsubscribed.rejected, (some) => {
          const body = jobBody('profile-subscription-bulk-delete-job', {}, some, listId);
          return call(ENDPOINTS.unsubscribe, { body, signal });
        });
        unsubscribed.accepted += sent?.members.length ?? 0;
      },
    };
    return workThrough(work, unsubscribed);
  }

  return { subscribe, unsubscribe };
}
