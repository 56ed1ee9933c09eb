import type { List } from '../store/lists.js';
import { type Rendering, type Resource, renderResource, toIso } from './resource.js';

/** @param include what is included with it: there are no tags here, and flows are not triggered by lists */
export const renderList = (
  list: List,
  rendering: Rendering,
  include: readonly string[] = [],
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
        tags: include.includes('tags') ? [] : undefined,
        'flow-triggers': include.includes('flow-triggers') ? [] : undefined,
      },
    },
    rendering,
  );
