import type { CallEndpoint, CallOptions, Reply } from './call.js';
import { ENDPOINTS } from './endpoints.js';
import { isText, KlaviyoInputError, needFields, needText } from './input-error.js';
import { isNotThere, KlaviyoApiError } from './klaviyo-error.js';
import { type Walk, walk } from './pages.js';
import {
  type ProfileAdditional,
  type ProfileField,
  readProfile,
  type StoredProfile,
} from './profile.js';
import {
  isAppending,
  type ProfileChanges,
  type ProfileInput,
  profileJson,
} from './profile-input.js';
import { type ListOptions, listQuery } from './query.js';
import { PROFILES } from './query-rules.js';
import { toQuery } from './to-query.js';
import { type Document, manyOf, oneOf } from './wire.js';

/** What a call that answers with profiles can choose. */
export interface ProfileOptions extends CallOptions {
  /** Comes besides, when asked for. Predictive analytics have a lower limit: 10/s, 150/min. */
  additional?: readonly ProfileAdditional[];
}

export interface UpsertOptions extends CallOptions {
  /**
   * What to do when one of the identifiers is another profile's already.
   * - `reject` (default): a `KlaviyoApiError` with the code `duplicate_profile` and that profile's id in
   *   `duplicateProfileId`; nothing was written.
   * - `update`: that profile gets everything but the identifiers, which both keep as they are.
   */
  onDuplicate?: 'reject' | 'update';
}

export interface Upserted {
  profile: StoredProfile;
  isNew: boolean;
  /** True when it is the other profile that was updated, see `onDuplicate`. */
  isDuplicate: boolean;
}

export interface IterateProfiles<Field extends ProfileField>
  extends ListOptions<typeof PROFILES>,
    ProfileOptions {
  /** Only these, which is quicker. Default: all. */
  fields?: readonly Field[];
  signal?: AbortSignal | undefined;
}

export interface Profiles {
  /**
   * Creates a profile, or updates the one that has its identifiers. What is absent stays as it is. At most 100 KB.
   * It is not repeated after an unknown outcome when it appends to a list, which would be seen twice.
   *
   * @klaviyo POST /api/profile-import (2026-07-15) · profiles:write · 75/s, 750/min
   */
  upsert(profile: ProfileInput, options?: UpsertOptions): Promise<Upserted>;
  /**
   * The profile with this address, in whatever case; undefined when there is none.
   *
   * @klaviyo GET /api/profiles (2026-07-15) · profiles:read · 75/s, 750/min
   */
  getByEmail(email: string, options?: ProfileOptions): Promise<StoredProfile | undefined>;
  /**
   * The profile with this number, E.164 such as `+4930123456`; undefined when there is none.
   *
   * @klaviyo GET /api/profiles (2026-07-15) · profiles:read · 75/s, 750/min
   */
  getByPhone(phoneNumber: string, options?: ProfileOptions): Promise<StoredProfile | undefined>;
  /**
   * The profile with the shop's own customer id; undefined when there is none.
   *
   * @klaviyo GET /api/profiles (2026-07-15) · profiles:read · 75/s, 750/min
   */
  getByExternalId(externalId: string, options?: ProfileOptions): Promise<StoredProfile | undefined>;
  /**
   * The profile with Klaviyo's id; undefined when there is none.
   *
   * @klaviyo GET /api/profiles/{id} (2026-07-15) · profiles:read · 75/s, 750/min
   */
  getById(id: string, options?: ProfileOptions): Promise<StoredProfile | undefined>;
  /**
   * Changes a profile. Null clears a field, absence leaves it; identifiers can be changed too. At most 100 KB.
   *
   * @klaviyo PATCH /api/profiles/{id} (2026-07-15) · profiles:write · 75/s, 750/min
   */
  update(id: string, changes: ProfileChanges, options?: CallOptions): Promise<StoredProfile>;
  /**
   * Appends values to properties that are lists: `append(id, { Interests: 'tea' })`. Not repeated after an unknown
   * outcome.
   *
   * @klaviyo PATCH /api/profiles/{id} (2026-07-15) · profiles:write · 75/s, 750/min
   */
  append(
    id: string,
    values: Record<string, unknown>,
    options?: CallOptions,
  ): Promise<StoredProfile>;
  /**
   * Takes values out of properties that are lists.
   *
   * @klaviyo PATCH /api/profiles/{id} (2026-07-15) · profiles:write · 75/s, 750/min
   */
  unappend(
    id: string,
    values: Record<string, unknown>,
    options?: CallOptions,
  ): Promise<StoredProfile>;
  /**
   * Removes properties: `unset(id, ['Interests'])`.
   *
   * @klaviyo PATCH /api/profiles/{id} (2026-07-15) · profiles:write · 75/s, 750/min
   */
  unset(id: string, names: readonly string[], options?: CallOptions): Promise<StoredProfile>;
  /**
   * Walks all profiles, or those that a filter lets through, 100 with one request. Properties of the shop's own
   * can't be filtered on: make a segment of them.
   *
   * @klaviyo GET /api/profiles (2026-07-15) · profiles:read · 75/s, 750/min
   */
  iterate<Field extends ProfileField = ProfileField>(
    options?: IterateProfiles<Field>,
  ): Walk<Pick<StoredProfile, Field | 'id' | ProfileAdditional>>;
}

