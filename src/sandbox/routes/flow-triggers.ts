import { renderFlow } from '../resources/flow.js';
import type { Related, Rendering, Resource } from '../resources/resource.js';
import type { Flow } from '../store/flows.js';
import type { Ledger } from '../store/ledger.js';
import type { Call } from './row.js';

type Asked = Pick<Call<unknown>, 'companyId' | 'query'>;

/** What metrics, lists and segments show of the flows they trigger, and of their tags: there are none. */
export function createFlowTriggers({ flows }: Ledger, type: 'metric' | 'list' | 'segment') {
  const flowsOf = ({ companyId, query }: Asked, id: string): Flow[] =>
    query.include.includes('flow-triggers') ? flows.triggeredBy(companyId, type, id) : [];

  return {
    /** Their relationships, where they are included. */
    related(asked: Asked, id: string): { tags?: Related; 'flow-triggers'?: Related } {
      const { include } = asked.query;
      return {
        ...(include.includes('tags') && { tags: [] }),
        ...(include.includes('flow-triggers') && {
          'flow-triggers': flowsOf(asked, id).map((flow) => ({ type: 'flow', id: flow.id })),
        }),
      };
    },
    included: (asked: Asked, id: string, rendering: Rendering): Resource[] =>
      flowsOf(asked, id).map((flow) => renderFlow(flow, rendering)),
  };
}
