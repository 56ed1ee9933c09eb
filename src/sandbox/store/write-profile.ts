// What the server API says of a profile: unlike a client call it replaces identifiers and clears fields.
import type { IncomingProfile } from '../incoming.js';
import { isObject } from '../validate/check.js';
import { patchProperties } from './patch-properties.js';
import type { Profile, Profiles } from './profiles.js';

const personal = ['email', 'phoneNumber', 'externalId'] as const;

/** Why a profile cannot be written: an identifier is somebody else's, or there would be none left. */
export type Obstacle = { conflictWith: Profile } | { reason: 'no-identifier' };

/**
 * Whom the identifiers name: the owner of the first that has one, by email, phone number, external id
 * and `_kx`. The id is not looked at.
 */
export function ownerOfAny(
  profiles: Profiles,
  companyId: string,
  { identifiers }: IncomingProfile,
): Profile | undefined {
  const names = [...personal, 'exchangeId', 'anonymousId'] as const;
  return names
    .map((name) => profiles.ownerOf(companyId, name, identifiers[name]))
    .find((owner) => owner !== undefined);
}

/** What stands in the way of writing this to the profile (or to a new one). */
export function findObstacle(
  profiles: Profiles,
  companyId: string,
  { identifiers, cleared }: IncomingProfile,
  target: Profile | undefined,
): Obstacle | undefined {
  for (const name of personal) {
    const owner = profiles.ownerOf(companyId, name, identifiers[name]);
    if (owner && owner !== target) return { conflictWith: owner };
  }
  const remaining = personal.filter(
    (name) => identifiers[name] ?? (!cleared.includes(name) && target?.[name]),
  );
  const isKnownOtherwise =
    identifiers.exchangeId ?? target?.exchangeIds[0] ?? target?.anonymousIds[0];
  if (remaining.length === 0 && !isKnownOtherwise) return { reason: 'no-identifier' };
  return undefined;
}

/** Writes what nothing stands in the way of. */
export function writeProfile(
  profiles: Profiles,
  profile: Profile,
  incoming: IncomingProfile,
  at: number,
): void {
  const { identifiers, cleared } = incoming;
  for (const name of personal) {
    const value = identifiers[name];
    if (value !== undefined && value !== profile[name])
      profiles.setIdentifier(profile, name, value);
    if (cleared.includes(name)) profiles.setIdentifier(profile, name);
  }
  const { exchangeId } = identifiers;
  if (exchangeId && !profiles.ownerOf(profile.companyId, 'exchangeId', exchangeId)) {
    profiles.addBrowserId(profile, 'exchangeId', exchangeId);
  }
  for (const [name, value] of Object.entries(incoming.attributes)) {
    if (value === null) delete profile.attributes[name];
    else if (name === 'location') {
      profile.attributes.location = withoutNulls(profile.attributes.location, value);
    } else profile.attributes[name] = value;
  }
  if (incoming.clearsProperties) {
    for (const name of Object.keys(profile.properties)) delete profile.properties[name];
  }
  Object.assign(profile.properties, incoming.properties);
  patchProperties(profile.properties, incoming);
  profiles.touch(profile, at);
}

/** A location with some of its parts changed; null takes a part away. */
function withoutNulls(known: unknown, changes: unknown): Record<string, unknown> {
  const merged = { ...(isObject(known) && known), ...(isObject(changes) && changes) };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}