/** Where a list of profiles is asked for: what predicts has a limit of its own. */
const getProfilesEndpoint = (additional: readonly ProfileAdditional[] = []) =>
  additional.includes('predictiveAnalytics')
    ? ENDPOINTS.getProfilesPredictive
    : ENDPOINTS.getProfiles;

const isDuplicate = (error: unknown): error is KlaviyoApiError & { duplicateProfileId: string } =>
  error instanceof KlaviyoApiError &&
  error.status === 409 &&
  error.duplicateProfileId !== undefined;

export function createProfiles(call: CallEndpoint): Profiles {
  const read = ({ body }: Reply<Document>): StoredProfile => readProfile(oneOf(body));

  async function find(
    name: 'email' | 'phoneNumber' | 'externalId',
    value: string,
    { additional = [], signal }: ProfileOptions = {},
  ): Promise<StoredProfile | undefined> {
    const text = needText(value, name).trim();
    // Klaviyo keeps addresses in lower case.
    const wanted = name === 'email' ? text.toLowerCase() : name === 'phoneNumber' ? text : value;
    const filter = {
      filter: ({ equals }) => equals(name, wanted),
      pageSize: 1,
    } satisfies ListOptions<typeof PROFILES>;
    const query = toQuery(listQuery(PROFILES, filter, { additional }));
    const { body } = await call<Document>(getProfilesEndpoint(additional), { query, signal });
    const [found] = manyOf(body);
    return found && readProfile(found);
  }

  async function update(
    id: string,
    changes: ProfileChanges,
    { signal }: CallOptions = {},
  ): Promise<StoredProfile> {
    const body = profileJson(changes, id);
    const isRepeatable = !isAppending(changes);
    return read(await call(ENDPOINTS.updateProfile, { id, body, signal, isRepeatable }));
  }

  async function upsert(profile: ProfileInput, options: UpsertOptions = {}): Promise<Upserted> {
    const { signal, onDuplicate = 'reject' } = options;
    try {
      const reply = await call<Document>(ENDPOINTS.importProfile, {
        ...{ body: profileJson(profile), signal, isRepeatable: !isAppending(profile) },
      });
      return { profile: read(reply), isNew: reply.status === 201, isDuplicate: false };
    } catch (error) {
      if (onDuplicate === 'reject' || !isDuplicate(error)) throw error;
      const { id, email, phoneNumber, externalId, kx, ...rest } = profile;
      const updated = await update(error.duplicateProfileId, rest, { signal });
      return { profile: updated, isNew: false, isDuplicate: true };
    }
  }

  return {
    upsert,
    update,
    getByEmail: (email, options) => find('email', email, options),
    getByPhone: (phoneNumber, options) => find('phoneNumber', phoneNumber, options),
    getByExternalId: (externalId, options) => find('externalId', externalId, options),
    async getById(id, { additional = [], signal } = {}) {
      const query = toQuery(listQuery({ ...PROFILES, pageMax: 0 }, {}, { additional }));
      try {
        return read(await call(ENDPOINTS.getProfile, { id, query, signal }));
      } catch (error) {
        if (isNotThere(error)) return undefined;
        throw error;
      }
    },
    async append(id, append, options) {
      needFields(append, 'What is appended');
      return update(id, { append }, options);
    },
    async unappend(id, unappend, options) {
      needFields(unappend, 'What is taken out');
      return update(id, { unappend }, options);
    },
    async unset(id, names, options) {
      if (!Array.isArray(names) || names.length === 0 || !names.every(isText)) {
        throw new KlaviyoInputError('What is unset must be a list of the names of properties.');
      }
      return update(id, { unset: [...names] }, options);
    },
    iterate: ({ fields = [], additional = [], cursor, signal, ...options } = {}) =>
      walk({
        ...{ call, cursor, signal, read: readProfile },
        endpoint: getProfilesEndpoint(additional),
        query: listQuery(PROFILES, options, { fields, additional }),
      }),
  };
}
