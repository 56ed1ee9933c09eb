import type { CallEndpoint, CallOptions } from './call.js';
import { ENDPOINTS } from './endpoints.js';
import { needFields } from './input-error.js';
import { isNotThere } from './klaviyo-error.js';
import { type Walk, walk } from './pages.js';
import {
  type Performance,
  type PerformanceOptions,
  report,
  type Statistic,
} from './performance.js';
import { type ListOptions, listQuery } from './query.js';
import { FLOWS } from './query-rules.js';
import { type Document, oneOf, type Resource, readResource } from './wire.js';

export type FlowField = keyof typeof FLOWS.fields;

/** Mails and messages that something sets off. */
export interface Flow {
  id: string;
  name: string;
  /** Such as `draft`, `manual` or `live`. */
  status: string;
  isArchived: boolean;
  /** What sets it off. */
  triggerType?: (typeof FLOWS.filter.triggerType.values)[number];
  /** Epoch ms. */
  createdAt?: number;
  updatedAt?: number;
}

export interface FlowPerformanceOptions<S extends Statistic> extends PerformanceOptions<S> {
  /** Up to 100. Default: all. */
  flowIds?: readonly string[];
}

export interface FlowPerformance<S extends Statistic> extends Performance<S> {
  flowId: string;
}

export interface Flows {
  /**
   * Walks the flows, 50 with one request.
   *
   * @klaviyo GET /api/flows (2026-07-15) · flows:read · 3/s, 60/min
   */
  list<Field extends FlowField = FlowField>(
    options?: ListOptions<typeof FLOWS> & { fields?: readonly Field[] },
  ): Walk<Pick<Flow, Field | 'id'>>;
  /**
   * One flow; undefined when there is none.
   *
   * @klaviyo GET /api/flows/{id} (2026-07-15) · flows:read · 3/s, 60/min
   */
  get(id: string, options?: CallOptions): Promise<Flow | undefined>;
  /**
   * What flows have achieved: a row for each message. Ask for all of them at once: two requests a minute and 225 a day
   * are all there is.
   *
   * @klaviyo POST /api/flow-values-reports (2026-07-15) · flows:read · 1/s, 2/min, 225/day
   */
  performance<const S extends Statistic>(
    options: FlowPerformanceOptions<S>,
  ): Promise<FlowPerformance<S>[]>;
}

const readFlow = (resource: Resource): Flow => readResource(resource, FLOWS.fields);

export const createFlows = (call: CallEndpoint): Flows => ({
  list: ({ fields = [], cursor, signal, ...options } = {}) =>
    walk({
      ...{ call, cursor, signal, read: readFlow },
      endpoint: ENDPOINTS.getFlows,
      query: listQuery(FLOWS, options, { fields }),
    }),
  async get(id, { signal } = {}) {
    try {
      return readFlow(oneOf((await call<Document>(ENDPOINTS.getFlow, { id, signal })).body));
    } catch (error) {
      if (isNotThere(error)) return undefined;
      throw error;
    }
  },
  async performance(wanted) {
    needFields(wanted, 'What a report is asked for');
    const { flowIds: ids, ...options } = wanted;
    const endpoint = ENDPOINTS.reportFlows;
    const rows = await report(
      { call, endpoint, type: 'flow-values-report', of: 'flow_id', ids },
      options,
    );
    return rows.map(({ id: flowId, ...row }) => ({ flowId, ...row }));
  },
});
