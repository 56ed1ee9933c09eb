/**
 * A visitor's browser: what it has stored, and one page at a time. Storage and locks are those of the other
 * tests; the database answers at once, because nothing is asked here about slow ones.
 */
import type { UseStore } from 'idb-keyval';
import type { Env } from '../../../src/browser/env.js';
import { createFakeLocal } from '../../helpers/fake-local.js';
import { createFakeLocks } from '../../helpers/fake-locks.js';
import type { Clock } from './clock.js';
import type { Network } from './network.js';
import type { Random } from './random.js';

type Records = Map<string, object>;

interface Answering {
  onsuccess?: () => void;
  result: unknown;
}
const answer = (result?: unknown): Answering => {
  const request: Answering = { result };
  queueMicrotask(() => request.onsuccess?.());
  return request;
};

/** As much of an object store as the queue uses. What is stored and read are copies. */
const storeOf = (records: Records): UseStore => {
  const keys = (): string[] => [...records.keys()].sort();
  const objects = {
    put: (record: object, key: string) => answer(void records.set(key, { ...record })),
    delete: (key: string) => answer(void records.delete(key)),
    clear: () => answer(void records.clear()),
    getAllKeys: () => answer(keys()),
    getAll: () => answer(keys().map((key) => ({ ...records.get(key) }))),
    transaction: {
      set oncomplete(listener: () => void) {
        queueMicrotask(listener);
      },
    },
  };
  return async (_mode, callback) => callback(objects as unknown as IDBObjectStore);
};

/** Here each request is answered, or broken, within seconds: no time that we allow ever runs out. */
const never = new AbortController().signal;

export interface DeviceParts {
  clock: Clock;
  network: Network;
  /** For jitter, and for what happens on the network. */
  random: Random;
  uuid: () => string;
}

export const createDevice = ({ clock, network, random, uuid }: DeviceParts) => {
  const local = createFakeLocal();
  const locks = createFakeLocks();
  const records: Records = new Map();

  /** Opens the next page; the one before it has ended. */
  const open = () => {
    const user = { step: () => isAlive, stored: () => undefined };
    const listeners: Record<string, (event: Event) => void>[] = [];
    const cancels = new Set<() => void>();
    const connection = network.connect(random, () => isAlive);
    let isAlive = true;
    let isHidden = false;

    const dispatch = (type: string, fields: object = {}): void => {
      for (const one of [...listeners]) one[type]?.({ type, ...fields } as Event);
    };
    const after: Env['after'] = (delayMs, task) => {
      if (!isAlive) return () => undefined;
      const cancelTimer = clock.after(delayMs, () => {
        cancels.delete(cancel);
        task();
      });
      const cancel = (): void => {
        cancels.delete(cancel);
        cancelTimer();
      };
      cancels.add(cancel);
      return cancel;
    };
    const env: Env = {
      now: clock.now,
      random,
      uuid,
      after,
      fetch: connection.fetch,
      timeout: () => never,
      local: local.storeOf(user),
      openStore: () => storeOf(records),
      mayExist: async () => records.size > 0,
      locks: locks.managerOf(user, user.step),
      cookie: () => '',
      url: () => 'https://shop.example/',
      arrivedAt: '',
      hidden: () => isHidden,
      offline: () => false,
      gpc: () => false,
      listen: (added) => {
        listeners.push(added);
        return () => void listeners.splice(listeners.indexOf(added), 1);
      },
      warn: () => undefined,
    };
    const hide = (): void => {
      isHidden = true;
      dispatch('visibilitychange');
    };
    return {
      env,
      /** Into the background: its timers go on. */
      hide,
      /** Left for another page, or closed: it is told, then nothing of it runs any more. */
      close: (): void => {
        hide();
        dispatch('pagehide', { persisted: false });
        isAlive = false;
        for (const cancel of [...cancels]) cancel();
        connection.end();
        local.leave(user);
        locks.end(user);
      },
    };
  };

  return { open, records, local: local.content };
};

export type Device = ReturnType<typeof createDevice>;
export type Page = ReturnType<Device['open']>;
