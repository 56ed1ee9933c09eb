import { type Collection, createCollection, type Kept, perAccount } from './collection.js';
import { createMembers, type Members } from './members.js';
import type { Profile } from './profiles.js';
import { shortId } from './short-id.js';

export type OptInProcess = 'double_opt_in' | 'single_opt_in';

export interface List extends Kept, Members {
  name: string;
  optInProcess: OptInProcess;
  createdAt: number;
  updatedAt: number;
}

/** The lists of all companies, and who is in them. */
export function createLists() {
  const accounts = perAccount<Collection<List>>(() =>
    createCollection({
      id: ({ id }) => id,
      name: ({ name }) => name,
      created: ({ createdAt }) => createdAt,
      updated: ({ updatedAt }) => updatedAt,
    }),
  );
  let created = 0;

  return {
    of: (companyId: string): Collection<List> => accounts.of(companyId),
    create(
      companyId: string,
      { id, name, optInProcess }: { id?: string; name: string; optInProcess: OptInProcess },
      at: number,
    ): List {
      created += 1;
      const list: List = {
        id: id ?? shortId('L', created),
        seq: created,
        name,
        optInProcess,
        createdAt: at,
        updatedAt: at,
        ...createMembers(),
      };
      accounts.of(companyId).add(list);
      return list;
    },
    /** The lists somebody is in. */
    withMember: (companyId: string, profileId: string): List[] =>
      [...accounts.of(companyId).values()].filter(({ members }) => members.get(profileId)),
    replaceMember(from: Profile, into: Profile): void {
      for (const list of accounts.of(into.companyId).values()) list.replace(from, into);
    },
    clear() {
      accounts.clear();
      created = 0;
    },
  };
}
