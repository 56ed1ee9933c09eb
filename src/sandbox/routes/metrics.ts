import type { FilterRules } from '../query/filter.js';
import { flowFields, metricFields } from '../resources/field-names.js';
import { renderMetric } from '../resources/metric.js';
import type { Related } from '../resources/resource.js';
import type { Metric } from '../store/metrics.js';
import { answerOne, answerPage, notFound, renderingOf } from './answers.js';
import { type Call, type Rows, row, type World } from './row.js';

export type MetricEndpoint = 'GET api/metrics' | 'GET api/metrics/{id}';

const taken = { fields: { flow: flowFields, metric: metricFields }, include: ['flow-triggers'] };

const filters: FilterRules<Metric> = {
  'integration.name': {
    type: 'string',
    operators: ['equals'],
    read: ({ integration }) => integration.name,
  },
  'integration.category': {
    type: 'string',
    operators: ['equals'],
    read: ({ integration }) => integration.category,
  },
};

/** The metrics there are. */
export function metricRoutes({ ledger }: World): Rows<MetricEndpoint> {
  const { metrics } = ledger;
  const triggersOf = ({ query }: Call<Metric>): Related =>
    query.include.includes('flow-triggers') ? [] : undefined;

  return {
    'GET api/metrics': row<Metric>({
      query: () => ({ ...taken, filter: filters, page: { size: 200 } }),
      handle: (call) =>
        answerPage(call, metrics.of(call.companyId).ordered(), (metric, rendering) =>
          renderMetric(metric, rendering, triggersOf(call)),
        ),
    }),
    'GET api/metrics/{id}': row<Metric>({
      query: () => taken,
      handle(call) {
        const metric = metrics.of(call.companyId).get(call.id);
        if (!metric) return notFound(`Metric with id ${call.id} does not exist.`);
        return answerOne(call, 200, renderMetric(metric, renderingOf(call), triggersOf(call)));
      },
    }),
  };
}
