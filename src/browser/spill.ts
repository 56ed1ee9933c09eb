/**
 * The synchronous copy in localStorage, one key an event: what IndexedDB has not committed when the page
 * is hidden, or does not take at all. Reclaimed by the next flush of any page.
 */
import type { Env } from './env.js';

export interface Keyed {
  key: string;
}

export const createSpill = ({ local }: Env, prefix: string) => ({
  /** False when at least one could not be kept. */
  write: (records: Keyed[]): boolean =>
    // All are tried: a small one may fit where a large one did not.
    records.filter((record) => !local.write(prefix + record.key, record)).length === 0,
  /** What is not ours, or cut short by a full disk, is given up, alone: it could never be removed by its key. */
  read: (): unknown[] =>
    local.keys(prefix).map((key) => {
      const found = local.read<Keyed>(key);
      return found?.key === key.slice(prefix.length) ? found : local.remove(key);
    }),
  remove: (records: Keyed[]): void => {
    for (const { key } of records) local.remove(prefix + key);
  },
});

export type Spill = ReturnType<typeof createSpill>;
