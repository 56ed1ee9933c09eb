import { perAccount } from './collection.js';

/** A bulk import, done. */
export interface ImportJob {
  id: string;
  createdAt: number;
  total: number;
  failed: number;
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
