import { readSecret } from './signature.js';

/** What `serve` and `createOrderServer` are configured by. */
export interface ServerConfig {
  privateKey: string;
  signingSecrets: string[];
  /** The company id of the tracker: for the log, so that one sees which account this is. */
  publicKey?: string;
  apiHost?: string;
  shopifySecrets: string[];
  woocommerceSecrets: string[];
  /** A PostgreSQL address, or the path of an SQLite file. */
  database: string;
  port: number;
  host: string;
  maxWaiting?: number;
  logLevel: string;
}

/** A variable that is missing or malformed. The message names it and shows nothing of its value. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

type Environment = Record<string, string | undefined>;

/** What stands between blanks or commas. */
export const words = (text: string | undefined): string[] =>
  (text ?? '').split(/[\s,]+/).filter((word) => word !== '');

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
/** This machine. */
export const isLoopback = (hostname: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]'].includes(hostname);

export const PRIVATE_KEY = /^pk_\w{16,}$/;
/** One that stands somewhere in a text, as Klaviyo makes them; other services' keys begin with pk_, too. */
export const PRIVATE_KEY_IN_TEXT = /\bpk_[0-9a-f]{34}\b/;
/** The company id. */
export const PUBLIC_KEY = /^[A-Za-z0-9]{6}$/;

/** Whether a private key may be sent to this address: it is encrypted, or does not leave the machine. */
export function isApiHost(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, search, hash } = new URL(text);
  const isPrivate = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
  return isPrivate && search === '' && hash === '';
}

export const isPostgres = (database: string): boolean => /^postgres(ql)?:\/\//.test(database);

function integer(name: string, text: string, max: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= max) return number;
  throw new EnvironmentError(`${name} must be a whole number from 0 to ${max}.`);
}

const expect = (holds: boolean, message: string): void => {
  if (!holds) throw new EnvironmentError(message);
};

const SECRET_LINE = 'Make one with: echo "whsec_$(openssl rand -base64 32)"';

/** Throws an `EnvironmentError` for the first variable that is not as it should be. */
export function readEnvironment(environment: Environment): ServerConfig {
  const given = (name: string): string => environment[name]?.trim() ?? '';

  const privateKey = given('KLAVIYO_PRIVATE_KEY');
  expect(
    privateKey !== '',
    'KLAVIYO_PRIVATE_KEY is missing. Make a private key with the scope events:write in Klaviyo, under Settings, API keys.',
  );
  expect(
    PRIVATE_KEY.test(privateKey),
    'KLAVIYO_PRIVATE_KEY must be a private key: pk_ and letters and digits. The six-character public key is KLAVIYO_PUBLIC_KEY.',
  );

  const signingSecrets = words(environment.ORDER_SIGNING_SECRET);
  expect(signingSecrets.length > 0, `ORDER_SIGNING_SECRET is missing. ${SECRET_LINE}`);
  expect(
    signingSecrets.every((secret) => readSecret(secret) !== undefined),
    `ORDER_SIGNING_SECRET must be whsec_ and the base64 of at least 24 bytes; several with spaces between. ${SECRET_LINE}`,
  );

  const publicKey = given('KLAVIYO_PUBLIC_KEY');
  expect(
    publicKey === '' || PUBLIC_KEY.test(publicKey),
    'KLAVIYO_PUBLIC_KEY must be the company id: six letters and digits.',
  );
  const apiHost = given('KLAVIYO_API_HOST');
  expect(
    apiHost === '' || isApiHost(apiHost),
    'KLAVIYO_API_HOST must be an https:// address (http:// on this machine only). Leave it out for Klaviyo itself.',
  );
  const database = given('DATABASE_URL') || 'klaviyo-orders.db';
  expect(
    // Neither another database nor SQLite's :memory:, of which a restart leaves nothing.
    isPostgres(database) || !/^([a-z]{2,})?:/i.test(database),
    'DATABASE_URL must be postgres://... or the path of a file for SQLite.',
  );
  const logLevel = given('LOG_LEVEL') || 'info';
  expect(LEVELS.includes(logLevel), `LOG_LEVEL must be one of ${LEVELS.join(', ')}.`);
  const maxWaiting = given('MAX_WAITING_EVENTS');
  // Whole, but for a line's end: WooCommerce's own have spaces, commas and everything else in them.
  const platformSecrets = (name: string): string[] =>
    [name, `${name}_OLD`].flatMap((each) => {
      const secret = environment[each]?.replace(/[\r\n]+$/, '') ?? '';
      const isBlank = secret !== '' && secret.trim() === '';
      expect(
        !isBlank,
        `${each} is blank. Leave it out, or give the secret as the platform has it.`,
      );
      return secret || [];
    });

  return {
    ...{ privateKey, signingSecrets, database, logLevel },
    ...(publicKey !== '' && { publicKey }),
    ...(apiHost !== '' && { apiHost }),
    shopifySecrets: platformSecrets('SHOPIFY_WEBHOOK_SECRET'),
    woocommerceSecrets: platformSecrets('WOOCOMMERCE_WEBHOOK_SECRET'),
    port: integer('PORT', given('PORT') || '3000', 65_535),
    host: given('HOST') || '127.0.0.1',
    ...(maxWaiting !== '' && {
      maxWaiting: integer('MAX_WAITING_EVENTS', maxWaiting, 100_000_000),
    }),
  };
}
