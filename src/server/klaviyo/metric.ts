/** A metric as Klaviyo keeps it. */
import { METRICS } from './query-rules.js';
import { present, type Resource, readResource } from './wire.js';

export interface Metric {
  id: string;
  name: string;
  /** Epoch ms. */
  createdAt?: number;
  updatedAt?: number;
  /** Where its events come from: your API calls, or an app such as Shopify. Names can be there twice. */
  integration?: { id?: string; name?: string; category?: string };
}

export type MetricField = keyof typeof METRICS.fields;

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

export function readMetric(resource: Resource): Metric {
  const { integration, ...metric } = readResource<
    Metric & { integration?: Record<string, unknown> }
  >(resource, METRICS.fields);
  if (!integration) return metric;
  const { id, name, category } = integration;
  // Klaviyo writes a category as text, or as an object with a name.
  const kind = textOf(category) ?? textOf((category as { name?: unknown } | undefined)?.name);
  return {
    ...metric,
    integration: present({ id: textOf(id), name: textOf(name), category: kind }),
  };
}
