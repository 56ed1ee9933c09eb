// Reads bodies that have passed validation: only what is read here needs no further check.
import type { Endpoint } from './endpoints.js';
import { isObject } from './validate/check.js';

type Json = Record<string, unknown>;

/** What a request says about who it concerns. */
export interface IncomingProfile {
  identifiers: {
    id?: string;
    email?: string;
    phoneNumber?: string;
    externalId?: string;
    anonymousId?: string;
    exchangeId?: string;
  };
  /** Identifiers that are given as null: the server API takes them away, a client call says nothing. */
  cleared: ('email' | 'phoneNumber' | 'externalId')[];
  attributes: Json;
  properties: Json;
  /** Whether `properties` is null, with which the server API takes all of them away. */
  clearsProperties: boolean;
  append: Json;
  unappend: Json;
  unset: string[];
}

/** One person of a request, and what it says they did. */
export interface IncomingGroup {
  profile: IncomingProfile;
  events: IncomingEvent[];
}

export interface IncomingEvent {
  metric: string;
  properties: Json;
  /** Epoch ms; absent when the request gave none. */
  occurredAt?: number;
  value?: number;
  valueCurrency?: string;
  uniqueId?: string;
  backfill: boolean;
}

const at = (value: unknown, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>(
    (inner, key) => (inner as Record<string | number, unknown> | null | undefined)?.[key],
    value,
  );
const objectAt = (value: unknown, ...path: string[]): Json => {
  const found = at(value, ...path);
  return isObject(found) ? found : {};
};
const listAt = (value: unknown, ...path: string[]): unknown[] => {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
};

/** The `attributes` that hold a profile and its events: one, or in a bulk job one for each profile. */
function groupsIn(endpoint: Endpoint, body: unknown): unknown[] {
  if (endpoint !== 'api/event-bulk-create-jobs') return [at(body, 'data', 'attributes')];
  return listAt(body, 'data', 'attributes', 'events-bulk-create', 'data').map((one) =>
    at(one, 'attributes'),
  );
}

function eventsOf(endpoint: Endpoint, group: unknown): unknown[] {
  if (endpoint === 'events' || endpoint === 'api/events') return [group];
  if (endpoint !== 'event-bulk-create' && endpoint !== 'api/event-bulk-create-jobs') return [];
  return listAt(group, 'events', 'data').map((one) => at(one, 'attributes'));
}

/** The body's events: one, many or none. Safe on a body that has not been validated. */
export function eventsIn(endpoint: Endpoint, body: unknown): unknown[] {
  return groupsIn(endpoint, body).flatMap((group) => eventsOf(endpoint, group));
}

/** Names of the metrics in a body, for matching faults. Safe on a body that has not been validated. */
export function metricsIn(endpoint: Endpoint, body: unknown): string[] {
  return eventsIn(endpoint, body)
    .map((event) => at(event, 'metric', 'data', 'attributes', 'name'))
    .filter((name) => typeof name === 'string');
}

/** Safe on a body that has not been validated. */
export function uniqueIdsIn(endpoint: Endpoint, body: unknown): string[] {
  return eventsIn(endpoint, body)
    .map((event) => at(event, 'unique_id'))
    .filter((id) => typeof id === 'string');
}

/** Everybody a request concerns, with their events. */
export function readGroups(endpoint: Endpoint, body: unknown): IncomingGroup[] {
  // `/client/profiles` is a profile, the others hold one.
  if (endpoint === 'profiles') return [{ profile: readProfile(at(body, 'data')), events: [] }];
  return groupsIn(endpoint, body).map((group) => ({
    profile: readProfile(at(group, 'profile', 'data')),
    events: eventsOf(endpoint, group).map((event) =>
      readEvent(event as Json, at(group, 'backfill') === true),
    ),
  }));
}

function readEvent(attributes: Json, allBackfill: boolean): IncomingEvent {
  const { time, value, value_currency, unique_id, backfill } = attributes;
  return {
    metric: at(attributes, 'metric', 'data', 'attributes', 'name') as string,
    properties: objectAt(attributes, 'properties'),
    backfill: allBackfill || backfill === true,
    ...(typeof time === 'string' && { occurredAt: Date.parse(time) }),
    ...(typeof value === 'number' && { value }),
    ...(typeof value_currency === 'string' && { valueCurrency: value_currency }),
    ...(typeof unique_id === 'string' && { uniqueId: unique_id }),
  };
}

/** @param profile the `data` of one */
export function readProfile(profile: unknown): IncomingProfile {
  const {
    email,
    phone_number,
    external_id,
    anonymous_id,
    _kx,
    properties,
    meta: innerMeta,
    subscriptions: _read_elsewhere,
    ...described
  } = objectAt(profile, 'attributes');
  const patch = objectAt(
    isObject(innerMeta) ? innerMeta : objectAt(profile, 'meta'),
    'patch_properties',
  );
  const { unset } = patch;
  const given = (name: string, value: unknown) =>
    typeof value === 'string' && value !== '' ? { [name]: value } : {};
  return {
    identifiers: {
      ...given('id', at(profile, 'id')),
      // Klaviyo holds addresses in lower case.
      ...given('email', typeof email === 'string' ? email.toLowerCase() : undefined),
      ...given('phoneNumber', phone_number),
      ...given('externalId', external_id),
      ...given('anonymousId', anonymous_id),
      ...given('exchangeId', _kx),
    },
    cleared: [
      ...(email === null ? (['email'] as const) : []),
      ...(phone_number === null ? (['phoneNumber'] as const) : []),
      ...(external_id === null ? (['externalId'] as const) : []),
    ],
    attributes: described,
    properties: isObject(properties) ? properties : {},
    clearsProperties: properties === null,
    append: objectAt(patch, 'append'),
    unappend: objectAt(patch, 'unappend'),
    unset: typeof unset === 'string' ? [unset] : (listAt(patch, 'unset') as string[]),
  };
}

/** The consents of a subscription or back in stock request. */
export function readSubscription(body: unknown) {
  const attributes = objectAt(body, 'data', 'attributes');
  const profile = objectAt(attributes, 'profile', 'data', 'attributes');
  const id = (name: string) => at(body, 'data', 'relationships', name, 'data', 'id');
  const listId = id('list');
  const variantId = id('variant');
  return {
    channels: channelsOf(attributes, profile),
    ...(typeof listId === 'string' && { listId }),
    ...(typeof variantId === 'string' && { variantId }),
    ...(typeof attributes.custom_source === 'string' && { customSource: attributes.custom_source }),
  };
}

function channelsOf(attributes: Json, profile: Json): string[] {
  if (Array.isArray(attributes.channels)) return attributes.channels as string[];
  if (!isObject(profile.subscriptions)) {
    // Without a subscriptions object every channel there is an address for gets its marketing.
    return [
      ...(typeof profile.email === 'string' ? ['email.marketing'] : []),
      ...(typeof profile.phone_number === 'string' ? ['sms.marketing'] : []),
    ];
  }
  return Object.entries(profile.subscriptions).flatMap(([channel, kinds]) =>
    Object.entries(isObject(kinds) ? kinds : {})
      .filter(([, kind]) => isObject(kind) && kind.consent === 'SUBSCRIBED')
      .map(([kind]) => `${channel}.${kind}`),
  );
}
