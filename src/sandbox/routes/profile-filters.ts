import type { FilterRules } from '../query/filter.js';
import type { Profile, Profiles } from '../store/profiles.js';

const lower = (text: string) => text.toLowerCase();

/** What profiles can be filtered on, identifiers found at once. */
export function profileFilters(profiles: Profiles, companyId: string): FilterRules<Profile> {
  const owner = (name: Parameters<Profiles['ownerOf']>[1]) => (value: string) => {
    const found = profiles.ownerOf(companyId, name, value);
    return found ? [found] : [];
  };
  const identifier = { type: 'string', operators: ['any', 'equals'], lists: true } as const;
  const moment = { type: 'datetime', operators: ['greater-than', 'less-than'] } as const;
  const anyMoment = {
    type: 'datetime',
    operators: ['greater-or-equal', 'greater-than', 'less-or-equal', 'less-than'],
  } as const;
  const text = { type: 'string', operators: ['equals'] } as const;
  const marketing = 'subscriptions.email.marketing';
  return {
    id: { ...identifier, read: ({ id }) => id, find: owner('id') },
    email: { ...identifier, normalize: lower, read: (p) => p.email, find: owner('email') },
    phone_number: { ...identifier, read: (p) => p.phoneNumber, find: owner('phoneNumber') },
    external_id: { ...identifier, read: (p) => p.externalId, find: owner('externalId') },
    _kx: { ...text, read: ({ exchangeIds }) => exchangeIds, find: owner('exchangeId') },
    created: { ...moment, read: ({ createdAt }) => createdAt },
    updated: { ...moment, read: ({ updatedAt }) => updatedAt },
    [`${marketing}.list_suppressions.reason`]: {
      ...text,
      read: (p) => p.listSuppressions.map(({ reason }) => reason),
    },
    [`${marketing}.list_suppressions.timestamp`]: {
      ...anyMoment,
      read: (p) => p.listSuppressions.map(({ at }) => at),
    },
    [`${marketing}.list_suppressions.list_id`]: {
      ...text,
      read: (p) => p.listSuppressions.map(({ listId }) => listId),
    },
    [`${marketing}.suppression.reason`]: {
      ...text,
      read: (p) => p.suppressions.map(({ reason }) => reason),
    },
    [`${marketing}.suppression.timestamp`]: {
      ...anyMoment,
      read: (p) => p.suppressions.map(({ at }) => at),
    },
  };
}
