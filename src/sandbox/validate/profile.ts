import { maxEmailLength } from '../limits.js';
import type { Check } from './check.js';
import {
  andThen,
  anyObject,
  array,
  either,
  isObject,
  nullable,
  number,
  object,
  oneOf,
  required,
  string,
  stringThat,
} from './check.js';

const emailShape = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;
// E.164: a plus, the country code, 15 digits at most.
// E.164, and for North America also the area code and exchange, neither of which starts with 0 or 1:
// Klaviyo refuses numbers that have the shape and are nobody's.
const phoneShape = /^\+(?!1(?!(?:[2-9]\d\d){2}\d{4}$))[1-9]\d{5,14}$/;

const text = nullable(string);
export const email = nullable(
  stringThat(
    (value) => emailShape.test(value) && value.length <= maxEmailLength,
    `be an email address shorter than ${maxEmailLength + 1} characters`,
  ),
);
export const phone = nullable(
  stringThat((value) => phoneShape.test(value), 'be a phone number in E.164 format'),
);
const coordinate = nullable(either('a string or a number', string, number));

const location = object('location', {
  address1: text,
  address2: text,
  city: text,
  country: text,
  latitude: coordinate,
  longitude: coordinate,
  region: text,
  zip: text,
  timezone: text,
  ip: text,
});

const meta = object('meta', {
  patch_properties: nullable(
    object('patch_properties', {
      append: nullable(anyObject),
      unappend: nullable(anyObject),
      unset: nullable(either('a string or an array of strings', string, array(string))),
    }),
  ),
  patch_identifiers: nullable(
    object('patch_identifiers', { append: anyObject, unappend: anyObject }),
  ),
});

const identifiers = { email, phone_number: phone, external_id: text };

const described = {
  first_name: text,
  last_name: text,
  organization: text,
  locale: text,
  title: text,
  image: text,
  location: nullable(location),
  properties: nullable(anyObject),
};

/** Reports a profile none of these identifiers (all optional, so nullable too) tells apart. */
function identifiedBy(...names: string[]): Check {
  return (value, pointer, report) => {
    if (!isObject(value) || !isObject(value.attributes)) return;
    const { attributes, id } = value;
    const given = (name: string) => (name === 'id' ? id : attributes[name]);
    const isGiven = (name: string) => typeof given(name) === 'string' && given(name) !== '';
    if (!names.some(isGiven)) {
      report(`${pointer}/attributes`, `One of ${names.join(', ')} is required for a profile.`);
    }
  };
}

const anyIdentifier = identifiedBy(
  'id',
  'email',
  'phone_number',
  'external_id',
  'anonymous_id',
  '_kx',
);

const visitor = { ...identifiers, anonymous_id: text, _kx: text, ...described };

/** `/client/events`: `meta` is inside `attributes`. */
export const eventProfile = andThen(
  object('profile', {
    type: required(oneOf('profile')),
    id: text,
    attributes: required(object('profile', { ...visitor, meta: nullable(meta) })),
  }),
  anyIdentifier,
);

/** `/client/profiles` and bulk events: `meta` is beside `attributes`. */
export const onsiteProfile = andThen(
  object('profile', {
    type: required(oneOf('profile')),
    id: text,
    attributes: required(object('profile', visitor)),
    meta: nullable(meta),
  }),
  anyIdentifier,
);

/** `/client/subscriptions`, with the check of its `subscriptions` object passed in. */
export const subscribedProfile = (subscriptions: Check) =>
  andThen(
    object('profile', {
      type: required(oneOf('profile')),
      id: text,
      attributes: required(
        object('profile', {
          ...identifiers,
          _kx: text,
          ...described,
          meta: nullable(meta),
          subscriptions: nullable(subscriptions),
        }),
      ),
    }),
    (value, pointer, report) => {
      // A push-only profile is known by the channel's anonymous_id instead.
      if (isPushOnly(value)) return;
      identifiedBy('email', 'phone_number')(value, pointer, report);
    },
  );

export function isPushOnly(value: unknown): boolean {
  const attributes = isObject(value) && isObject(value.attributes) ? value.attributes : {};
  const { subscriptions } = attributes;
  return (
    isObject(subscriptions) &&
    isObject(subscriptions.push) &&
    typeof subscriptions.push.anonymous_id === 'string'
  );
}

/** `/client/back-in-stock-subscriptions`: identifiers only. */
export const identifierProfile = andThen(
  object('profile', {
    type: required(oneOf('profile')),
    id: text,
    attributes: required(object('profile', identifiers)),
  }),
  identifiedBy('id', 'email', 'phone_number', 'external_id'),
);

const stored = { ...identifiers, _kx: text, ...described };

/** `POST /api/profile-import`, and each profile of a bulk import. */
export const importedProfile = andThen(
  object('profile', {
    type: required(oneOf('profile')),
    id: text,
    attributes: required(object('profile', stored)),
    meta: nullable(meta),
  }),
  identifiedBy('id', 'email', 'phone_number', 'external_id', '_kx'),
);

/** `POST /api/profiles`. */
export const createdProfile = andThen(
  object('profile', {
    type: required(oneOf('profile')),
    attributes: required(object('profile', { ...identifiers, ...described })),
  }),
  identifiedBy('email', 'phone_number', 'external_id'),
);

/** `PATCH /api/profiles/{id}`. */
export const patchedProfile = object('profile', {
  type: required(oneOf('profile')),
  id: required(string),
  attributes: required(object('profile', { ...identifiers, ...described })),
  meta: nullable(meta),
});
