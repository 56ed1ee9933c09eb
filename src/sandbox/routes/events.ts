import type { FilterRules } from '../query/filter.js';
import { eventFields, renderEvent } from '../resources/event.js';
import { attributionFields, metricFields } from '../resources/field-names.js';
import { renderMetric } from '../resources/metric.js';
import { includedProfileFields, renderProfile } from '../resources/profile.js';
import type { Rendering, Resource } from '../resources/resource.js';
import type { StoredEvent } from '../store/events.js';
import { answerOne, answerPage, notFound, refusePointer, renderingOf } from './answers.js';
import { type Call, type Place, type Rows, row, type World } from './row.js';

export type EventEndpoint = 'GET api/events' | 'GET api/events/{id}';

const taken = {
  fields: {
    attribution: attributionFields,
    event: eventFields,
    metric: metricFields,
    profile: includedProfileFields,
  },
  include: ['attributions', 'metric', 'profile'],
};

const moments = ['greater-or-equal', 'greater-than', 'less-or-equal', 'less-than'];

/** Recorded events, with whom and what they belong to. */
export function eventRoutes({ ledger }: World): Rows<EventEndpoint> {
  const { events, metrics, profiles } = ledger;

  const filters = ({ companyId }: Place): FilterRules<StoredEvent> => ({
    metric_id: {
      type: 'string',
      operators: ['equals'],
      lists: true,
      read: ({ metricId }) => metricId,
    },
    profile_id: {
      type: 'string',
      operators: ['equals'],
      read: ({ record }) => record.profileId,
      find: (id) => events.ofProfile(companyId, id),
    },
    profile: { type: 'string', operators: ['has'], read: ({ record }) => record.profileId },
    metric: { type: 'string', operators: ['has'], read: ({ metricId }) => metricId },
    datetime: { type: 'datetime', operators: moments, read: ({ happenedAt }) => happenedAt },
    timestamp: { type: 'number', operators: moments, read: ({ happenedAt }) => happenedAt / 1000 },
  });

  /** What an event's answer includes of the event's surroundings. */
  function includedWith(
    { companyId, query }: Call<StoredEvent>,
    { record, metricId }: StoredEvent,
    rendering: Rendering,
  ): Resource[] {
    const profile = profiles.of(companyId).get(record.profileId);
    const metric = metrics.of(companyId).get(metricId);
    return [
      ...(metric && query.include.includes('metric') ? [renderMetric(metric, rendering)] : []),
      ...(profile && query.include.includes('profile') ? [renderProfile(profile, rendering)] : []),
    ];
  }

  return {
    'GET api/events': row<StoredEvent>({
      query: (place) => ({
        ...taken,
        filter: filters(place),
        sort: ['datetime', 'timestamp'],
        page: { size: 200, maxSize: 1000 },
      }),
      handle: (call) =>
        answerPage(
          call,
          events.of(call.companyId).ordered(call.query.sort?.by ?? 'datetime'),
          (event, rendering) => renderEvent(event, rendering, call.query.include),
          (event, rendering) => includedWith(call, event, rendering),
        ),
    }),
    'GET api/events/{id}': row<StoredEvent>({
      query: () => taken,
      handle(call) {
        const event = events.of(call.companyId).get(call.id);
        if (!event) {
          // Klaviyo tells an id that cannot be one from one that is nobody's.
          return /^event-\d+$/.test(call.id)
            ? notFound(`An event with id ${call.id} does not exist.`)
            : refusePointer('/data/id', `Invalid Event ID: '${call.id}'`);
        }
        const rendering = renderingOf(call);
        const included = includedWith(call, event, rendering);
        return answerOne(call, 200, renderEvent(event, rendering, call.query.include), included);
      },
    }),
  };
}
