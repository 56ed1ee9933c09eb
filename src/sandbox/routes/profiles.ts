import type { Answer } from '../api-error.js';
import { refuse } from '../api-error.js';
import { readProfile } from '../incoming.js';
import { maxProfileBodyBytes } from '../limits.js';
import type { Query, QueryRules } from '../query/read-query.js';
import type { SpecialLimit } from '../rate-limiter.js';
import {
  conversationFields,
  listFields,
  pushTokenFields,
  segmentFields,
} from '../resources/field-names.js';
import { renderList } from '../resources/list.js';
import { additionalProfileFields, profileFields, renderProfile } from '../resources/profile.js';
import type { Resource } from '../resources/resource.js';
import { renderSegment } from '../resources/segment.js';
import type { Profile } from '../store/profiles.js';
import { findObstacle, type Obstacle, ownerOfAny, writeProfile } from '../store/write-profile.js';
import { data, isObject } from '../validate/check.js';
import { createdProfile, importedProfile, patchedProfile } from '../validate/profile.js';
import { answerOne, answerPage, notFound, refusePointer, renderingOf } from './answers.js';
import { profileFilters } from './profile-filters.js';
import { type Call, type Rows, row, type World } from './row.js';

export type ProfileEndpoint =
  | 'POST api/profile-import'
  | 'GET api/profiles'
  | 'POST api/profiles'
  | 'GET api/profiles/{id}'
  | 'PATCH api/profiles/{id}';

/** "Rate limits when using the include=list (or include=segment) parameter". */
const groupsLimit = ({ include }: Query<unknown>): SpecialLimit | undefined => {
  const reason = ['lists', 'segments'].find((name) => include.includes(name));
  return reason === undefined ? undefined : { reason, limit: { burst: 1, steady: 15 } };
};

/** What every answer with a profile takes. */
const profileQuery = {
  fields: { profile: profileFields },
  additional: { profile: additionalProfileFields },
};

/** "Rate limits when using the additional-fields[profile]=predictive_analytics parameter". */
export const predictiveLimit = ({ additional }: Query<unknown>): SpecialLimit | undefined =>
  additional.get('profile')?.includes('predictive_analytics')
    ? { reason: 'predictive_analytics', limit: { burst: 10, steady: 150 } }
    : undefined;

const duplicate = ({ id }: Profile): Answer =>
  refuse(409, [
    {
      code: 'duplicate_profile',
      detail: 'A profile already exists with one of these identifiers.',
      source: { pointer: '/data/attributes' },
      meta: { duplicate_profile_id: id },
    },
  ]);

const refuseFor = (obstacle: Obstacle): Answer =>
  'conflictWith' in obstacle
    ? duplicate(obstacle.conflictWith)
    : refusePointer('/data/attributes', 'A profile cannot lose its last identifier.');

/** Profiles: found, listed, created, changed. */
export function profileRoutes({ ledger }: World): Rows<ProfileEndpoint> {
  const { profiles } = ledger;

  function show(call: Call<never>, status: number, profile: Profile): Answer {
    return answerOne(call, status, renderProfile(profile, renderingOf(call)));
  }

  /** A profile with the lists and segments it is in, where they are asked for. */
  function showWithGroups(call: Call<never>, profile: Profile): Answer {
    const { companyId, query } = call;
    const rendering = renderingOf(call);
    const related: Record<string, { type: string; id: string }[]> = {};
    const included: Resource[] = [];
    if (query.include.includes('lists')) {
      const found = ledger.lists.withMember(companyId, profile.id);
      related.lists = found.map(({ id }) => ({ type: 'list', id }));
      included.push(...found.map((list) => renderList(list, rendering)));
    }
    if (query.include.includes('segments')) {
      const found = ledger.segments.withMember(companyId, profile.id);
      related.segments = found.map(({ id }) => ({ type: 'segment', id }));
      included.push(...found.map((segment) => renderSegment(segment, rendering)));
    }
    return answerOne(call, 200, renderProfile(profile, rendering, { related }), included);
  }

  function write(call: Call<never>, target: Profile | undefined, status: number): Answer {
    const { companyId, at, body } = call;
    const incoming = readProfile(isObject(body) ? body.data : undefined);
    const obstacle = findObstacle(profiles, companyId, incoming, target);
    if (obstacle) return refuseFor(obstacle);
    const profile = target ?? profiles.create(companyId, undefined, at);
    writeProfile(profiles, profile, incoming, at);
    ledger.tellProfile(profile);
    return show(call, status, profile);
  }

  const absent = (id: string) => notFound(`A profile with id ${id} does not exist.`);
  const incomingOf = ({ body }: Call<never>) => readProfile(isObject(body) ? body.data : undefined);
  const bodyOf = (check: Parameters<typeof data>[0]) => ({
    maxBytes: maxProfileBodyBytes,
    check: () => data(check),
  });

  return {
    'POST api/profile-import': row({
      query: () => profileQuery,
      body: bodyOf(importedProfile),
      handle(call) {
        const incoming = incomingOf(call);
        const { id } = incoming.identifiers;
        const target =
          id === undefined
            ? ownerOfAny(profiles, call.companyId, incoming)
            : profiles.of(call.companyId).get(id);
        if (id !== undefined && !target) return absent(id);
        return write(call, target, target ? 200 : 201);
      },
    }),
    'GET api/profiles': row<Profile>({
      query: (place): QueryRules<Profile> => ({
        ...profileQuery,
        fields: {
          ...profileQuery.fields,
          'push-token': pushTokenFields,
          conversation: conversationFields,
        },
        include: ['conversations', 'push-tokens'],
        filter: profileFilters(profiles, place.companyId),
        sort: [
          ...['created', 'email', 'id', 'updated'],
          'subscriptions.email.marketing.list_suppressions.timestamp',
          'subscriptions.email.marketing.suppression.timestamp',
        ],
        page: { size: 20, maxSize: 100 },
      }),
      limit: predictiveLimit,
      handle: (call) =>
        answerPage(
          call,
          profiles.of(call.companyId).ordered(call.query.sort?.by ?? 'created'),
          renderProfile,
        ),
    }),
    'POST api/profiles': row({
      query: () => profileQuery,
      body: bodyOf(createdProfile),
      handle(call) {
        const known = ownerOfAny(profiles, call.companyId, incomingOf(call));
        return known ? duplicate(known) : write(call, undefined, 201);
      },
    }),
    'GET api/profiles/{id}': row({
      query: () => ({
        ...profileQuery,
        fields: {
          ...profileQuery.fields,
          'push-token': pushTokenFields,
          conversation: conversationFields,
          list: listFields,
          segment: segmentFields,
        },
        include: ['conversations', 'lists', 'push-tokens', 'segments'],
      }),
      limit: (query) => predictiveLimit(query) ?? groupsLimit(query),
      handle(call) {
        const profile = profiles.of(call.companyId).get(call.id);
        return profile ? showWithGroups(call, profile) : absent(call.id);
      },
    }),
    'PATCH api/profiles/{id}': row({
      query: () => profileQuery,
      body: bodyOf(patchedProfile),
      handle(call) {
        const profile = profiles.of(call.companyId).get(call.id);
        if (!profile) return absent(call.id);
        const { id } = incomingOf(call).identifiers;
        if (id !== call.id) return refusePointer('/data/id', 'The id is not that of the path.');
        return write(call, profile, 200);
      },
    }),
  };
}
