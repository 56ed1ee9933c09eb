import type { Track } from '../shared/event.js';
import type { Profile, Visitor } from '../shared/profile.js';
import { createClientOn } from './client.js';
import { browserEnv, type Env } from './env.js';
import type { Inspection } from './inspector.js';
import { type ClientOptions, type Consent, readOptions, type Settings } from './options.js';
import type { Listener, Reports } from './reports.js';

/** A storefront's connection to Klaviyo. None of its methods throws or rejects. */
export interface Client {
  /**
   * Says who the visitor is, and what is known of them. Calls close together become one request; a call
   * that changes nothing sends nothing. An email (or external id) other than the known one starts a new
   * identity: what is queued keeps the old one.
   * @returns the update's id once it is durable, `undefined` when there was nothing to send. While consent
   * is pending it waits.
   */
  identify(profile: Profile): Promise<string | undefined>;
  /**
   * Keeps an event and sends it when it can. Resolves to its uniqueId once it is stored (see
   * `inspect().storage`), `undefined` when it was dropped. While consent is pending it waits.
   */
  track: Track;
  /** Sends what may be sent now; a pause is respected. Resolves when that is over. */
  flush(): Promise<void>;
  /** Logout: the next event belongs to somebody else. What is queued keeps its identity. */
  reset(): Promise<void>;
  /** Says what the visitor allows (one of the three). `denied` wipes everything stored, then resolves. */
  consent(state: Consent): Promise<void>;
  /** Whether any identifier of the visitor is known. */
  isIdentified(): boolean;
  /** Who this is, for the `customer` of an order, which joins their history; `undefined` without consent. */
  visitor(): Promise<Visitor | undefined>;
  /** Calls `listener` on every such report; returns its unsubscribe. */
  on<N extends keyof Reports>(name: N, listener: Listener<N>): () => void;
  /** A snapshot for QA: queue, pause, identity, storage, counters. */
  inspect(): Promise<Inspection>;
  /** Stops: sends what can be sent, leaves the rest stored for the next client, listens to nothing more. */
  close(): Promise<void>;
}

/** Gives the client, which starts with that. */
export interface Start {
  (): Client;
  /** The same after all that was called before: a global has recorded it, and has not come to it. */
  ready?: () => Client;
  /** The page may hold the client already, and call it past `ready`. */
  isStarted?: boolean;
}

/** How the page's one client of this company starts. */
export const connect = (settings: Settings, env: Env): Start => {
  // The registry is on the page and not in this module, of which the page may have several copies. That of 0.1.0
  // has another name, and other contents.
  const symbol = Symbol.for('klaviyo-storefront:clients');
  const page = window as { [symbol]?: Map<string, Start> };
  page[symbol] ??= new Map();
  const clients = page[symbol];
  const { companyId } = settings;
  let client: Client | undefined;
  const start: Start = () => {
    start.isStarted = true;
    try {
      client ??= createClientOn(env, settings, () => clients.delete(companyId));
    } catch (error) {
      // No platform for it. A shop's page may wait for an answer before it goes on to the checkout.
      console.error(error);
      client = createNothing();
    }
    return client;
  };
  if (!clients.has(companyId)) clients.set(companyId, start);
  return clients.get(companyId)!;
};

/** A server renders many pages, and says this once. */
let hasSaid = false;

/**
 * Connects the page to a Klaviyo account. A second call for the same company, from another copy of the
 * package or the script tag, gets the first one's client; its options are ignored.
 *
 * Where there is no page (server rendering) every method resolves and does nothing.
 * @throws StorefrontError when an option is wrong; nothing throws or rejects after that.
 */
export const createClient = (options: ClientOptions): Client => {
  const settings = readOptions(options);
  const env = browserEnv();
  if (!env) {
    if (settings.debug && !hasSaid)
      console.warn('[klaviyo-storefront] no page here: calls do nothing');
    hasSaid ||= settings.debug;
    return createNothing();
  }
  const start = connect(settings, env);
  return (start.ready ?? start)();
};

const nothing = {
  companyId: '',
  consent: 'denied',
  identity: 'none',
  storage: 'memory',
  queue: [],
  pause: undefined,
  counters: { queued: 0, delivered: 0, dropped: 0 },
} satisfies Inspection;

/** A client whose calls are answered and do nothing. No thenable: an async function may return it. */
export const createNothing = (): Client =>
  new Proxy({} as Client, {
    get: (_, method) =>
      method === 'then'
        ? undefined
        : () =>
            method !== 'isIdentified' &&
            (method === 'on'
              ? () => undefined
              : Promise.resolve(method === 'inspect' ? nothing : undefined)),
  });
