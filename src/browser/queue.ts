/**
 * The durable queue: one IndexedDB record an event. It never rejects: what IndexedDB does not take is
 * handed to `fallback` and stays there until the next reclaim.
 */
import { promisifyRequest, type UseStore } from 'idb-keyval';
import { STORE_RETRY_MS, STORE_TIMEOUT_MS, WRITE_MAX } from '../shared/limits.js';
import type { Env } from './env.js';
import type { QueuedEvent } from './queued-event.js';

export const createQueue = (
  env: Env,
  name: string,
  fallback: (records: QueuedEvent[]) => boolean,
  /** False once the visitor has refused: what another tab spills before it hears of that is not taken in. */
  mayStore = () => true,
) => {
  let store: UseStore | undefined;
  let kind: 'indexeddb' | 'localstorage' | 'memory' | undefined;
  let isSlow = false;
  /** It has been opened: whatever becomes of a write, its records may be in there. */
  let isOpened = false;
  /** A write under way when everything is wiped stores nothing more. */
  let wipes = 0;
  let wiping: Promise<void> | undefined;

  const use = async <T>(action: (store: UseStore) => Promise<T>, isAgain?: boolean): Promise<T> => {
    let isOver = false;
    try {
      store ??= env.openStore(name);
      const result = await new Promise<T>((resolve, reject) => {
        // What is given up here is still queued in the database, in order: once it answers again, a removal
        // comes after the write that it undoes.
        const cancel = env.after(isSlow ? STORE_RETRY_MS : STORE_TIMEOUT_MS, () => {
          isSlow = isOver = true;
          reject();
        });
        // Async, because it throws where a database was taken away under us.
        (async () => action(store!))().finally(cancel).then(resolve, reject);
      });
      isSlow = false;
      return result;
    } catch (error) {
      if (isOver || isAgain) throw error;
      // "Connection lost": browsers close it behind our back, so every failure is tried once on a fresh one.
      store = undefined;
      return use(action, true);
    }
  };

  /**
   * All or nothing, because of half a frozen batch the other half could only go out one by one; in slices,
   * each a task of its own on the main thread. False when it failed.
   */
  const write = async <T>(
    items: T[],
    change: (objects: IDBObjectStore, item: T) => IDBRequest,
  ): Promise<boolean> => {
    const before = wipes;
    try {
      await use((target) =>
        target('readwrite', async (objects) => {
          isOpened = true;
          for (let at = 0; at < items.length && wipes === before; at += WRITE_MAX) {
            const requests = items.slice(at, at + WRITE_MAX).map((item) => change(objects, item));
            // While a request answers, its transaction takes more.
            await promisifyRequest(requests.pop()!);
          }
          return promisifyRequest(objects.transaction);
        }),
      );
      return true;
    } catch {
      return false;
    }
  };

  return {
    /**
     * Resolves once the records are durable, true when that is in IndexedDB.
     * @param isLeft once another page may have taken them on, from the fallback, they are not written any more
     * @param isSpilled whether that is where they are
     */
    put: async (
      records: QueuedEvent[],
      isLeft: () => boolean,
      isSpilled = isLeft,
    ): Promise<boolean> => {
      const before = wipes;
      // A wipe that still asks whether there is a database comes first.
      await wiping;
      if (!mayStore() || wipes !== before) return true;
      const isStored = await write(records, (objects, record) => {
        if (isLeft()) throw Error();
        return objects.put(record, record.key);
      });
      // Refused meanwhile: nothing may be stored any more.
      if (wipes !== before) return true;
      kind = isStored ? 'indexeddb' : isSpilled() || fallback(records) ? 'localstorage' : 'memory';
      return isStored;
    },
    /** Keys and values of everything stored, ours or not. */
    all: (): Promise<[IDBValidKey[], unknown[]]> =>
      use((target) =>
        target('readonly', (objects) =>
          Promise.all([
            promisifyRequest(objects.getAllKeys()),
            promisifyRequest<unknown[]>(objects.getAll()),
          ]),
        ),
      ).then(
        (found) => {
          isOpened = true;
          kind ??= 'indexeddb';
          return found;
        },
        () => [[], []],
      ),
    /** What cannot be removed is sent again, under the same unique id. */
    remove: (keys: IDBValidKey[]): Promise<unknown> =>
      write(keys, (objects, key) => objects.delete(key)),
    clear: (): Promise<void> => {
      wipes++;
      wiping = (async () => {
        // One after the other: whoever waits for the last of them has waited for all.
        await wiping;
        // Opening would create the database, and without consent nothing is stored.
        if (store || (await env.mayExist(name))) await write([name], (objects) => objects.clear());
        // No IndexedDB: nothing to wipe.
      })().catch(() => undefined);
      return wiping;
    },
    /** Where events are stored. Until one has been, nothing is known to be storable. */
    kind: () => kind ?? 'memory',
    /** It is there, and does not answer. */
    isSlow: () => isSlow,
    /** Whether it may hold something: what is not removed from it then comes back. */
    mayHold: () => isOpened || isSlow,
  };
};

export type Queue = ReturnType<typeof createQueue>;
