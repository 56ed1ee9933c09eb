// Sees everything the pages of a context say: errors, warnings of ours, and what the client reports.
import type { BrowserContext } from '@playwright/test';
import type { Client, Reports } from 'klaviyo-storefront';

export interface Watch {
  /** Uncaught errors of the pages, and errors on their consoles that are not the network's own. */
  errors: string[];
  /** Warnings of the tracker. A test that expects one takes it out. */
  warnings: string[];
  dropped: Reports['dropped'][];
  paused: Reports['paused'][];
  flushed: Reports['flushed'][];
  contexts: BrowserContext[];
  add(context: BrowserContext): Promise<void>;
}

/** Chromium's own words about requests that failed: the faults, not the tracker. */
const isNetworks = (text: string): boolean =>
  /^Failed to load resource:|^Access to fetch at /.test(text);

// Every client is started from this map, so nothing it reports is missed.
const hookRegistry = (): void => {
  const page = window as unknown as {
    [name: symbol]: Map<string, () => Client>;
    reportToTest: (name: string, report: unknown) => Promise<void>;
  };
  class Watched extends Map<string, () => Client> {
    override set(companyId: string, start: () => Client): this {
      let client: Client | undefined;
      return super.set(companyId, () => {
        if (client) return client;
        client = start();
        for (const name of ['dropped', 'paused', 'flushed'] as const) {
          client.on(name, (report) => {
            page.reportToTest(name, report).catch(() => undefined);
          });
        }
        return client;
      });
    }
  }
  page[Symbol.for('klaviyo-storefront:clients')] = new Watched();
};

export function createWatch(): Watch {
  const watch: Watch = {
    errors: [],
    warnings: [],
    dropped: [],
    paused: [],
    flushed: [],
    contexts: [],
    add: async (context) => {
      watch.contexts.push(context);
      context.on('weberror', (error) => watch.errors.push(`${error.error().stack}`));
      context.on('console', (message) => {
        const text = message.text();
        if (message.type() === 'error' && !isNetworks(text)) watch.errors.push(text);
        if (message.type() === 'warning') watch.warnings.push(text);
      });
      await context.exposeBinding(
        'reportToTest',
        (_source, name: 'dropped' | 'paused' | 'flushed', report) => {
          (watch[name] as unknown[]).push(report);
        },
      );
      await context.addInitScript(hookRegistry);
    },
  };
  return watch;
}
