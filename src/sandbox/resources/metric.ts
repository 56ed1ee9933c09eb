import type { Metric } from '../store/metrics.js';
import { type Related, type Rendering, type Resource, renderResource, toIso } from './resource.js';

/** @param related the flows it triggers, where they are included */
export const renderMetric = (
  metric: Metric,
  rendering: Rendering,
  related: { 'flow-triggers'?: Related } = {},
): Resource =>
  renderResource(
    {
      type: 'metric',
      id: metric.id,
      attributes: {
        name: metric.name,
        created: toIso(metric.createdAt),
        updated: toIso(metric.updatedAt),
        integration: {
          object: 'integration',
          id: `int-${metric.integration.key}`,
          ...metric.integration,
        },
      },
      relationships: { 'flow-triggers': undefined, ...related },
    },
    rendering,
  );
