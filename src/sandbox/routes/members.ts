// Who is in a list or a segment: both are asked for in the same way.
import type { Answer } from '../api-error.js';
import type { FilterRules } from '../query/filter.js';
import type { QueryRules } from '../query/read-query.js';
import { additionalProfileFields, profileFields, renderProfile } from '../resources/profile.js';
import { toIso } from '../resources/resource.js';
import type { Member, Members } from '../store/members.js';
import type { Profiles } from '../store/profiles.js';
import { answerPage } from './answers.js';
import type { Call } from './row.js';

const several = { type: 'string', operators: ['any', 'equals'], lists: true } as const;

/** @param more filters that only one of the two has */
export function memberFilters(
  profiles: Profiles,
  companyId: string,
  members: Members | undefined,
  more: FilterRules<Member> = {},
): FilterRules<Member> {
  const owned =
    (name: Parameters<Profiles['ownerOf']>[1]) =>
    (value: string): Member[] => {
      const owner = profiles.ownerOf(companyId, name, value);
      const member = owner && members?.members.get(owner.id);
      return member ? [member] : [];
    };
  return {
    email: {
      ...several,
      normalize: (text) => text.toLowerCase(),
      read: ({ profile }) => profile.email,
      find: owned('email'),
    },
    phone_number: {
      ...several,
      read: ({ profile }) => profile.phoneNumber,
      find: owned('phoneNumber'),
    },
    // No push tokens are kept here, so none is anybody's.
    push_token: { ...several, read: () => undefined },
    _kx: {
      type: 'string',
      operators: ['equals'],
      read: ({ profile }) => profile.exchangeIds,
      find: owned('exchangeId'),
    },
    joined_group_at: {
      type: 'datetime',
      operators: ['greater-or-equal', 'greater-than', 'less-or-equal', 'less-than'],
      read: ({ joinedAt }) => joinedAt,
    },
    ...more,
  };
}

export const memberQuery = (filter: FilterRules<Member>): QueryRules<Member> => ({
  fields: { profile: [...profileFields, 'joined_group_at'] },
  additional: { profile: additionalProfileFields },
  filter,
  sort: ['joined_group_at'],
  page: { size: 20, maxSize: 100 },
});

export const answerMembers = (call: Call<Member>, { members }: Members): Answer =>
  answerPage(call, members.ordered('joined_group_at'), ({ profile, joinedAt }, rendering) =>
    renderProfile(profile, rendering, { more: { joined_group_at: toIso(joinedAt) } }),
  );
