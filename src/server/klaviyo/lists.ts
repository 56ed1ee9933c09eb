import { MEMBERS_MAX } from '../limits.js';
import { batchesOf, type Many } from './batches.js';
import type { CallEndpoint, CallOptions } from './call.js';
import { ENDPOINTS } from './endpoints.js';
import { filterParts } from './find-members.js';
import { type Walk, walk } from './pages.js';
import { type Member, type MemberField, type ProfileAdditional, readProfile } from './profile.js';
import { type ListOptions, listQuery } from './query.js';
import { LIST_MEMBERS, LISTS, PROFILES, type SEGMENT_MEMBERS } from './query-rules.js';
import { type Document, oneOf, type Resource, readResource } from './wire.js';

/** A list of profiles, which people are put into. */
export interface List {
  id: string;
  name: string;
  /** Epoch ms. */
  createdAt?: number;
  updatedAt?: number;
  /** Whether who subscribes has to confirm it by mail. */
  optInProcess?: 'single_opt_in' | 'double_opt_in';
}

export type ListField = keyof typeof LISTS.fields;

/** Who joins or leaves: Klaviyo's profile ids, addresses, or both. */
export interface Joining {
  ids?: Many<string>;
  emails?: Many<string>;
}

export interface Joined {
  /** How many profiles were handed over. */
  count: number;
  /** Addresses that no profile has: upsert or subscribe them first. */
  unknownEmails: string[];
}

export interface MemberOptions<
  Rules extends typeof LIST_MEMBERS | typeof SEGMENT_MEMBERS,
  Field extends MemberField,
> extends ListOptions<Rules> {
  fields?: readonly Field[];
  additional?: readonly ProfileAdditional[];
}

export type Members<Field extends MemberField> = Walk<
  Pick<Member, Field | 'id' | ProfileAdditional>
>;

export interface Lists {
  /**
   * Makes a list. Not repeated after an unknown outcome, which would make a second one of the same name: look with
   * `list` first when the error says `isOutcomeUnknown`.
   *
   * @klaviyo POST /api/lists (2026-07-15) · lists:write · 10/s, 150/min, 150/day
   */
  create(
    list: { name: string; optInProcess?: List['optInProcess'] },
    options?: CallOptions,
  ): Promise<List>;
  /**
   * Walks the lists, 10 with one request.
   *
   * @klaviyo GET /api/lists (2026-07-15) · lists:read · 75/s, 750/min
   */
  list<Field extends ListField = ListField>(
    options?: ListOptions<typeof LISTS> & { fields?: readonly Field[] },
  ): Walk<Pick<List, Field | 'id'>>;
  /**
   * Puts profiles into a list, 1000 with one request. **It gives no consent**: `subscriptions.subscribe` does. Addresses
   * are looked up first, 100 with one request, for which the key needs profiles:read.
   *
   * @klaviyo POST /api/lists/{id}/relationships/profiles (2026-07-15) · lists:write, profiles:write · 10/s, 150/min
   */
  add(id: string, who: Joining, options?: CallOptions): Promise<Joined>;
  /**
   * Takes profiles out of a list, 1000 with one request. It changes no consent. Addresses are looked up as with `add`.
   *
   * @klaviyo DELETE /api/lists/{id}/relationships/profiles (2026-07-15) · lists:write, profiles:write · 10/s, 150/min
   */
  remove(id: string, who: Joining, options?: CallOptions): Promise<Joined>;
  /**
   * Walks the profiles of a list, 100 with one request.
   *
   * @klaviyo GET /api/lists/{id}/profiles (2026-07-15) · lists:read, profiles:read · 75/s, 750/min
   */
  members<Field extends MemberField = MemberField>(
    id: string,
    options?: MemberOptions<typeof LIST_MEMBERS, Field>,
  ): Members<Field>;
}

const readList = (resource: Resource): List => readResource(resource, LISTS.fields);

const normal = (email: string): string => email.trim().toLowerCase();

export function createLists(call: CallEndpoint): Lists {
  /** The ids of the profiles with these addresses; who has none goes into `unknownEmails`. */
  async function* resolve(
    emails: Many<string>,
    unknownEmails: string[],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<string> {
    for await (const batch of batchesOf(emails, normal, { maxCount: MEMBERS_MAX, maxBytes: 1e6 })) {
      for (const part of filterParts(batch.map(({ text }) => text))) {
        const query = listQuery(
          PROFILES,
          { filter: ({ any }) => any('email', part) },
          { fields: ['email'] },
        );
        const missing = new Set(part);
        const endpoint = ENDPOINTS.getProfiles;
        for await (const found of walk({ call, endpoint, query, signal, read: readProfile })) {
          missing.delete(normal(found.email ?? ''));
          yield found.id;
        }
        unknownEmails.push(...missing);
      }
    }
  }

  const change =
    (endpoint: typeof ENDPOINTS.addListMembers | typeof ENDPOINTS.removeListMembers) =>
    async (
      id: string,
      { ids = [], emails = [] }: Joining,
      { signal }: CallOptions = {},
    ): Promise<Joined> => {
      const joined: Joined = { count: 0, unknownEmails: [] };
      async function* all(): AsyncGenerator<string> {
        yield* ids;
        yield* resolve(emails, joined.unknownEmails, signal);
      }
      const limits = { maxCount: MEMBERS_MAX, maxBytes: 1e6 };
      for await (const batch of batchesOf(all(), (each) => each, limits)) {
        const data = batch.map(({ item }) => ({ type: 'profile', id: item }));
        await call(endpoint, { id, body: { data }, signal });
        joined.count += batch.length;
      }
      return joined;
    };

  return {
    async create({ name, optInProcess }, { signal } = {}) {
      const attributes = { name, opt_in_process: optInProcess };
      const body = { data: { type: 'list', attributes } };
      return readList(oneOf((await call<Document>(ENDPOINTS.createList, { body, signal })).body));
    },
    list: ({ fields = [], cursor, signal, ...options } = {}) =>
      walk({
        ...{ call, cursor, signal, read: readList },
        endpoint: ENDPOINTS.getLists,
        query: listQuery(LISTS, options, { fields }),
      }),
    add: change(ENDPOINTS.addListMembers),
    remove: change(ENDPOINTS.removeListMembers),
    members: (id, { fields = [], additional = [], cursor, signal, ...options } = {}) =>
      walk({
        ...{ call, id, cursor, signal, read: readProfile },
        endpoint: additional.includes('predictiveAnalytics')
          ? ENDPOINTS.getListMembersPredictive
          : ENDPOINTS.getListMembers,
        query: listQuery(LIST_MEMBERS, options, { fields, additional }),
      }),
  };
}
