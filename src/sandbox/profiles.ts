import { isDeepStrictEqual } from 'node:util';
import type { IncomingProfile } from './incoming.js';
import type { RecordedProfile } from './records.js';

type Identifiers = IncomingProfile['identifiers'];

// Which identifier decides when several are given and they belong to different profiles.
const byPriority: readonly [
  keyof Identifiers,
  (profile: RecordedProfile, value: string) => boolean,
][] = [
  ['id', (profile, value) => profile.id === value],
  ['exchangeId', (profile, value) => profile.exchangeIds.includes(value)],
  ['email', (profile, value) => profile.email === value],
  ['phoneNumber', (profile, value) => profile.phoneNumber === value],
  ['externalId', (profile, value) => profile.externalId === value],
  ['anonymousId', (profile, value) => profile.anonymousIds.includes(value)],
];

/** Without a prototype, so that a property called `valueOf` or `__proto__` is one like any other. */
const bag = (...parts: Record<string, unknown>[]): Record<string, unknown> =>
  Object.assign(Object.create(null), ...parts);

/** Known by nothing but ids of the browser's: it can be folded into the person it turns out to be. */
const isBare = (profile: RecordedProfile) =>
  profile.email === undefined &&
  profile.phoneNumber === undefined &&
  profile.externalId === undefined;

/**
 * The profiles of all companies. `onMerge` is told when one profile is folded into another, so that
 * its events can follow.
 */
export function createProfiles(
  onMerge: (companyId: string, fromId: string, intoId: string) => void,
) {
  let profiles: RecordedProfile[] = [];
  let created = 0;

  const matching = (companyId: string, identifiers: Identifiers): RecordedProfile[] =>
    byPriority.flatMap(([name, is]) => {
      const value = identifiers[name];
      if (value === undefined) return [];
      return profiles.filter((profile) => profile.companyId === companyId && is(profile, value));
    });

  /**
   * A match by anonymous id alone says that it is the same browser, not the same person: another
   * email, phone or external id than the profile's is somebody else on a shared device.
   */
  function isSomebodyElse(profile: RecordedProfile, identifiers: Identifiers): boolean {
    const strong = byPriority.slice(0, -1);
    const matchesOtherwise = strong.some(([name, is]) => {
      const value = identifiers[name];
      return value !== undefined && is(profile, value);
    });
    const differs = (name: 'email' | 'phoneNumber' | 'externalId') =>
      identifiers[name] !== undefined &&
      profile[name] !== undefined &&
      identifiers[name] !== profile[name];
    return (
      !matchesOtherwise && (differs('email') || differs('phoneNumber') || differs('externalId'))
    );
  }

  /** The profile a request concerns, if it is there already. Changes nothing. */
  function find(companyId: string, identifiers: Identifiers): RecordedProfile | undefined {
    const found = matching(companyId, identifiers).filter(
      (profile) => !isSomebodyElse(profile, identifiers),
    );
    return found.find((profile) => !isBare(profile)) ?? found[0];
  }

  function create(companyId: string, id: string | undefined): RecordedProfile {
    created += 1;
    const profile: RecordedProfile = {
      id: id ?? `01SANDBOX${String(created).padStart(17, '0')}`,
      companyId,
      anonymousIds: [],
      exchangeIds: [],
      attributes: bag(),
      properties: bag(),
      subscriptions: [],
    };
    profiles.push(profile);
    return profile;
  }

  function fold(from: RecordedProfile, into: RecordedProfile): void {
    into.anonymousIds.push(...from.anonymousIds);
    into.exchangeIds.push(...from.exchangeIds);
    into.attributes = bag(from.attributes, into.attributes);
    into.properties = bag(from.properties, into.properties);
    into.subscriptions.push(...from.subscriptions);
    profiles = profiles.filter((profile) => profile !== from);
    onMerge(into.companyId, from.id, into.id);
  }

  /**
   * Gives the profile identifiers it has none of. One it has is never replaced and one that is
   * somebody else's never taken: a client call that tries is answered 202 and changes nothing.
   */
  function fillIn(profile: RecordedProfile, identifiers: Identifiers): void {
    const isFree = (name: keyof Identifiers) => {
      const value = identifiers[name];
      return value !== undefined && matching(profile.companyId, { [name]: value }).length === 0;
    };
    const { email, phoneNumber, externalId, anonymousId, exchangeId } = identifiers;
    if (email !== undefined && isFree('email')) profile.email ??= email;
    if (phoneNumber !== undefined && isFree('phoneNumber')) profile.phoneNumber ??= phoneNumber;
    if (externalId !== undefined && isFree('externalId')) profile.externalId ??= externalId;
    if (anonymousId !== undefined && isFree('anonymousId')) profile.anonymousIds.push(anonymousId);
    if (exchangeId !== undefined && isFree('exchangeId')) profile.exchangeIds.push(exchangeId);
  }

  /** Finds or creates the profile, fills in identifiers, folds bare ones into it, merges what is said of it. */
  function upsert(companyId: string, incoming: IncomingProfile): RecordedProfile {
    const { identifiers } = incoming;
    const profile = find(companyId, identifiers) ?? create(companyId, identifiers.id);
    for (const other of new Set(matching(companyId, identifiers))) {
      if (other !== profile && isBare(other)) fold(other, profile);
    }
    fillIn(profile, identifiers);
    for (const [name, value] of Object.entries(incoming.attributes)) {
      // On the client a null says nothing; only the server API clears a field with it.
      if (value !== null) profile.attributes[name] = value;
    }
    Object.assign(profile.properties, incoming.properties);
    patchProperties(profile.properties, incoming);
    return profile;
  }

  return {
    find,
    upsert,
    list: (): RecordedProfile[] => profiles.map((profile) => structuredClone(profile)),
    clear() {
      profiles = [];
      created = 0;
    },
  };
}

const listOf = (value: unknown): unknown[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];

/** The `meta.patch_properties` of a request: lists grow and shrink, keys go. */
function patchProperties(properties: Record<string, unknown>, incoming: IncomingProfile): void {
  const { append, unappend, unset } = incoming;
  for (const [name, added] of Object.entries(append)) {
    const list = listOf(properties[name]);
    const isNew = (value: unknown) => !list.some((known) => isDeepStrictEqual(known, value));
    properties[name] = [...list, ...listOf(added).filter(isNew)];
  }
  for (const [name, removed] of Object.entries(unappend)) {
    if (properties[name] === undefined) continue;
    const gone = listOf(removed);
    properties[name] = listOf(properties[name]).filter(
      (value) => !gone.some((one) => isDeepStrictEqual(one, value)),
    );
  }
  for (const name of unset) delete properties[name];
}
