import { type Collection, createCollection, type Kept, perAccount } from './collection.js';
import { createMembers, type Members } from './members.js';
import type { Profile } from './profiles.js';
import { shortId } from './short-id.js';

export interface Segment extends Kept, Members {
  name: string;
  /** As Klaviyo writes it. The sandbox does not evaluate it: members are given. */
  definition: Record<string, unknown>;
  isActive: boolean;
  isProcessing: boolean;
  isStarred: boolean;
  createdAt: number;
  updatedAt: number;
}

/** What a segment is made with; who is in it is told afterwards. */
export type NewSegment = Omit<Segment, 'id' | 'seq' | keyof Members> & { id?: string };

/** The segments of all companies, and who is in them. */
export function createSegments() {
  const accounts = perAccount<Collection<Segment>>(() =>
    createCollection({
      id: ({ id }) => id,
      name: ({ name }) => name,
      created: ({ createdAt }) => createdAt,
      updated: ({ updatedAt }) => updatedAt,
    }),
  );
  let created = 0;

  return {
    of: (companyId: string): Collection<Segment> => accounts.of(companyId),
    create(companyId: string, { id, ...given }: NewSegment): Segment {
      created += 1;
      const segment = {
        ...given,
        ...createMembers(),
        id: id ?? shortId('S', created),
        seq: created,
      };
      accounts.of(companyId).add(segment);
      return segment;
    },
    /** The segments somebody is in. */
    withMember: (companyId: string, profileId: string): Segment[] =>
      [...accounts.of(companyId).values()].filter(({ members }) => members.get(profileId)),
    replaceMember(from: Profile, into: Profile): void {
      for (const segment of accounts.of(into.companyId).values()) segment.replace(from, into);
    },
    clear() {
      accounts.clear();
      created = 0;
    },
  };
}
