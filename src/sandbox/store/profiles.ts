import type { IncomingProfile } from '../incoming.js';
import type { RecordedProfile } from '../records.js';
import {
  type Collection,
  createCollection,
  type Kept,
  perAccount,
  type SortBy,
} from './collection.js';
import { bag, patchProperties } from './patch-properties.js';

type Identifiers = IncomingProfile['identifiers'];

/** A profile as it is kept. */
export interface Profile extends Omit<RecordedProfile, 'id'>, Kept {
  /** When the last event of it happened, epoch ms. */
  lastEventAt: number | undefined;
}

interface Account {
  profiles: Collection<Profile>;
  /** Whose an identifier is, by its kind and value. Each belongs to one profile. */
  owners: Map<string, Profile>;
}

// Which identifier decides when several are given and they belong to different profiles.
const byPriority = [
  'id',
  'exchangeId',
  'email',
  'phoneNumber',
  'externalId',
  'anonymousId',
] as const satisfies readonly (keyof Identifiers)[];

const personal = ['email', 'phoneNumber', 'externalId'] as const;

const has = (profile: Profile, name: keyof Identifiers, value: string): boolean => {
  if (name === 'exchangeId') return profile.exchangeIds.includes(value);
  if (name === 'anonymousId') return profile.anonymousIds.includes(value);
  return profile[name] === value;
};

/** Known by nothing but ids of the browser's: it can be folded into the person it turns out to be. */
const isBare = (profile: Profile) => personal.every((name) => profile[name] === undefined);

const sorts: Record<string, SortBy<Profile>> = {
  id: ({ id }) => id,
  created: ({ createdAt }) => createdAt,
  updated: ({ updatedAt }) => updatedAt,
  email: ({ email }) => email ?? null,
  'subscriptions.email.marketing.suppression.timestamp': ({ suppressions }) =>
    suppressions[0]?.at ?? null,
  'subscriptions.email.marketing.list_suppressions.timestamp': ({ listSuppressions }) =>
    listSuppressions[0]?.at ?? null,
};

/** What is kept of a profile and shown to nobody but the API. */
const internal = new Set(['seq', 'lastEventAt']);

const toRecord = (profile: Profile): RecordedProfile =>
  structuredClone(
    Object.fromEntries(Object.entries(profile).filter(([name]) => !internal.has(name))),
  ) as unknown as RecordedProfile;

/**
 * The profiles of all companies. `onMerge` is told when one profile is folded into another, so that
 * what belongs to it can follow.
 */
