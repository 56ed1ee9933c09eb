/**
 * A simulated origin: its tabs, each with an `Env` of its own, over one clock, one storage, one set of
 * locks and one Klaviyo. Everything is deterministic; nothing sleeps.
 */
import type { Env } from '../../src/browser/env.js';
import { createFakeDatabase } from './fake-database.js';
import { createFakeKlaviyo } from './fake-klaviyo.js';
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
  const page = { cookie: '', gpc: false, random: 0.5 };
  let ids = 0;
  /** Called before everything a tab does to the world; may kill the tab, and then it is not done. */
  let onStep: (tab: Tab, name: string) => void = () => undefined;

  const openTab = ({ url = 'https://shop.example/' }: TabOptions = {}) => {
    const listeners = new Map<string, Set<(event: Event) => void>>();
    const cancels = new Set<() => void>();
    let isAlive = true;
    let isHidden = false;

    const step = (name: string): boolean => {
      if (isAlive) onStep(tab, name);
      return isAlive;
    };
    const dispatch = (type: string, fields: object = {}): void => {
      if (!isAlive) return;
      const event = Object.assign(new Event(type), fields);
      for (const listener of [...(listeners.get(type) ?? [])]) listener(event);
    };
    const user: LocalUser = {
      step,
      stored: (key, newValue) => clock.queueTask(() => dispatch('storage', { key, newValue })),
    };
    const databaseUser = database.createUser(step);
    const networkUser = fakeNetwork.createUser(step);

    const env: Env = {
      now: clock.now,
      random: () => page.random,
      uuid: () => {
        const id = (++ids).toString(16).padStart(12, '0');
        return `00000000-0000-4000-8000-${id}`;
      },
      after: (delayMs, task) => {
        if (!isAlive) return () => undefined;
        const cancel = clock.after(delayMs, task);
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
      hidden: () => isHidden,
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

    const end = (processed: 'all' | 'keepalive' | 'none'): void => {
      isAlive = false;
      for (const cancel of cancels) cancel();
      networkUser.end(processed);
      databaseUser.end();
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
      /** Process death: nothing of this page runs any more, uncommitted writes are rolled back. */
      kill: (fate: Fate = 'lost'): void => end(fate === 'lost' ? 'none' : 'all'),
      /** The tab is closed: the page is told, then it is gone; its keepalive requests arrive. */
      close: (): void => {
        hide();
        dispatch('pagehide', { persisted: false });
        end('keepalive');
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
    setOnStep: (listener: (tab: Tab, name: string) => void): void => {
      onStep = listener;
    },
    /** The connection is back: every tab is told. */
    goOnline: (): void => {
      network.isDown = false;
      for (const tab of [...tabs]) tab.dispatch('online');
    },
    goOffline: (): void => {
      network.isDown = true;
    },
  };
};

export type Origin = ReturnType<typeof createOrigin>;
export type Tab = {
  env: Env;
  dispatch: (type: string, fields?: object) => void;
  isAlive: () => boolean;
  unfinished: () => number;
  hide: () => void;
  show: () => void;
  kill: (fate?: Fate) => void;
  close: () => void;
  navigate: (to?: string) => Tab;
  loseDatabase: () => void;
};
