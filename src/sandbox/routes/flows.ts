import type { FilterRules } from '../query/filter.js';
import { flowFields, tagFields } from '../resources/field-names.js';
import { renderFlow, renderFlowActions } from '../resources/flow.js';
import type { Rendering } from '../resources/resource.js';
import { type Flow, triggerTypes } from '../store/flows.js';
import { answerOne, answerPage, notFound, renderingOf } from './answers.js';
import { type Call, type Rows, row, type World } from './row.js';

export type FlowEndpoint = 'GET api/flows' | 'GET api/flows/{id}';

const definitionFields = [
  ...['definition', 'definition.actions', 'definition.entry_action_id'],
  ...['definition.profile_filter', 'definition.profile_filter.condition_groups'],
  ...['definition.reentry_criteria', 'definition.reentry_criteria.duration'],
  ...['definition.reentry_criteria.unit', 'definition.triggers'],
];
const actionFields = ['created', 'definition', 'definition.*', 'id', 'updated'];

const taken = {
  fields: { 'flow-action': actionFields, flow: flowFields, tag: tagFields },
  include: ['flow-actions', 'tags'],
};

const moment = {
  type: 'datetime',
  operators: ['equals', 'greater-or-equal', 'greater-than', 'less-or-equal', 'less-than'],
} as const;

const filters: FilterRules<Flow> = {
  id: { type: 'string', operators: ['any'], read: ({ id }) => id },
  name: {
    type: 'string',
    operators: ['contains', 'ends-with', 'equals', 'starts-with'],
    read: ({ name }) => name,
  },
  status: { type: 'string', operators: ['equals'], read: ({ status }) => status },
  archived: { type: 'boolean', operators: ['equals'], read: ({ archived }) => archived },
  created: { ...moment, read: ({ createdAt }) => createdAt },
  updated: { ...moment, read: ({ updatedAt }) => updatedAt },
  trigger_type: {
    type: 'string',
    operators: ['equals'],
    values: triggerTypes,
    read: ({ triggerType }) => triggerType,
  },
};

/** Flows, as they were given to the sandbox. */
export function flowRoutes({ ledger }: World): Rows<FlowEndpoint> {
  const { flows } = ledger;
  const includedWith = ({ query }: Call<Flow>, flow: Flow, rendering: Rendering) =>
    query.include.includes('flow-actions') ? renderFlowActions(flow, rendering) : [];

  return {
    'GET api/flows': row<Flow>({
      query: () => ({
        ...taken,
        filter: filters,
        sort: ['created', 'id', 'name', 'status', 'trigger_type', 'updated'],
        page: { size: 50, maxSize: 50 },
      }),
      handle: (call) =>
        answerPage(
          call,
          flows.of(call.companyId).ordered(call.query.sort?.by ?? 'created'),
          (flow, rendering) => renderFlow(flow, rendering, call.query.include),
          (flow, rendering) => includedWith(call, flow, rendering),
        ),
    }),
    'GET api/flows/{id}': row<Flow>({
      query: () => ({
        ...taken,
        fields: { ...taken.fields, flow: [...flowFields, ...definitionFields] },
        additional: { flow: ['definition'] },
      }),
      handle(call) {
        const flow = flows.of(call.companyId).get(call.id);
        if (!flow) return notFound(`A flow with id ${call.id} does not exist.`);
        const rendering = renderingOf(call);
        const included = includedWith(call, flow, rendering);
        return answerOne(call, 200, renderFlow(flow, rendering, call.query.include), included);
      },
    }),
  };
}
