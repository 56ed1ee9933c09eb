/** A client on a simulated tab, with everything that it reports. */
import { createClientOn } from '../../src/browser/client.js';
import { type ClientOptions, readOptions } from '../../src/browser/options.js';
import type { Reports } from '../../src/browser/reports.js';
import type { Origin, Tab, TabOptions } from './fake-env.js';

export const COMPANY = 'AbC123';
const NAMES = ['queued', 'delivered', 'dropped', 'paused', 'flushed'] as const;

export type Collected = { [N in keyof Reports]: Reports[N][] };

export const startOn = (tab: Tab, options: Partial<ClientOptions> = {}) => {
  const client = createClientOn(
    tab.env,
    readOptions({ companyId: COMPANY, ...options }),
    () => undefined,
  );
  const reports: Collected = { queued: [], delivered: [], dropped: [], paused: [], flushed: [] };
  for (const name of NAMES) client.on(name, (report) => reports[name].push(report as never));
  return { tab, client, reports };
};

/** Opens a page of the origin with a client on it. */
export const start = (
  origin: Origin,
  options: Partial<ClientOptions> = {},
  tabOptions: TabOptions = {},
) => startOn(origin.open(tabOptions), options);

/** For what needs the clock to come to an end: a database that does not answer, a lease. */
export const within = async <T>(origin: Origin, ms: number, work: Promise<T>): Promise<T> => {
  await origin.advance(ms);
  return work;
};

/** The same for a visitor whom the shop knows: `ada@shop.example`, identified and sent. */
export const startKnown = async (origin: Origin, options: Partial<ClientOptions> = {}) => {
  const started = start(origin, options);
  void started.client.identify({ email: 'ada@shop.example' });
  await origin.advance(5000);
  return started;
};
