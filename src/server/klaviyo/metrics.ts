import type { CallEndpoint } from './call.js';
import { ENDPOINTS } from './endpoints.js';
import { type Metric, type MetricField, readMetric } from './metric.js';
import { type Walk, walk } from './pages.js';
import { type ListOptions, listQuery } from './query.js';
import { METRICS } from './query-rules.js';

export interface Metrics {
  /**
   * Walks the account's metrics. There may be two of one name, of different integrations: events of this library are
   * the API's.
   *
   * @klaviyo GET /api/metrics (2026-07-15) · metrics:read · 10/s, 150/min
   */
  list<Field extends MetricField = MetricField>(
    options?: ListOptions<typeof METRICS> & { fields?: readonly Field[] },
  ): Walk<Pick<Metric, Field | 'id'>>;
}

export const createMetricList = (call: CallEndpoint): Metrics => ({
  list: ({ fields = [], cursor, signal, ...options } = {}) =>
    walk({
      ...{ call, cursor, signal, read: readMetric },
      endpoint: ENDPOINTS.getMetrics,
      query: listQuery(METRICS, options, { fields }),
    }),
});
