/** What is said of a profile, and how it is written for Klaviyo. */
import { profileBody } from '../../shared/payload.js';
import {
  IDENTIFIERS,
  type Identifiers,
  type Location,
  type Profile,
} from '../../shared/profile.js';
import { needFields } from './input-error.js';

/** A profile to be created or updated. At least one identifier; what is absent stays as it is. */
export type ProfileInput = Omit<Profile, 'anonymousId'>;

type Nullable<T> = { [Name in keyof T]?: T[Name] | null };

/** What is to change about a profile. Null clears a field, absence leaves it. */
export type ProfileChanges = Nullable<
  Omit<ProfileInput, 'id' | 'kx' | 'location' | 'append' | 'unappend' | 'unset'>
> &
  Pick<Profile, 'append' | 'unappend' | 'unset'> & {
    location?: Nullable<Location> | null;
  };

/** Whether doing it twice would be seen: a value is appended once more. */
export const isAppending = ({ append }: Pick<Profile, 'append'>): boolean =>
  append !== undefined && Object.keys(append).length > 0;

/** JSON of a profile's resource, `{"data":{...}}`. Klaviyo takes an anonymous id with events only. */
export function profileJson(profile: Profile | ProfileChanges, id?: string): string {
  needFields(profile, 'A profile');
  const { anonymousId, ...rest } = profile as Profile;
  const given = { ...rest, ...(id !== undefined && { id }) };
  const who: Record<string, unknown> = {};
  for (const name of IDENTIFIERS) if (given[name] !== undefined) who[name] = given[name];
  return profileBody(anonymousId, who as Identifiers, given);
}
