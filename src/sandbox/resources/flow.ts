import { actionsOf, type Flow } from '../store/flows.js';
import { type Related, type Rendering, type Resource, renderResource, toIso } from './resource.js';

const relatedActions = (flow: Flow): Related =>
  actionsOf(flow).map(({ id }) => ({ type: 'flow-action', id: String(id) }));

/** @param include what is included with it */
export const renderFlow = (
  flow: Flow,
  rendering: Rendering,
  include: readonly string[] = [],
): Resource =>
  renderResource(
    {
      type: 'flow',
      id: flow.id,
      attributes: {
        name: flow.name,
        status: flow.status,
        archived: flow.archived,
        created: toIso(flow.createdAt),
        updated: toIso(flow.updatedAt),
        trigger_type: flow.triggerType,
      },
      additional: { definition: () => flow.definition },
      relationships: {
        'flow-actions': include.includes('flow-actions') ? relatedActions(flow) : undefined,
        tags: include.includes('tags') ? [] : undefined,
      },
    },
    rendering,
  );

export const renderFlowActions = (flow: Flow, rendering: Rendering): Resource[] =>
  actionsOf(flow).map((definition) =>
    renderResource(
      {
        type: 'flow-action',
        id: String(definition.id),
        attributes: {
          created: toIso(flow.createdAt),
          updated: toIso(flow.updatedAt),
          definition,
        },
        relationships: { flow: { type: 'flow', id: flow.id }, 'flow-messages': undefined },
      },
      rendering,
    ),
  );
