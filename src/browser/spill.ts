/**
 * The synchronous copy in localStorage, one key an event: what IndexedDB has not committed when the page
 * is hidden, or does not take at all. Reclaimed by the next flush of any page.
 */
import type { Env } from './env.js';

interface Keyed {
  key: string;
}

export const createSpill = (env: Env, prefix: string) => ({
  clear: (): void => {
    for (const key of env.local.keys()) if (key.startsWith(prefix)) env.local.remove(key);
  },
  /** False when at least one could not be kept. */
  write: (records: Keyed[]): boolean =>
    records.every((record) => env.local.set(prefix + record.key, JSON.stringify(record))),
  read: (): unknown[] =>
    env.local
      .keys()
      .filter((key) => key.startsWith(prefix))
      .map((key) => {
        try {
          return JSON.parse(env.local.get(key)!);
        } catch {
          // Not ours, or cut short by a full disk: only this record is given up.
          env.local.remove(key);
          return undefined;
        }
      }),
  remove: (keys: string[]): void => {
    for (const key of keys) env.local.remove(prefix + key);
  },
});

export type Spill = ReturnType<typeof createSpill>;
