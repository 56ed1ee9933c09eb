/** What an example gets: a client's options that lead to a sandbox, and somewhere to say what happened. */
import type { Sandbox } from 'klaviyo-storefront/sandbox';

export interface Example {
  /** In a shop: `{ privateKey: process.env.KLAVIYO_PRIVATE_KEY }`. */
  options: { privateKey: string; apiHost: string };
  /** The local Klaviyo, to look at what it has recorded. */
  sandbox: Sandbox;
  print: (...values: unknown[]) => void;
}
