import { BODY_MAX_BYTES } from '../../shared/limits.js';
import { MEMBERS_MAX } from '../limits.js';
import type { Member as Given, Many } from './batches.js';
import type { CallEndpoint, CallOptions } from './call.js';
import { ENDPOINTS, type Endpoint } from './endpoints.js';
import { filterParts } from './find-members.js';
import { needFields, needMany, needText } from './input-error.js';
import { type Walk, walk } from './pages.js';
import { type Member, type MemberField, type ProfileAdditional, readProfile } from './profile.js';
import { type ListOptions, listQuery } from './query.js';
import { LIST_MEMBERS, LISTS, PROFILES, type SEGMENT_MEMBERS } from './query-rules.js';
import { type Document, oneOf, type Resource, readResource } from './wire.js';
import { type Progress, workThrough } from './work-through.js';

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
   * are looked up first, 100 with one request, for which the key needs profiles:read. Rejects with a
   * `KlaviyoBulkError<Joined>`: its places are counted from 0 through `ids`, and on through `emails`.
   *
   * @klaviyo POST /api/lists/{id}/relationships/profiles (2026-07-15) · lists:write, profiles:write · 10/s, 150/min
   * @klaviyoLookup GET /api/profiles (2026-07-15) · profiles:read · 75/s, 750/min
   */
  add(id: string, who: Joining, options?: CallOptions): Promise<Joined>;
  /**
   * Takes profiles out of a list, 1000 with one request. It changes no consent. Addresses are looked up, and errors say
   * how far it came, as with `add`.
   *
   * @klaviyo DELETE /api/lists/{id}/relationships/profiles (2026-07-15) · lists:write, profiles:write · 10/s, 150/min
   * @klaviyoLookup GET /api/profiles (2026-07-15) · profiles:read · 75/s, 750/min
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

/** One of those who join or leave. */
type Who = { id: string } | { email: string };

/** All of them in one order: ids, then addresses. */
async function* everybody({ ids = [], emails = [] }: Joining): AsyncGenerator<Who> {
  for await (const id of ids) yield { id };
  for await (const email of emails) yield { email };
}

const textOf = (who: Who): string =>
  'id' in who ? needText(who.id, 'an id') : normal(needText(who.email, 'an address'));

export function createLists(call: CallEndpoint): Lists {
  /** The ids of the profiles with these addresses, and those addresses that none has. */
  async function resolve(emails: readonly string[], signal: AbortSignal | undefined) {
    const ids: string[] = [];
    const unknownEmails: string[] = [];
    for (const part of filterParts(emails)) {
      const query = listQuery(
        PROFILES,
        { filter: ({ any }) => any('email', part) },
        { fields: ['email'] },
      );
      const missing = new Set(part);
      const endpoint = ENDPOINTS.getProfiles;
      for await (const found of walk({ call, endpoint, query, signal, read: readProfile })) {
        missing.delete(normal(found.email ?? ''));
        ids.push(found.id);
      }
      unknownEmails.push(...missing);
    }
    return { ids, unknownEmails };
  }

  const change =
    (name: 'add' | 'remove', endpoint: Endpoint) =>
    async (id: string, who: Joining, { signal }: CallOptions = {}): Promise<Joined> => {
      needText(id, 'The id of the list');
      needFields(who, 'Who joins or leaves');
      const { ids = [], emails = [] } = who;
      needMany(ids, 'ids');
      needMany(emails, 'emails');
      const joined: Joined = { count: 0, unknownEmails: [] };
      const work = {
        ...{ call: `lists.${name}`, items: everybody({ ids, emails }), write: textOf },
        limits: { maxCount: MEMBERS_MAX, maxBytes: BODY_MAX_BYTES },
        async send(batch: Given<Who>[], { sending }: Progress) {
          const of = (kind: string) => batch.filter(({ item }) => kind in item);
          const found = await resolve(
            of('email').map(({ text }) => text),
            signal,
          );
          const all = [...of('id').map(({ text }) => text), ...found.ids];
          sending();
          const data = all.map((each) => ({ type: 'profile', id: each }));
          if (data.length > 0) await call(endpoint, { id, body: { data }, signal });
          joined.count += data.length;
          joined.unknownEmails.push(...found.unknownEmails);
        },
      };
      return workThrough(work, joined);
    };

  return {
    async create(list, { signal } = {}) {
      needFields(list, 'A list');
      const { name, optInProcess } = list;
      needText(name, 'The name of a list');
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
    add: change('add', ENDPOINTS.addListMembers),
    remove: change('remove', ENDPOINTS.removeListMembers),
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
