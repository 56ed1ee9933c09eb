import { type Kept, perAccount } from './collection.js';

/** Why a profile of an import was not written. */
export interface ImportError extends Kept {
  code: string;
  title: string;
  detail: string;
  pointer: string;
  /** The profile, as it was sent. */
  payload: unknown;
}

/** A bulk import, done. */
export interface ImportJob {
  id: string;
  createdAt: number;
  total: number;
  errors: readonly ImportError[];
  listIds: readonly string[];
}

/** The bulk imports of all companies. */
export function createJobs() {
  const accounts = perAccount(() => new Map<string, ImportJob>());
  let created = 0;
  return {
    add(companyId: string, job: Omit<ImportJob, 'id'>): ImportJob {
      created += 1;
      const id = Buffer.from(`${companyId}.import.${created}`).toString('base64url');
      const kept = { ...job, id };
      accounts.of(companyId).set(id, kept);
      return kept;
    },
    get: (companyId: string, id: string) => accounts.of(companyId).get(id),
    clear() {
      accounts.clear();
      created = 0;
    },
  };
}
