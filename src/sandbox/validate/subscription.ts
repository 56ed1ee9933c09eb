import type { Check } from './check.js';
import { array, data, nullable, object, oneOf, required, string } from './check.js';
import { identifierProfile, subscribedProfile } from './profile.js';

const text = nullable(string);

// The reference: a value is an error unless the import is marked as historical, and the client
// endpoint has no field to mark it with.
const consentedAt: Check = (value, pointer, report) => {
  if (value !== null) {
    report(pointer, "'consented_at' can only be given for a historical import.");
  }
};

export const pushToken = object('push-token', {
  token: required(string),
  platform: required(oneOf('android', 'ios')),
  vendor: required(oneOf('apns', 'fcm')),
  enablement_status: nullable(
    oneOf('AUTHORIZED', 'DENIED', 'NOT_DETERMINED', 'PROVISIONAL', 'UNAUTHORIZED'),
  ),
  background: nullable(oneOf('AVAILABLE', 'DENIED', 'RESTRICTED')),
  device_metadata: nullable(
    object('device_metadata', {
      device_id: text,
      klaviyo_sdk: nullable(
        oneOf('android', 'flutter', 'flutter_community', 'react_native', 'swift'),
      ),
      sdk_version: text,
      device_model: text,
      os_name: nullable(oneOf('android', 'ios', 'ipados', 'macos', 'tvos')),
      os_version: text,
      manufacturer: text,
      app_name: text,
      app_version: text,
      app_build: text,
      app_id: text,
      environment: nullable(oneOf('debug', 'release')),
    }),
  ),
});

/** What can be subscribed to; `consentedAt` looks at the time of consent. */
export const subscriptionsWith = (consentedAt: Check): Check => {
  const channel = object('subscription', {
    consent: required(oneOf('SUBSCRIBED')),
    consented_at: consentedAt,
  });
  const messaging = object('subscription', {
    marketing: nullable(channel),
    transactional: nullable(channel),
  });
  return object('subscriptions', {
    email: nullable(
      object('subscription', {
        marketing: nullable(channel),
        open_tracking: nullable(object('subscription', { consent: required(oneOf('SUBSCRIBED')) })),
      }),
    ),
    sms: nullable(messaging),
    whatsapp: nullable(messaging),
    push: nullable(
      object('subscription', {
        marketing: required(channel),
        tokens: nullable(array(pushToken)),
        anonymous_id: text,
      }),
    ),
  });
};

const subscriptions = subscriptionsWith(consentedAt);

/** A relationship whose `data` may be missing in the reference, but whose members may not. */
export const related = (type: string) =>
  object(type, { data: object(type, { type: required(oneOf(type)), id: required(string) }) });

/** `POST /client/subscriptions`. */
export const subscriptionBody: Check = data(
  object('subscription', {
    type: required(oneOf('subscription')),
    attributes: required(
      object('subscription', {
        custom_source: text,
        profile: required(data(subscribedProfile(subscriptions))),
      }),
    ),
    relationships: required(object('subscription', { list: required(related('list')) })),
  }),
);

/** `POST /client/back-in-stock-subscriptions`. */
export const backInStockBody: Check = data(
  object('back-in-stock-subscription', {
    type: required(oneOf('back-in-stock-subscription')),
    attributes: required(
      object('back-in-stock-subscription', {
        channels: required(array(oneOf('EMAIL', 'PUSH', 'SMS', 'WHATSAPP'))),
        profile: required(data(identifierProfile)),
      }),
    ),
    relationships: required(
      object('back-in-stock-subscription', { variant: required(related('catalog-variant')) }),
    ),
  }),
);
