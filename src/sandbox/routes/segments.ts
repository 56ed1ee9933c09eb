import type { Answer } from '../api-error.js';
import type { FilterRules } from '../query/filter.js';
import { flowFields, segmentFields, tagFields } from '../resources/field-names.js';
import { renderSegment } from '../resources/segment.js';
import type { Member } from '../store/members.js';
import type { Segment } from '../store/segments.js';
import { answerOne, answerPage, notFound, renderingOf } from './answers.js';
import { createFlowTriggers } from './flow-triggers.js';
import { groupFilters } from './lists.js';
import { answerMembers, memberFilters, memberQuery } from './members.js';
import { type Call, type Place, type Rows, row, type World } from './row.js';

export type SegmentEndpoint =
  | 'GET api/segments'
  | 'GET api/segments/{id}'
  | 'GET api/segments/{id}/profiles';

const taken = {
  fields: { flow: flowFields, segment: segmentFields, tag: tagFields },
  include: ['flow-triggers', 'tags'],
};

const filters: FilterRules<Segment> = {
  ...groupFilters<Segment>(),
  is_active: {
    type: 'boolean',
    operators: ['any', 'equals'],
    lists: true,
    read: ({ isActive }) => isActive,
  },
  is_starred: { type: 'boolean', operators: ['equals'], read: ({ isStarred }) => isStarred },
};

/** Segments and who is in them, as they were given to the sandbox. */
export function segmentRoutes({ ledger }: World): Rows<SegmentEndpoint> {
  const { segments, profiles } = ledger;
  const segmentOf = ({ companyId, id }: Place) => segments.of(companyId).get(id);

  const triggers = createFlowTriggers(ledger, 'segment');

  /** Answers 404 where there is no such segment. */
  const withSegment =
    <T>(handle: (call: Call<T>, segment: Segment) => Answer) =>
    (call: Call<T>): Answer => {
      const segment = segmentOf(call);
      if (segment) return handle(call, segment);
      return notFound(`A segment with id \`${call.id}\` does not exist.`);
    };

  return {
    'GET api/segments': row<Segment>({
      query: () => ({
        ...taken,
        filter: filters,
        sort: ['created', 'id', 'name', 'updated'],
        page: { size: 10, maxSize: 10 },
      }),
      handle: (call) =>
        answerPage(
          call,
          segments.of(call.companyId).ordered(call.query.sort?.by ?? 'id'),
          (segment, rendering) =>
            renderSegment(segment, rendering, triggers.related(call, segment.id)),
          ({ id }, rendering) => triggers.included(call, id, rendering),
        ),
    }),
    'GET api/segments/{id}': row<Segment>({
      query: () => ({
        ...taken,
        fields: { ...taken.fields, segment: [...segmentFields, 'profile_count'] },
        additional: { segment: ['profile_count'] },
      }),
      limit: ({ additional }) =>
        additional.get('segment')?.includes('profile_count')
          ? { reason: 'profile_count', limit: { burst: 1, steady: 15 } }
          : undefined,
      handle: withSegment((call, segment) => {
        const rendering = renderingOf(call);
        const resource = renderSegment(segment, rendering, triggers.related(call, segment.id));
        return answerOne(call, 200, resource, triggers.included(call, segment.id, rendering));
      }),
    }),
    'GET api/segments/{id}/profiles': row<Member>({
      query: (place) => {
        const segment = segmentOf(place);
        const profileId: FilterRules<Member> = {
          profile_id: {
            type: 'string',
            operators: ['any', 'equals'],
            lists: true,
            read: ({ id }) => id,
            find: (id) => {
              const member = segment?.members.get(id);
              return member ? [member] : [];
            },
          },
        };
        return memberQuery(memberFilters(profiles, place.companyId, segment, profileId));
      },
      handle: withSegment(answerMembers),
    }),
  };
}
