import type { ServerEnv } from './env.js';
import type { KlaviyoOptions } from './exchange.js';
import type { Log } from './log.js';
import type { Outbox } from './outbox.js';
import { readSecret } from './signature.js';
import type { WorkerOptions } from './worker.js';

export interface OrderHandlerOptions {
  /** Where orders are kept until Klaviyo has them: `createSqliteOutbox` or `createPostgresOutbox`. */
  outbox: Outbox;
  klaviyo: KlaviyoOptions;
  /**
   * Secrets of our own routes, each `whsec_` and the base64 of 24 bytes or more. Any of them will do, so a
   * new one is added first and the old one removed later.
   */
  signingSecrets: string[];
  /** Shopify's webhook secrets. Default none: its route is not there. */
  shopifySecrets?: string[];
  /** WooCommerce's webhook secrets. Default none: its route is not there. */
  woocommerceSecrets?: string[];
  /** Where the routes are, such as `/api/klaviyo`. Default: at the root. */
  basePath?: string;
  /** Default: no log. A pino logger fits. */
  log?: Log;
  /** How this process delivers; false when another one does. */
  worker?: WorkerOptions | false;
  /** The platform, for tests. */
  env?: ServerEnv;
}

/** What can be wrong with the options. The message says what to change, and shows no secret. */
export class OrderHandlerError extends Error {
  override readonly name = 'OrderHandlerError';
}

/** JavaScript, or `process.env.NAME!`, may give what the types don't allow: an empty key is everybody's. */
const isGiven = (secret: unknown): boolean => typeof secret === 'string' && secret.trim() !== '';

function keysOf(secrets: readonly string[]) {
  const keys = secrets.map((secret) => (isGiven(secret) ? readSecret(secret) : undefined));
  const good = keys.filter((key) => key !== undefined);
  if (good.length > 0 && good.length === secrets.length) return good;
  throw new OrderHandlerError(
    'Each of signingSecrets must be whsec_ followed by the base64 of at least 24 random bytes. ' +
      'Make one with: echo "whsec_$(openssl rand -base64 32)"',
  );
}

type Checked = Pick<
  OrderHandlerOptions,
  'klaviyo' | 'signingSecrets' | 'shopifySecrets' | 'woocommerceSecrets' | 'basePath'
>;

function secretsOf(options: Checked, name: 'shopifySecrets' | 'woocommerceSecrets') {
  const secrets = options[name] ?? [];
  if (secrets.every(isGiven)) return secrets;
  throw new OrderHandlerError(
    `Each of ${name} must be a secret. One is empty or not set: leave it out, or look for its variable.`,
  );
}

/** Throws an `OrderHandlerError` for the first option that can't work. */
export function readOptions(options: Checked) {
  if (!/^pk_\w+$/.test(options.klaviyo.privateKey)) {
    throw new OrderHandlerError('klaviyo.privateKey must be a private API key: pk_ and more.');
  }
  const path = (options.basePath ?? '').replace(/^\/+|\/+$/g, '');
  return {
    basePath: path === '' ? '' : `/${path}`,
    signingKeys: keysOf(options.signingSecrets),
    shopifySecrets: secretsOf(options, 'shopifySecrets'),
    woocommerceSecrets: secretsOf(options, 'woocommerceSecrets'),
  };
}
