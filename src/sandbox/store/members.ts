import { type Collection, createCollection, type Kept } from './collection.js';
import type { Profile } from './profiles.js';

/** A profile as a member of a list or segment, found by the profile's id. */
export interface Member extends Kept {
  profile: Profile;
  joinedAt: number;
}

/** Who is in a list or segment. */
export function createMembers() {
  const members: Collection<Member> = createCollection({
    joined_group_at: ({ joinedAt }) => joinedAt,
  });
  let lastSeq = 0;

  return {
    members,
    /** Does nothing for who is in already. */
    join(profile: Profile, at: number): void {
      if (members.get(profile.id)) return;
      lastSeq += 1;
      members.add({ id: profile.id, seq: lastSeq, profile, joinedAt: at });
    },
    leave(profileId: string): void {
      const member = members.get(profileId);
      if (member) members.remove(member);
    },
    /** One profile has become another, which takes its place. */
    replace(from: Profile, into: Profile): void {
      const member = members.get(from.id);
      if (!member) return;
      members.remove(member);
      if (members.get(into.id)) return;
      lastSeq += 1;
      members.add({ id: into.id, seq: lastSeq, profile: into, joinedAt: member.joinedAt });
    },
  };
}

export type Members = ReturnType<typeof createMembers>;
