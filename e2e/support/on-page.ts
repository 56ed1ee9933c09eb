// What a test finds on a page of the shop.
import type { BrowserContext } from '@playwright/test';
import type { addedToCart, Client, ClientOptions, createClient, startedCheckout, viewedProduct } from 'klaviyo-storefront';

declare global {
  /** The page's client, whichever way it came in. */
  function tracker(): Client;
  interface Window {
    klaviyo: Record<string, (...args: unknown[]) => Promise<unknown>> & { client: Client };
    _learnq: { push(...entries: unknown[]): unknown };
    _klOnsite: { push(...entries: unknown[]): unknown };
    npmClient: Client;
    /** The package's functions on the npm page, and the options its client was made with. */
    store: {
      addedToCart: typeof addedToCart;
      createClient: typeof createClient;
      startedCheckout: typeof startedCheckout;
      viewedProduct: typeof viewedProduct;
      options: ClientOptions;
    };
  }
}

export const putTracker = (context: BrowserContext): Promise<void> =>
  context.addInitScript(() => {
    globalThis.tracker = () => window.npmClient ?? window.klaviyo?.client;
  });
