/**
 * The only place that knows Klaviyo's wire names. Bodies are put together from JSON text that was made
 * when the event was tracked: nothing is parsed or serialised again on the way out, which is what lets a
 * page that is being closed send what it has.
 */
import type { Identifiers, Profile } from './profile.js';

/** An event as it is tracked, in our words. */
export interface EventInput {
  name: string;
  properties: Record<string, unknown>;
  uniqueId: string;
  /** Epoch ms. */
  at: number;
  value: number | undefined;
  valueCurrency: string | undefined;
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);

/** The members of an event's `attributes`, all but `profile`, as JSON text without its braces. */
export const eventData = (event: EventInput): string =>
  JSON.stringify({
    properties: event.properties,
    metric: { data: { type: 'metric', attributes: { name: event.name } } },
    time: new Date(event.at).toISOString(),
    unique_id: event.uniqueId,
    value: event.value,
    value_currency: event.valueCurrency,
  }).slice(1, -1);

/** What a stored profile update holds: everything of a profile that is no identifier. */
export const profileData = (profile: Profile): string => {
  const { append, unappend, unset, ...rest } = profile;
  const attributes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(rest)) attributes[snake(name)] = value;
  const patch = { append, unappend, unset };
  return JSON.stringify({
    attributes,
    meta: append || unappend || unset ? { patch_properties: patch } : undefined,
  });
};

const profile = (anonymousId: string, who: Identifiers, data = '{}'): string => {
  const { id, kx, ...identifiers } = who;
  const stored = JSON.parse(data) as { attributes?: object; meta?: object };
  const attributes: Record<string, unknown> = { ...stored.attributes };
  for (const [name, value] of Object.entries({ anonymousId, ...identifiers })) {
    attributes[snake(name)] = value;
  }
  return JSON.stringify({
    data: { type: 'profile', id, attributes: { ...attributes, _kx: kx }, meta: stored.meta },
  });
};

/** One member of a request, as the queue keeps it. */
export interface Member {
  data: string;
  /** Recorded without starting flows. */
  backfill: boolean;
}

const attributes = (member: Member): string =>
  member.data + (member.backfill ? ',"backfill":true' : '');

/** Body of `POST /client/events`. */
export const eventBody = (anonymousId: string, who: Identifiers, member: Member): string =>
  `{"data":{"type":"event","attributes":{${attributes(member)},"profile":${profile(anonymousId, who)}}}}`;

/** Body of `POST /client/event-bulk-create`. */
export const bulkBody = (anonymousId: string, who: Identifiers, members: Member[]): string =>
  `{"data":{"type":"event-bulk-create","attributes":{"profile":${profile(anonymousId, who)},"events":{"data":[${members
    .map((member) => `{"type":"event","attributes":{${attributes(member)}}}`)
    .join()}]}}}}`;

/** Body of `POST /client/profiles`. */
export const profileBody = (anonymousId: string, who: Identifiers, data: string): string =>
  profile(anonymousId, who, data);
