import type { CallEndpoint } from './call.js';
import { ENDPOINTS } from './endpoints.js';
import type { MemberOptions, Members } from './lists.js';
import { type Walk, walk } from './pages.js';
import { type MemberField, readProfile } from './profile.js';
import { type ListOptions, listQuery } from './query.js';
import { SEGMENT_MEMBERS, SEGMENTS } from './query-rules.js';
import { type Resource, readResource } from './wire.js';

/** A group of profiles that Klaviyo makes by a definition. */
export interface Segment {
  id: string;
  name: string;
  /** Epoch ms. */
  createdAt?: number;
  updatedAt?: number;
  /** False when Klaviyo has stopped to keep it up to date. */
  isActive?: boolean;
  /** True while who is in it is being found out. */
  isProcessing?: boolean;
  isStarred?: boolean;
}

export type SegmentField = keyof typeof SEGMENTS.fields;

export interface Segments {
  /**
   * Walks the segments, 10 with one request.
   *
   * @klaviyo GET /api/segments (2026-07-15) · segments:read · 75/s, 750/min
   */
  list<Field extends SegmentField = SegmentField>(
    options?: ListOptions<typeof SEGMENTS> & { fields?: readonly Field[] },
  ): Walk<Pick<Segment, Field | 'id'>>;
  /**
   * Walks the profiles of a segment, 100 with one request.
   *
   * @klaviyo GET /api/segments/{id}/profiles (2026-07-15) · profiles:read, segments:read · 75/s, 750/min
   */
  members<Field extends MemberField = MemberField>(
    id: string,
    options?: MemberOptions<typeof SEGMENT_MEMBERS, Field>,
  ): Members<Field>;
}

const readSegment = (resource: Resource): Segment => readResource(resource, SEGMENTS.fields);

export const createSegments = (call: CallEndpoint): Segments => ({
  list: ({ fields = [], cursor, signal, ...options } = {}) =>
    walk({
      ...{ call, cursor, signal, read: readSegment },
      endpoint: ENDPOINTS.getSegments,
      query: listQuery(SEGMENTS, options, { fields }),
    }),
  members: (id, { fields = [], additional = [], cursor, signal, ...options } = {}) =>
    walk({
      ...{ call, id, cursor, signal, read: readProfile },
      endpoint: ENDPOINTS.getSegmentMembers,
      query: listQuery(SEGMENT_MEMBERS, options, { fields, additional }),
    }),
});
