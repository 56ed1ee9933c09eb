/**
 * The one door to the platform. Everything else in `browser/` gets this value, so a test, or a model with
 * a manual clock and five tabs, replaces it and nothing else.
 */
import { createStore, type UseStore } from 'idb-keyval';
import { TIMER_MAX_MS } from '../shared/limits.js';
import { attempt } from './attempt.js';

/** localStorage as JSON. It never throws: what is blocked, or no JSON, reads as absent. */
export interface LocalStore {
  read<T>(key: string): T | null | undefined;
  /** False when it could not be kept. */
  write(key: string, value: unknown): boolean;
  remove(key: string): void;
  keys(prefix: string): string[];
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
  /** Aborts after `delayMs`. */
  timeout(delayMs: number): AbortSignal;
  local: LocalStore;
  /** Opens (and creates) an IndexedDB database; rejects where there is none. */
  openStore(name: string): UseStore;
  /** False only when the database is known not to exist. */
  mayExist(name: string): Promise<boolean>;
  locks: LockManager | undefined;
  cookie(): string;
  url(): string;
  /** The address that the page was opened with: a router may have changed it since. */
  arrivedAt: string;
  hidden(): boolean;
  /** Whether the browser knows of no connection. Some are wrong about it, so it may only mean to ask for less. */
  offline(): boolean;
  /** Global Privacy Control. */
  gpc(): boolean;
  /** Calls the listeners, by type of event, until the returned function is called. */
  listen(listeners: Record<string, (event: Event) => void>): () => void;
  warn(message: string): void;
}

const uuid = (): string => {
  // On plain http there is no randomUUID, but the address of a blob ends in one.
  if (crypto.randomUUID) return crypto.randomUUID();
  const url = URL.createObjectURL(new Blob());
  URL.revokeObjectURL(url);
  return url.slice(-36);
};

/** The real platform, or `undefined` where there is no page (server rendering, workers). */
export const browserEnv = (): Env | undefined => {
  if (typeof document === 'undefined') return undefined;
  // It throws where storage is blocked. Asked for once: after window.close() WebKit has it no more, not even for
  // the page's last words, but what was asked for before still works.
  const storage = attempt(() => localStorage)!;
  const after: Env['after'] = (delayMs, task) => {
    // A longer one overflows and is over at once: "never" must not be "now".
    const timer = setTimeout(task, Math.min(delayMs, TIMER_MAX_MS));
    return () => clearTimeout(timer);
  };
  return {
    now: Date.now,
    random: Math.random,
    uuid,
    after,
    fetch: (url, init) => fetch(url, init),
    // AbortSignal.timeout is younger than the browsers we support.
    timeout: (delayMs) => {
      const control = new AbortController();
      after(delayMs, () => control.abort());
      return control.signal;
    },
    // Writing throws where it is full. Reading what is not there does not: where developer tools or Lighthouse look
    // on, Chromium parses all of the script again for a page's first exception (10 to 40 ms).
    local: {
      read: (key) => attempt(() => JSON.parse(storage[key] ?? null)),
      write: (key, value) => !!attempt(() => (storage[key] = JSON.stringify(value))),
      remove: (key) => attempt(() => storage.removeItem(key)),
      keys: (prefix) =>
        attempt(() => Object.keys(storage).filter((key) => key.startsWith(prefix))) ?? [],
    },
    openStore: (name) => createStore(name, 'events'),
    mayExist: async (name) =>
      (await indexedDB.databases?.())?.some((database) => database.name === name) ?? true,
    // An opaque origin (a sandboxed frame) has the interface, and rejects every call.
    locks: window.origin === 'null' ? undefined : navigator.locks,
    // A sandboxed frame has none, and throws.
    cookie: () => attempt(() => document.cookie) ?? '',
    url: () => location.href,
    arrivedAt: location.href,
    hidden: () => document.visibilityState === 'hidden',
    offline: () => !navigator.onLine,
    gpc: () => !!(navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl,
    listen: (listeners) => {
      const control = new AbortController();
      // Capturing on window sees the document's visibilitychange too, before any listener of the page.
      for (const type in listeners) {
        const target = type === 'navigate' ? window.navigation : window;
        target?.addEventListener(type, listeners[type]!, { capture: true, signal: control.signal });
      }
      return () => control.abort();
    },
    warn: (message) => console.warn(`[klaviyo-storefront] ${message}`),
  };
};
