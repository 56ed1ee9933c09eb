import { type Collection, createCollection, type Kept, perAccount } from './collection.js';
import { shortId } from './short-id.js';

/** What can set a flow off. */
export const triggerTypes = [
  ...(['Added to List', 'Date Based', 'Low Inventory', 'Metric', 'Price Drop'] as const),
  'Unconfigured' as const,
];

/** How a message did, by Klaviyo's names for it. */
export type Statistics = Record<string, number>;

export interface FlowMessage {
  id: string;
  name: string;
  channel: string;
  /** How it did, and when (epoch ms): a flow goes on sending. */
  results: readonly { at: number; statistics: Statistics }[];
}

export interface Flow extends Kept {
  name: string;
  status: string;
  archived: boolean;
  triggerType: string;
  /** As Klaviyo writes it: `triggers`, `actions` and so on. */
  definition: Record<string, unknown> | null;
  createdAt: number;
  updatedAt: number;
  messages: readonly FlowMessage[];
}

const listIn = (definition: Flow['definition'], name: string): Record<string, unknown>[] =>
  Array.isArray(definition?.[name]) ? definition[name] : [];

/** The actions of a flow that have an id. */
export const actionsOf = ({ definition }: Flow) =>
  listIn(definition, 'actions').filter(({ id }) => typeof id === 'string');

/** The flows of all companies. */
export function createFlows() {
  const accounts = perAccount<Collection<Flow>>(() =>
    createCollection({
      id: ({ id }) => id,
      name: ({ name }) => name,
      status: ({ status }) => status,
      trigger_type: ({ triggerType }) => triggerType,
      created: ({ createdAt }) => createdAt,
      updated: ({ updatedAt }) => updatedAt,
    }),
  );
  let created = 0;

  return {
    of: (companyId: string): Collection<Flow> => accounts.of(companyId),
    create(companyId: string, { id, ...given }: Omit<Flow, 'id' | 'seq'> & { id?: string }): Flow {
      created += 1;
      const flow = { ...given, id: id ?? shortId('F', created), seq: created };
      accounts.of(companyId).add(flow);
      return flow;
    },
    /** The flows that a metric, list or segment triggers. */
    triggeredBy: (companyId: string, type: string, id: string): Flow[] =>
      [...accounts.of(companyId).values()].filter(({ definition }) =>
        listIn(definition, 'triggers').some(
          (trigger) => trigger.type === type && trigger.id === id,
        ),
      ),
    clear() {
      accounts.clear();
      created = 0;
    },
  };
}
