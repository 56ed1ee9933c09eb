/**
 * A simulated origin: its tabs, each with an `Env` of its own, over one clock, one storage, one set of
 * locks and one Klaviyo. Everything is deterministic; nothing sleeps.
 */
import type { Env } from '../../src/browser/env.js';
import { createFakeDatabase, type Writes } from './fake-database.js';
import { createFakeKlaviyo, type RecordedRequest } from './fake-klaviyo.js';
import { createFakeLocal, type LocalUser } from './fake-local.js';
import { createFakeLocks } from './fake-locks.js';
import { createFakeNetwork, type NetworkSwitches } from './fake-network.js';
import { createClock } from './manual-clock.js';

export interface OriginOptions {
  /** False: a browser without Web Locks. `refused`: every request is rejected. Default true. */
  locks?: boolean | 'refused';
  /** Epoch ms at the beginning. */
  startAt?: number;
}

export interface TabOptions {
  url?: string;
}

/** What becomes of the requests of a killed tab that Klaviyo has not read yet. Default `lost`. */
export type Fate = 'lost' | 'processed';

export const createOrigin = (options: OriginOptions = {}) => {
  const clock = createClock(options.startAt ?? Date.UTC(2026, 10, 22, 12));
  const klaviyo = createFakeKlaviyo(clock.now);
  const local = createFakeLocal();
  const database = createFakeDatabase(clock);
  const locks = createFakeLocks(options.locks === 'refused');
  const network: NetworkSwitches = { isDown: false };
  const fakeNetwork = createFakeNetwork(clock, klaviyo, network);
  const warnings: string[] = [];
  const tabs: Tab[] = [];
  /** Shared by all tabs; a test changes it between pages. */
  const page = { cookie: '', gpc: false, random: 0.5, isOffline: false };
  let ids = 0;
  /** Called before everything a tab does to the world; may kill the tab, and then it is not done. */
  let onStep: OnStep = () => undefined;

  const openTab = ({ url: arrivedAt = 'https://shop.example/' }: TabOptions = {}) => {
    let url = arrivedAt;
    const listeners = new Map<string, Set<(event: Event) => void>>();
    const cancels = new Set<() => void>();
    let isAlive = true;
    let isHidden = false;
    /** What happens to a frozen page happens when it is back. */
    let frozen: (() => void)[] | undefined;
    let isInCache = false;

    const step = (name: string, request?: RecordedRequest): boolean => {
      if (isAlive) onStep(tab, name, request);
      return isAlive;
    };
    const whenAwake = (task: () => void): void => {
      if (frozen) frozen.push(task);
      else task();
    };
    const awake = (): Promise<void> => new Promise((resolve) => whenAwake(resolve));
    const dispatch = (type: string, fields: object = {}): void => {
      if (!isAlive) return;
      const event = Object.assign(new Event(type), fields);
      for (const listener of [...(listeners.get(type) ?? [])]) listener(event);
    };
    const user: LocalUser = {
      step,
      // A page in the back/forward cache is not told, not even later.
      stored: (key, newValue) => {
        if (isInCache) return;
        const tell = (): void => dispatch('storage', { key, newValue });
        // In the order in which they happened.
        if (frozen) frozen.push(tell);
        else clock.queueTask(tell);
      },
    };
    const databaseUser = database.createUser(step, awake);
    const networkUser = fakeNetwork.createUser(step, whenAwake);

    const env: Env = {
      now: clock.now,
      random: () => page.random,
      uuid: () => {
        const id = (++ids).toString(16).padStart(12, '0');
        return `00000000-0000-4000-8000-${id}`;
      },
      after: (delayMs, task) => {
        if (!isAlive) return () => undefined;
        let isCancelled = false;
        const cancelTimer = clock.after(delayMs, () =>
          whenAwake(() => {
            if (!isCancelled) task();
          }),
        );
        const cancel = (): void => {
          isCancelled = true;
          cancelTimer();
        };
        cancels.add(cancel);
        return cancel;
      },
      fetch: networkUser.fetch,
      local: local.storeOf(user),
      openStore: databaseUser.openStore,
      mayExist: database.mayExist,
      locks: options.locks === false ? undefined : locks.managerOf(user, step),
      cookie: () => page.cookie,
      url: () => url,
      arrivedAt,
      hidden: () => isHidden,
      offline: () => page.isOffline,
      gpc: () => page.gpc,
      timeout: (delayMs) => {
        const control = new AbortController();
        env.after(delayMs, () => control.abort());
        return control.signal;
      },
      listen: (added) => {
        for (const [type, listener] of Object.entries(added)) {
          listeners.set(type, (listeners.get(type) ?? new Set()).add(listener));
        }
        return () => {
          for (const [type, listener] of Object.entries(added))
            listeners.get(type)?.delete(listener);
        };
      },
      warn: (message) => void warnings.push(message),
    };

    const end = (processed: 'all' | 'keepalive' | 'none', writes?: Writes): void => {
      if (!isAlive) return;
      isAlive = false;
      frozen = undefined;
      for (const cancel of cancels) cancel();
      networkUser.end(processed);
      databaseUser.end(writes);
      local.leave(user);
      locks.end(user);
      tabs.splice(tabs.indexOf(tab), 1);
    };
    const hide = (): void => {
      isHidden = true;
      dispatch('visibilitychange');
    };

    const tab = {
      env,
      dispatch,
      isAlive: () => isAlive,
      unfinished: networkUser.unfinished,
      /** The page is hidden: it may come back, or never run again. */
      hide,
      show: (): void => {
        isHidden = false;
        dispatch('visibilitychange');
      },
      /**
       * Into the back/forward cache: the page is told, then nothing of it runs. One that uses a lock is
       * not taken in, and ends.
       */
      freeze: async (): Promise<void> => {
        hide();
        dispatch('pagehide', { persisted: true });
        await clock.settle();
        if (locks.isUsedBy(user)) return end('keepalive');
        frozen = [];
        isInCache = true;
      },
      /** Hidden, and frozen where it is: the page is told, then nothing of it runs. It keeps its locks. */
      suspend: async (): Promise<void> => {
        if (!isHidden) hide();
        dispatch('freeze');
        await clock.settle();
        frozen = [];
      },
      isFrozen: () => !!frozen,
      isInCache: () => isInCache,
      /** Back from the back/forward cache, or shown again after it was frozen in the background. */
      thaw: (): void => {
        const waiting = frozen ?? [];
        frozen = undefined;
        isHidden = false;
        if (isInCache) dispatch('pageshow', { persisted: true });
        else dispatch('resume');
        isInCache = false;
        dispatch('visibilitychange');
        for (const task of waiting) clock.queueTask(task);
      },
      /** Process death: nothing of this page runs any more. */
      kill: (fate: Fate = 'lost', writes?: Writes): void =>
        end(fate === 'lost' ? 'none' : 'all', writes),
      /** The tab is closed: the page is told, then it is gone; its keepalive requests arrive. */
      close: (): void => {
        hide();
        dispatch('pagehide', { persisted: false });
        end('keepalive');
      },
      /** A router shows another address, and the page stays. */
      route: (to: string): void => {
        url = to;
      },
      /** The page is left for another of the same origin. */
      navigate: (to?: string): Tab => {
        tab.close();
        return openTab({ url: to ?? url });
      },
      loseDatabase: databaseUser.loseConnection,
    };
    tabs.push(tab);
    return tab;
  };

  return {
    klaviyo,
    local,
    database,
    network,
    page,
    warnings,
    errors: clock.errors,
    lockNames: locks.names,
    now: clock.now,
    jump: clock.jump,
    settle: clock.settle,
    advance: clock.advance,
    open: openTab,
    tabs: (): Tab[] => [...tabs],
    setOnStep: (listener: OnStep): void => {
      onStep = listener;
    },
    /** The connection is back: every tab is told. */
    goOnline: (): void => {
      network.isDown = page.isOffline = false;
      for (const tab of [...tabs]) tab.dispatch('online');
    },
    /** Every page can know. */
    goOffline: (): void => {
      network.isDown = page.isOffline = true;
    },
  };
};

/** @param request what is sent or answered, where the step is one of the network's. */
type OnStep = (tab: Tab, name: string, request?: RecordedRequest) => void;

export type Origin = ReturnType<typeof createOrigin>;
export type Tab = {
  env: Env;
  dispatch: (type: string, fields?: object) => void;
  isAlive: () => boolean;
  unfinished: () => number;
  hide: () => void;
  show: () => void;
  freeze: () => Promise<void>;
  suspend: () => Promise<void>;
  isFrozen: () => boolean;
  isInCache: () => boolean;
  thaw: () => void;
  kill: (fate?: Fate, writes?: Writes) => void;
  close: () => void;
  route: (to: string) => void;
  navigate: (to?: string) => Tab;
  loseDatabase: () => void;
};
