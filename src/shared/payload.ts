/**
 * The only place that knows Klaviyo's wire names. Bodies are put together from JSON text that was made
 * when the event was tracked: nothing is parsed or serialised again on the way out, which is what lets a
 * page that is being closed send what it has.
 */
import { IDENTIFIERS, type Identifiers, type Profile } from './profile.js';

export const wireName = (name: string): string =>
  name === 'kx' ? '_kx' : name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);

/** The members of an event's `attributes`, all but `profile`, as JSON text without its braces. */
export const eventData = (
  name: string,
  properties: Record<string, unknown>,
  uniqueId: string,
  /** Epoch ms. */
  at: number | undefined,
  value?: number,
  valueCurrency?: string,
): string =>
  JSON.stringify({
    properties,
    metric: { data: { type: 'metric', attributes: { name } } },
    time: at && new Date(at).toISOString(),
    unique_id: uniqueId,
    value,
    value_currency: valueCurrency,
  }).slice(1, -1);

/** Body of `POST /client/profiles`, and the profile of an event: who it is, and what is new about them. */
export const profileBody = (
  anonymousId: string | undefined,
  who: Identifiers,
  news: Profile = {},
): string => {
  // Who it is says `who` alone: an identifier that was refused is not in it any more.
  for (const name of IDENTIFIERS) delete news[name];
  const { id, append, unappend, unset, ...rest } = { ...news, ...who };
  const attributes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries({ ...rest, anonymousId })) {
    attributes[wireName(name)] = value;
  }
  const isPatch = append || unappend || unset;
  const meta = isPatch ? { patch_properties: { append, unappend, unset } } : undefined;
  return JSON.stringify({ data: { type: 'profile', id, attributes, meta } });
};

/** Which of the identifiers an error of Klaviyo's is about, by its `source.pointer`. */
export const refusedIdentifier = (detail: string, who: Identifiers) =>
  IDENTIFIERS.find(
    (name) => who[name] && new RegExp(`(data|attributes)/${wireName(name)}"`).test(detail),
  );

/** Marks an event's data: recorded without starting flows. */
export const asBackfill = (data: string): string => `${data},"backfill":true`;

const event = (attributes: string): string => `{"type":"event","attributes":{${attributes}}}`;

/** Body of `POST /client/events`, and of `POST /api/events`. */
export const eventBody = (profile: string, data: string): string =>
  `{"data":${event(`${data},"profile":${profile}`)}}`;

/** Body of `POST /client/event-bulk-create`. */
export const bulkBody = (profile: string, members: string[]): string =>
  `{"data":{"type":"event-bulk-create","attributes":{"profile":${profile},"events":{"data":[${members.map(event)}]}}}}`;

/** Body of `POST /api/event-bulk-create-jobs`: each profile with the data of its events. */
export const jobBody = (groups: Iterable<[profile: string, members: string[]]>): string =>
  `{"data":{"type":"event-bulk-create-job","attributes":{"events-bulk-create":{"data":[${Array.from(
    groups,
    ([profile, members]) =>
      `{"type":"event-bulk-create","attributes":{"profile":${profile},"events":{"data":[${members.map(event)}]}}}`,
  )}]}}}}`;
