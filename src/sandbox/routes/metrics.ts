import type { FilterRules } from '../query/filter.js';
import { flowFields, metricFields } from '../resources/field-names.js';
import { renderMetric } from '../resources/metric.js';
import type { Metric } from '../store/metrics.js';
import { answerOne, answerPage, notFound, renderingOf } from './answers.js';
import { createFlowTriggers } from './flow-triggers.js';
import { type Rows, row, type World } from './row.js';

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

/** The metrics there are, and the flows they trigger. */
export function metricRoutes({ ledger }: World): Rows<MetricEndpoint> {
  const { metrics } = ledger;
  const triggers = createFlowTriggers(ledger, 'metric');

  return {
    'GET api/metrics': row<Metric>({
      query: () => ({ ...taken, filter: filters, page: { size: 200 } }),
      handle: (call) =>
        answerPage(
          call,
          metrics.of(call.companyId).ordered(),
          (metric, rendering) => renderMetric(metric, rendering, triggers.related(call, metric.id)),
          ({ id }, rendering) => triggers.included(call, id, rendering),
        ),
    }),
    'GET api/metrics/{id}': row<Metric>({
      query: () => taken,
      handle(call) {
        const metric = metrics.of(call.companyId).get(call.id);
        if (!metric) return notFound(`Metric with id ${call.id} does not exist.`);
        const rendering = renderingOf(call);
        const resource = renderMetric(metric, rendering, triggers.related(call, metric.id));
        return answerOne(call, 200, resource, triggers.included(call, metric.id, rendering));
      },
    }),
  };
}
