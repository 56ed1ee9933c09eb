import type { Answer } from '../api-error.js';
import { maxBodyBytes } from '../limits.js';
import type { FilterRules } from '../query/filter.js';
import { flowFields, listFields, tagFields } from '../resources/field-names.js';
import { renderList } from '../resources/list.js';
import type { List, OptInProcess } from '../store/lists.js';
import type { Member } from '../store/members.js';
import { createdList, membersBody, patchedList } from '../validate/list.js';
import { answerOne, answerPage, empty, notFound, refusePointer, renderingOf } from './answers.js';
import { createFlowTriggers } from './flow-triggers.js';
import { answerMembers, memberFilters, memberQuery } from './members.js';
import { predictiveLimit } from './profiles.js';
import { type Call, type Place, type Rows, row, type World } from './row.js';

export type ListEndpoint =
  | 'GET api/lists'
  | 'POST api/lists'
  | 'GET api/lists/{id}'
  | 'PATCH api/lists/{id}'
  | 'DELETE api/lists/{id}'
  | 'GET api/lists/{id}/profiles'
  | 'POST api/lists/{id}/relationships/profiles'
  | 'DELETE api/lists/{id}/relationships/profiles';

interface ListBody {
  data: {
    id?: string;
    attributes: { name?: string | null; opt_in_process?: OptInProcess | null };
  };
}
interface MembersBody {
  data: { id: string }[];
}

const included = { flow: flowFields, tag: tagFields };
const include = ['flow-triggers', 'tags'];

/** The filters that lists and segments share. */
export const groupFilters = <
  T extends { id: string; name: string; createdAt: number; updatedAt: number },
>(): FilterRules<T> => {
  const several = { type: 'string', operators: ['any', 'equals'], lists: true } as const;
  const later = { type: 'datetime', operators: ['greater-than'] } as const;
  return {
    name: { ...several, read: ({ name }) => name },
    id: { ...several, read: ({ id }) => id },
    created: { ...later, read: ({ createdAt }) => createdAt },
    updated: { ...later, read: ({ updatedAt }) => updatedAt },
  };
};

/** Lists, and who is in them. */
export function listRoutes({ options, ledger }: World): Rows<ListEndpoint> {
  const { lists, profiles } = ledger;
  const filters = groupFilters<List>();
  const triggers = createFlowTriggers(ledger, 'list');
  const oneList = { fields: { list: listFields } };

  const listOf = ({ companyId, id }: Place) => lists.of(companyId).get(id);

  /** Answers 404 where there is no such list. */
  const withList =
    <T>(handle: (call: Call<T>, list: List) => Answer) =>
    (call: Call<T>): Answer => {
      const list = listOf(call);
      return list ? handle(call, list) : notFound(`A list with id \`${call.id}\` does not exist.`);
    };
  const show = (call: Call<never>, status: number, list: List) =>
    answerOne(call, status, renderList(list, renderingOf(call)));

  function changeMembers(
    { companyId, body, at }: Omit<Call<unknown>, 'query'>,
    list: List,
    change: (member: Member['profile'], at: number) => void,
  ): Answer {
    const { data } = body as MembersBody;
    const known = data.map(({ id }) => profiles.of(companyId).get(id));
    const unknown = known.indexOf(undefined);
    if (unknown >= 0) {
      return notFound(`A profile with id ${data[unknown]?.id} does not exist.`);
    }
    for (const profile of known) if (profile) change(profile, at);
    list.updatedAt = at;
    lists.of(companyId).touch();
    return empty(204);
  }

  const membersRow = (change: (list: List, profile: Member['profile'], at: number) => void) =>
    row({
      body: { maxBytes: maxBodyBytes, check: () => membersBody },
      handle: withList((call, list) =>
        changeMembers(call, list, (profile, at) => change(list, profile, at)),
      ),
    });

  return {
    'GET api/lists': row<List>({
      query: () => ({
        fields: { list: listFields, ...included },
        include,
        filter: filters,
        sort: ['created', 'id', 'name', 'updated'],
        page: { size: 10, maxSize: 10 },
      }),
      handle: (call) =>
        answerPage(
          call,
          lists.of(call.companyId).ordered(call.query.sort?.by ?? 'id'),
          (list, rendering) => renderList(list, rendering, triggers.related(call, list.id)),
          ({ id }, rendering) => triggers.included(call, id, rendering),
        ),
    }),
    'POST api/lists': row({
      query: () => oneList,
      body: { maxBytes: maxBodyBytes, check: () => createdList },
      handle(call) {
        const { name, opt_in_process } = (call.body as ListBody).data.attributes;
        const optInProcess = opt_in_process ?? options().optInProcess;
        return show(
          call,
          201,
          lists.create(call.companyId, { name: name ?? '', optInProcess }, call.at),
        );
      },
    }),
    'GET api/lists/{id}': row<List>({
      query: () => ({
        fields: { list: [...listFields, 'profile_count'], ...included },
        additional: { list: ['profile_count'] },
        include,
      }),
      limit: ({ additional }) =>
        additional.get('list')?.includes('profile_count')
          ? { reason: 'profile_count', limit: { burst: 1, steady: 15 } }
          : undefined,
      handle: withList((call, list) => {
        const rendering = renderingOf(call);
        const resource = renderList(list, rendering, triggers.related(call, list.id));
        return answerOne(call, 200, resource, triggers.included(call, list.id, rendering));
      }),
    }),
    'PATCH api/lists/{id}': row({
      query: () => oneList,
      body: { maxBytes: maxBodyBytes, check: () => patchedList },
      handle: withList((call: Call<never>, list) => {
        const { id, attributes } = (call.body as ListBody).data;
        if (id !== call.id) return refusePointer('/data/id', 'The id is not that of the path.');
        list.name = attributes.name ?? list.name;
        list.optInProcess = attributes.opt_in_process ?? list.optInProcess;
        list.updatedAt = call.at;
        lists.of(call.companyId).touch();
        return show(call, 200, list);
      }),
    }),
    'DELETE api/lists/{id}': row({
      handle: withList(({ companyId }, list) => {
        lists.of(companyId).remove(list);
        return empty(204);
      }),
    }),
    'GET api/lists/{id}/profiles': row<Member>({
      query: (place) => memberQuery(memberFilters(profiles, place.companyId, listOf(place))),
      limit: predictiveLimit,
      handle: withList(answerMembers),
    }),
    'POST api/lists/{id}/relationships/profiles': membersRow((list, profile, at) =>
      list.join(profile, at),
    ),
    'DELETE api/lists/{id}/relationships/profiles': membersRow((list, profile) =>
      list.leave(profile.id),
    ),
  };
}
