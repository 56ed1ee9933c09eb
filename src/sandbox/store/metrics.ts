import { type Collection, createCollection, type Kept, perAccount } from './collection.js';
import { shortId } from './short-id.js';

/** Where a metric's events come from: `api` for those that are sent, `klaviyo` for Klaviyo's own. */
export interface Integration {
  key: string;
  name: string;
  category: string;
}

export interface Metric extends Kept {
  name: string;
  integration: Integration;
  createdAt: number;
  updatedAt: number;
}

const api: Integration = { key: 'api', name: 'API', category: 'API' };

/** The metrics of all companies. One is made by the first event of its name, as in Klaviyo. */
export function createMetrics() {
  const accounts = perAccount(() => ({
    metrics: createCollection<Metric>({ id: ({ id }) => id }) as Collection<Metric>,
    byName: new Map<string, Metric>(),
  }));
  let created = 0;

  function create(
    companyId: string,
    { id, name, integration = api }: { id?: string; name: string; integration?: Integration },
    at: number,
  ): Metric {
    created += 1;
    const metric: Metric = {
      id: id ?? shortId('M', created),
      seq: created,
      name,
      integration,
      createdAt: at,
      updatedAt: at,
    };
    const { metrics, byName } = accounts.of(companyId);
    metrics.add(metric);
    if (integration.key === api.key) byName.set(name, metric);
    return metric;
  }

  return {
    create,
    of: (companyId: string): Collection<Metric> => accounts.of(companyId).metrics,
    /** The metric that events of this name belong to. */
    named: (companyId: string, name: string, at: number): Metric =>
      accounts.of(companyId).byName.get(name) ?? create(companyId, { name }, at),
    clear() {
      accounts.clear();
      created = 0;
    },
  };
}
