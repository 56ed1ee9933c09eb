import type { Segment } from '../store/segments.js';
import { type Related, type Rendering, type Resource, renderResource, toIso } from './resource.js';

/** @param related tags and flows, where they are included */
export const renderSegment = (
  segment: Segment,
  rendering: Rendering,
  related: { tags?: Related; 'flow-triggers'?: Related } = {},
): Resource =>
  renderResource(
    {
      type: 'segment',
      id: segment.id,
      attributes: {
        name: segment.name,
        definition: segment.definition,
        created: toIso(segment.createdAt),
        updated: toIso(segment.updatedAt),
        is_active: segment.isActive,
        is_processing: segment.isProcessing,
        is_starred: segment.isStarred,
      },
      additional: { profile_count: () => segment.members.size },
      relationships: {
        profiles: undefined,
        tags: undefined,
        'flow-triggers': undefined,
        ...related,
      },
    },
    rendering,
  );
