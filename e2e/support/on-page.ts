// What a test finds on a page of the shop.
import type { BrowserContext } from '@playwright/test';
import type {
  addedToCart,
  Client,
  ClientOptions,
  createClient,
  startedCheckout,
  viewedProduct,
} from 'klaviyo-storefront';

/** The client with a track that takes any property: the tests tell events apart by a property `n`. */
interface Tracker extends Omit<Client, 'track'> {
  track(name: string, properties?: Record<string, unknown>): Promise<string | undefined>;
}

declare global {
  /** The page's client, whichever way it came in. */
  function tracker(): Tracker;
  interface Window {
    klaviyo: Record<string, (...args: unknown[]) => Promise<unknown>> & { client: Client };
    _learnq: { push(...entries: unknown[]): unknown };
    _klOnsite: { push(...entries: unknown[]): unknown };
    npmClient: Client;
    /** Another name for the global, for a page where klaviyo.js has its own. */
    shopEvents: Window['klaviyo'];
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

export const putTracker = async (context: BrowserContext): Promise<void> => {
  await context.addInitScript(() => {
    globalThis.tracker = () => (window.npmClient ?? window.klaviyo?.client) as Tracker;
  });
};
