/**
 * The one door to the platform. Everything else in `browser/` gets this value, so a test, or a model with
 * a manual clock and five tabs, replaces it and nothing else.
 */
import { createStore, type UseStore } from 'idb-keyval';

/** localStorage that never throws: blocked or full reads as absent. */
export interface LocalStore {
  get(key: string): string | null;
  /** False when it could not be kept. */
  set(key: string, value: string): boolean;
  remove(key: string): void;
  keys(): string[];
}

export interface Env {
  /** Epoch ms. */
  now(): number;
  /** A number in [0, 1). */
  random(): number;
  uuid(): string;
  /** Calls `task` after `delayMs`; returns its cancellation. */
  after(delayMs: number, task: () => void): () => void;
  fetch: typeof fetch;
  local: LocalStore;
  /** Opens (and creates) an IndexedDB database; rejects where there is none. */
  openStore(name: string): UseStore;
  /** False only when the database is known not to exist. */
  mayExist(name: string): Promise<boolean>;
  locks: LockManager | undefined;
  cookie(): string;
  url(): string;
  hidden(): boolean;
  /** Global Privacy Control. */
  gpc(): boolean;
  on(type: string, listener: (event: Event) => void): () => void;
  warn(message: string): void;
}

const uuid = (): string =>
  crypto.randomUUID?.() ??
  // randomUUID is missing on plain http.
  '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, (c) =>
    (+c ^ (crypto.getRandomValues(new Uint8Array(1))[0]! & (15 >> (+c / 4)))).toString(16),
  );

/** The real platform, or `undefined` where there is no page (server rendering, workers). */
export const browserEnv = (): Env | undefined => {
  if (typeof window === 'undefined' || typeof document === 'undefined') return undefined;
  // Reading `localStorage` throws where storage is blocked, and `setItem` throws where it is full.
  const local = <T>(action: (storage: Storage) => T, otherwise: T): T => {
    try {
      return action(localStorage);
    } catch {
      return otherwise;
    }
  };
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    uuid,
    after: (delayMs, task) => {
      const timer = setTimeout(task, delayMs);
      return () => clearTimeout(timer);
    },
    fetch: (url, init) => fetch(url, init),
    local: {
      get: (key) => local((storage) => storage.getItem(key), null),
      set: (key, value) => local((storage) => storage.setItem(key, value) === undefined, false),
      remove: (key) => local((storage) => storage.removeItem(key), undefined),
      keys: () => local((storage) => Object.keys(storage), []),
    },
    openStore: (name) => createStore(name, 'events'),
    mayExist: async (name) =>
      (await indexedDB.databases?.())?.some((database) => database.name === name) ?? true,
    // An opaque origin (a sandboxed frame) has the interface, and rejects every call.
    locks: window.origin === 'null' ? undefined : navigator.locks,
    cookie: () => document.cookie,
    url: () => location.href,
    hidden: () => document.visibilityState === 'hidden',
    gpc: () => !!(navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl,
    on: (type, listener) => {
      // Capturing on window sees the document's visibilitychange too, before any listener of the page.
      addEventListener(type, listener, true);
      return () => removeEventListener(type, listener, true);
    },
    warn: (message) => console.warn(`[klaviyo-storefront] ${message}`),
  };
};
