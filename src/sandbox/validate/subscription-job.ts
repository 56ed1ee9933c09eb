import { maxSubscribedProfiles, maxUnsubscribedProfiles } from '../limits.js';
import type { Check, Report } from './check.js';
import {
  andThen,
  array,
  boolean,
  data,
  isObject,
  nullable,
  object,
  oneOf,
  required,
  string,
  stringThat,
} from './check.js';
import { isDate, isDateTime } from './date.js';
import { email, isPushOnly, phone } from './profile.js';
import { atMost } from './profile-job.js';
import { pushToken, related, subscriptionsWith } from './subscription.js';

const text = nullable(string);
const day = nullable(stringThat(isDate, 'be a date, YYYY-MM-DD'));
const moment = nullable(stringThat(isDateTime, 'be an ISO 8601 date and time with its offset'));

const identifierOf: Record<string, string> = {
  email: 'email',
  sms: 'phone_number',
  whatsapp: 'phone_number',
};

/** Reports a channel without the address it is for, and somebody without any. An id does for all. */
const addressed: Check = (value, pointer, report) => {
  if (!isObject(value) || !isObject(value.attributes) || typeof value.id === 'string') return;
  const { attributes } = value;
  const isGiven = (name: string) => typeof attributes[name] === 'string';
  for (const [channel, kinds] of Object.entries(attributes.subscriptions ?? {})) {
    const name = identifierOf[channel];
    const isAsked = isObject(kinds) && Object.values(kinds).some(isObject);
    if (!isAsked || name === undefined || isGiven(name)) continue;
    report(`${pointer}/attributes/${name}`, `'${name}' is required for the ${channel} channel.`);
  }
  if (!isGiven('email') && !isGiven('phone_number') && !isPushOnly(value)) {
    const detail = 'One of id, email, phone_number is required for a profile.';
    report(`${pointer}/attributes`, detail);
  }
};

const profilesUpTo = (count: number, profile: Check): Check =>
  object('profiles', { data: required(atMost(count, array(andThen(profile, addressed)))) });

const subscribed = object('profile', {
  type: required(oneOf('profile')),
  id: text,
  attributes: required(
    object('profile', {
      email,
      phone_number: phone,
      subscriptions: required(subscriptionsWith(moment)),
      age_gated_date_of_birth: day,
    }),
  ),
});

const isRefused = object('subscription', { consent: required(oneOf('UNSUBSCRIBED')) });
const messaging = { marketing: nullable(isRefused), transactional: nullable(isRefused) };

const unsubscribed = object('profile', {
  type: required(oneOf('profile')),
  attributes: required(
    object('profile', {
      email,
      phone_number: phone,
      subscriptions: required(
        object('subscriptions', {
          email: nullable(
            object('subscription', {
              marketing: nullable(isRefused),
              open_tracking: nullable(isRefused),
            }),
          ),
          sms: nullable(object('subscription', messaging)),
          whatsapp: nullable(
            object('subscription', { ...messaging, conversational: nullable(isRefused) }),
          ),
          push: nullable(
            object('subscription', {
              marketing: required(isRefused),
              tokens: required(array(pushToken)),
            }),
          ),
        }),
      ),
    }),
  ),
});

const job = (type: string, attributes: Parameters<typeof object>[1]): Check =>
  data(
    object(type, {
      type: required(oneOf(type)),
      attributes: required(object(type, attributes)),
      relationships: object(type, { list: related('list') }),
    }),
  );

/** A body that has passed the check before. */
interface SubscribeBody {
  data: {
    attributes: {
      historical_import?: boolean | null;
      profiles: { data: { attributes: { subscriptions: Record<string, unknown> } }[] };
    };
  };
}

/** Calls back with every consent that may say when it was given, and where that stands. */
function eachConsent(
  { data: { attributes } }: SubscribeBody,
  visit: (consentedAt: unknown, pointer: string) => void,
): void {
  for (const [index, profile] of attributes.profiles.data.entries()) {
    const place = `/data/attributes/profiles/data/${index}/attributes/subscriptions`;
    for (const [channel, kinds] of Object.entries(profile.attributes.subscriptions)) {
      for (const kind of ['marketing', 'transactional']) {
        const consent = isObject(kinds) ? kinds[kind] : undefined;
        if (!isObject(consent)) continue;
        visit(consent.consented_at, `${place}/${channel}/${kind}/consented_at`);
      }
    }
  }
}

/** A historical import says when consent was given, in the past; another must not. */
const timely =
  (now: number): Check =>
  (value, _, report: Report) => {
    const body = value as SubscribeBody;
    const isHistorical = body.data.attributes.historical_import === true;
    eachConsent(body, (at, pointer) => {
      if (!isHistorical && typeof at === 'string') {
        report(pointer, "'consented_at' can only be given for a historical import.");
      }
      if (isHistorical && !(typeof at === 'string' && Date.parse(at) <= now)) {
        report(pointer, "'consented_at' must be given for a historical import, and be past.");
      }
    });
  };

/** `POST /api/profile-subscription-bulk-create-jobs`. */
export const subscribeBody = (now: number): Check =>
  andThen(
    job('profile-subscription-bulk-create-job', {
      custom_source: text,
      profiles: required(profilesUpTo(maxSubscribedProfiles, subscribed)),
      historical_import: nullable(boolean),
    }),
    timely(now),
  );

/** `POST /api/profile-subscription-bulk-delete-jobs`. */
export const unsubscribeBody: Check = job('profile-subscription-bulk-delete-job', {
  profiles: required(profilesUpTo(maxUnsubscribedProfiles, unsubscribed)),
});
