import { type Client, createClientOn } from './client.js';
import { browserEnv } from './env.js';
import type { Inspection } from './inspector.js';
import { type ClientOptions, readOptions } from './options.js';

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
  // The registry is on the page and not in this module, of which the page may have several copies.
  const symbol = Symbol.for('klaviyo-storefront');
  const page = window as { [symbol]?: Map<string, Client> };
  page[symbol] ??= new Map();
  const clients = page[symbol];
  const { companyId } = settings;
  const client =
    clients.get(companyId) ?? createClientOn(env, settings, () => clients.delete(companyId));
  clients.set(companyId, client);
  return client;
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
