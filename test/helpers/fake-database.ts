/** One IndexedDB for all tabs of an origin, on fake-indexeddb, with the ways in which it fails. */
import { IDBFactory as FDBFactory } from 'fake-indexeddb';
import type { UseStore } from 'idb-keyval';
import type { Clock } from './manual-clock.js';

/**
 * - `ok`
 * - `missing`: there is no `indexedDB`, or opening is refused.
 * - `blocked`: opening and every transaction hang, and go on when the state is another again.
 * - `slow`: transactions commit, but nobody is told before the state is another again.
 * - `full`: what would write is aborted; reading and deleting work.
 */
export type DatabaseState = 'ok' | 'missing' | 'blocked' | 'slow' | 'full';

/** What becomes of a killed page's transactions that have not committed. */
export type Writes = 'rolled back' | 'kept';

interface Connection {
  db: IDBDatabase;
  transactions: Set<IDBTransaction>;
}

/** A new one each time: one for all would keep everything that has ever waited for it. */
const never = (): Promise<never> => new Promise(() => undefined);
const failure = (name: string): Error => new DOMException(`simulated ${name}`, name);

export const createFakeDatabase = (clock: Clock) => {
  const factory = new FDBFactory();
  let state: DatabaseState = 'ok';
  let unblock: () => void = () => undefined;
  let unblocked = Promise.resolve();
  /** Calls that hang; those of a frozen page do so longer. */
  let hanging = 0;
  const setState = (next: DatabaseState): void => {
    if (['blocked', 'slow'].includes(next) && state !== next) {
      unblock();
      unblocked = new Promise((resolve) => {
        unblock = resolve;
      });
    }
    state = next;
    if (!['blocked', 'slow'].includes(next)) unblock();
  };

  const open = (name: string): Promise<IDBDatabase> =>
    new Promise((resolve, reject) => {
      const request = factory.open(name);
      request.onupgradeneeded = () => request.result.createObjectStore('events');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const abort = (transaction: IDBTransaction): void => {
    try {
      transaction.abort();
    } catch {
      // Already committed.
    }
  };

  /**
   * What one page has open.
   * @param awake resolves while the page is not frozen: nothing of it runs before.
   */
  const createUser = (
    step: (name: string) => boolean,
    awake: () => Promise<void> = () => Promise.resolve(),
  ) => {
    const connections = new Set<Connection>();
    const cut = (writes: Writes = 'rolled back'): void => {
      for (const { db, transactions } of connections) {
        if (writes === 'rolled back') for (const transaction of transactions) abort(transaction);
        // What is under way still ends.
        db.close();
      }
    };
    /** As idb-keyval's createStore: one lazy connection, which goes on failing once it is closed. */
    const openStore = (name: string): UseStore => {
      let opening: Promise<Connection> | undefined;
      return (mode, callback) => {
        if (state === 'missing') throw failure('InvalidStateError');
        if (!step(`database ${mode}`)) return never();
        const work = async () => {
          opening ??= open(name).then((db) => ({ db, transactions: new Set() }));
          const connection = await opening;
          connections.add(connection);
          // The step before it is only the call; this one is the write itself.
          if (!step(`transaction ${mode}`)) return never();
          const transaction = connection.db.transaction('events', mode);
          connection.transactions.add(transaction);
          transaction.addEventListener('complete', () => {
            connection.transactions.delete(transaction);
          });
          const store = transaction.objectStore('events');
          if (mode === 'readwrite' && state === 'full') {
            const put = store.put.bind(store);
            store.put = (...args) => {
              queueMicrotask(() => abort(transaction));
              return put(...args);
            };
          }
          return callback(store as never);
        };
        // Not within what is counted as moving: a frozen page may stay so.
        const told = async <T>(work: Promise<T>): Promise<T> => {
          const result = await work;
          await awake();
          // The promise of a page that died since answers nobody.
          return step(`committed ${mode}`) ? result : never();
        };
        // What is blocked does not move by itself, so nothing waits for it.
        if (state === 'blocked') {
          hanging++;
          return told(
            unblocked.then(awake).then(() => {
              hanging--;
              return untilDead(work());
            }),
          );
        }
        /** A database takes its calls in order: those that hung go first, once they can. */
        const inOrder = async () => {
          for (let hop = 0; hop < 9 && hanging; hop++) await undefined;
          return work();
        };
        if (state === 'slow') {
          return told(untilDead(inOrder()).then((result) => unblocked.then(() => result)));
        }
        return told(untilDead(inOrder()));
      };
    };
    let die: () => void = () => undefined;
    const death = new Promise<never>((_, reject) => {
      die = () => reject(failure('AbortError'));
    });
    death.catch(() => undefined);
    // Counted as moving until it is over or its page is dead.
    const untilDead = <T>(work: Promise<T>): Promise<T> => {
      const race = clock.during(Promise.race([work, death]));
      race.catch(() => undefined);
      return race.catch((error) => {
        if (!step('failed')) return never();
        throw error;
      });
    };
    return {
      openStore,
      /** The browser closes the connection behind the page's back. */
      loseConnection: () => cut(),
      end: (writes?: Writes): void => {
        cut(writes);
        die();
      },
    };
  };

  return {
    setState,
    createUser,
    mayExist: async (name: string): Promise<boolean> =>
      state !== 'missing' &&
      (await clock.during(factory.databases())).some((database) => database.name === name),
    /** Every record of a database, as a tester sees it. */
    records: async (name: string): Promise<unknown[]> => {
      if (!(await factory.databases()).some((database) => database.name === name)) return [];
      const db = await open(name);
      const request = db.transaction('events').objectStore('events').getAll();
      const found = await new Promise<unknown[]>((resolve) => {
        request.onsuccess = () => resolve(request.result);
      });
      db.close();
      return found;
    },
    /** Puts a record there that the tracker did not write. */
    plant: async (name: string, key: string, value: unknown): Promise<void> => {
      const db = await open(name);
      const transaction = db.transaction('events', 'readwrite');
      transaction.objectStore('events').put(value, key);
      await new Promise<void>((resolve) => {
        transaction.oncomplete = () => resolve();
      });
      db.close();
    },
    names: async (): Promise<string[]> =>
      (await factory.databases()).map((database) => database.name ?? ''),
  };
};

export type FakeDatabase = ReturnType<typeof createFakeDatabase>;
