import type { List } from '../store/lists.js';
import { type Related, type Rendering, type Resource, renderResource, toIso } from './resource.js';

/** @param related tags and flows, where they are included */
export const renderList = (
  list: List,
  rendering: Rendering,
  related: { tags?: Related; 'flow-triggers'?: Related } = {},
): Resource =>
  renderResource(
    {
      type: 'list',
      id: list.id,
      attributes: {
        name: list.name,
        created: toIso(list.createdAt),
        updated: toIso(list.updatedAt),
        opt_in_process: list.optInProcess,
      },
      additional: { profile_count: () => list.members.size },
      relationships: {
        profiles: undefined,
        tags: undefined,
        'flow-triggers': undefined,
        ...related,
      },
    },
    rendering,
  );