export function createProfiles(onMerge: (from: Profile, into: Profile) => void) {
  const accounts = perAccount<Account>(() => ({
    profiles: createCollection(sorts),
    owners: new Map(),
  }));
  let created = 0;

  const ownerOf = (companyId: string, name: keyof Identifiers, value: string | undefined) => {
    if (value === undefined) return undefined;
    const { profiles, owners } = accounts.of(companyId);
    return name === 'id' ? profiles.get(value) : owners.get(`${name} ${value}`);
  };

  const matching = (companyId: string, identifiers: Identifiers): Profile[] =>
    byPriority.flatMap((name) => ownerOf(companyId, name, identifiers[name]) ?? []);

  /**
   * A match by anonymous id alone says that it is the same browser, not the same person: another
   * email, phone or external id than the profile's is somebody else on a shared device.
   */
  function isSomebodyElse(profile: Profile, identifiers: Identifiers): boolean {
    const matchesOtherwise = byPriority.slice(0, -1).some((name) => {
      const value = identifiers[name];
      return value !== undefined && has(profile, name, value);
    });
    const differs = (name: (typeof personal)[number]) =>
      identifiers[name] !== undefined &&
      profile[name] !== undefined &&
      identifiers[name] !== profile[name];
    return !matchesOtherwise && personal.some(differs);
  }

  /** The profile a request concerns, if it is there already. Changes nothing. */
  function find(companyId: string, identifiers: Identifiers): Profile | undefined {
    const found = matching(companyId, identifiers).filter(
      (profile) => !isSomebodyElse(profile, identifiers),
    );
    return found.find((profile) => !isBare(profile)) ?? found[0];
  }

  function create(companyId: string, id: string | undefined, at: number): Profile {
    created += 1;
    const profile: Profile = {
      id: id ?? `01SANDBOX${String(created).padStart(17, '0')}`,
      seq: created,
      companyId,
      anonymousIds: [],
      exchangeIds: [],
      attributes: bag(),
      properties: bag(),
      subscriptions: [],
      createdAt: at,
      updatedAt: at,
      consents: {},
      suppressions: [],
      listSuppressions: [],
      lastEventAt: undefined,
    };
    accounts.of(companyId).profiles.add(profile);
    return profile;
  }

  /** Gives the profile an identifier, in place of the one of that kind it had; undefined takes that away. */
  function setIdentifier(profile: Profile, name: (typeof personal)[number], value?: string): void {
    const { owners } = accounts.of(profile.companyId);
    if (profile[name] !== undefined) owners.delete(`${name} ${profile[name]}`);
    delete profile[name];
    if (value === undefined) return;
    profile[name] = value;
    owners.set(`${name} ${value}`, profile);
  }

  function addBrowserId(profile: Profile, name: 'anonymousId' | 'exchangeId', value: string): void {
    profile[`${name}s`].push(value);
    accounts.of(profile.companyId).owners.set(`${name} ${value}`, profile);
  }

  function fold(from: Profile, into: Profile): void {
    for (const id of from.anonymousIds) addBrowserId(into, 'anonymousId', id);
    for (const id of from.exchangeIds) addBrowserId(into, 'exchangeId', id);
    into.attributes = bag(from.attributes, into.attributes);
    into.properties = bag(from.properties, into.properties);
    into.subscriptions.push(...from.subscriptions);
    into.consents = { ...from.consents, ...into.consents };
    into.lastEventAt = Math.max(from.lastEventAt ?? 0, into.lastEventAt ?? 0) || undefined;
    accounts.of(into.companyId).profiles.remove(from);
    onMerge(from, into);
  }

  /**
   * Gives the profile identifiers it has none of. One it has is never replaced and one that is
   * somebody else's never taken: a client call that tries is answered 202 and changes nothing.
   */
  function fillIn(profile: Profile, identifiers: Identifiers): void {
    const { companyId } = profile;
    for (const name of personal) {
      const value = identifiers[name];
      const isFree = profile[name] === undefined && !ownerOf(companyId, name, value);
      if (value !== undefined && isFree) setIdentifier(profile, name, value);
    }
    for (const name of ['anonymousId', 'exchangeId'] as const) {
      const value = identifiers[name];
      if (value !== undefined && !ownerOf(companyId, name, value)) {
        addBrowserId(profile, name, value);
      }
    }
  }

  /** Notes that something was said of the profile. */
  function touch(profile: Profile, at: number): void {
    profile.updatedAt = at;
    accounts.of(profile.companyId).profiles.touch();
  }

  /**
   * What a client call or an event says of somebody: finds or creates the profile, fills in
   * identifiers, folds bare ones into it, merges the rest.
   */
  function upsert(companyId: string, incoming: IncomingProfile, at: number): Profile {
    const { identifiers } = incoming;
    const profile = find(companyId, identifiers) ?? create(companyId, identifiers.id, at);
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
    touch(profile, at);
    return profile;
  }

  return {
    find,
    upsert,
    create,
    ownerOf,
    setIdentifier,
    addBrowserId,
    touch,
    of: (companyId: string): Collection<Profile> => accounts.of(companyId).profiles,
    toRecord,
    list: (): RecordedProfile[] =>
      [...accounts.all()]
        .flatMap(({ profiles }) => [...profiles.values()])
        .sort((a, b) => a.seq - b.seq)
        .map(toRecord),
    get size() {
      return [...accounts.all()].reduce((sum, { profiles }) => sum + profiles.size, 0);
    },
    clear() {
      accounts.clear();
      created = 0;
    },
  };
}

export type Profiles = ReturnType<typeof createProfiles>;
