/** What the doctor reads of the environment. Keys are judged by checks; what only it has must be right. */

import { API_HOST, REVISION } from '../../shared/limits.js';
import { EnvironmentError, isApiHost, PUBLIC_KEY, words } from '../environment.js';
import { isScope, SCOPES, type Scope } from './scopes.js';

type Environment = Record<string, string | undefined>;

export interface DoctorSettings {
  /** As it was given, trimmed; empty when it is not there. */
  privateKey: string;
  publicKey: string;
  /** Without a slash at the end. */
  apiHost: string;
  revision: string;
  /** Which the key has to have. */
  scopes: readonly Scope[];
  signingSecrets: readonly string[];
  shopifySecret: string;
  woocommerceSecret: string;
  webhookSecret: string;
  /** Where `serve` is, a base path included; without a slash at the end. */
  ordersUrl: string | undefined;
  /** Where the shop takes Klaviyo's webhooks. */
  webhookUrl: string | undefined;
  /** A page with the script tag. */
  shopUrl: string | undefined;
  /** The script, where it is not to be found in the page. */
  scriptUrl: string | undefined;
  /** Everything that must never be shown. */
  secrets: readonly string[];
}

/** An address of http or https; undefined when there is none. */
function readAddress(environment: Environment, name: string): string | undefined {
  const text = environment[name]?.trim() ?? '';
  if (text === '') return undefined;
  const isGood = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
  if (!isGood) throw new EnvironmentError(`${name} must be an https:// address.`);
  const { username, password } = new URL(text);
  if (username !== '' || password !== '') {
    throw new EnvironmentError(`${name} must have no user name and no password in it.`);
  }
  return text;
}

function readScopes(text: string | undefined): Scope[] {
  const names = words(text);
  if (names.length === 0) return ['events:write'];
  if (names.includes('all')) return Object.keys(SCOPES).filter(isScope);
  const unknown = names.find((name) => !isScope(name));
  if (unknown === undefined) return names.filter(isScope);
  throw new EnvironmentError(
    `KLAVIYO_SCOPES must be 'all', or some of ${Object.keys(SCOPES).join(', ')}.`,
  );
}

const withoutSlash = (text: string): string => text.replace(/\/+$/, '');

/** @throws EnvironmentError for an address, a scope or a revision that is none */
export function readDoctorSettings(environment: Environment, revision?: string): DoctorSettings {
  const given = (name: string): string => environment[name]?.trim() ?? '';
  // As `serve` reads them: anything may be in them.
  const whole = (name: string): string => environment[name]?.replace(/[\r\n]+$/, '') ?? '';
  const apiHost = given('KLAVIYO_API_HOST');
  if (apiHost !== '' && !isApiHost(apiHost)) {
    throw new EnvironmentError(
      'KLAVIYO_API_HOST must be an https:// address (http:// on this machine only). Leave it out for Klaviyo itself.',
    );
  }
  if (revision !== undefined && !/^\d{4}-\d{2}-\d{2}(\.\w+)?$/.test(revision)) {
    throw new EnvironmentError('--revision must be a date, such as 2026-07-15.');
  }
  const ordersUrl = readAddress(environment, 'ORDER_ENDPOINT_URL');
  if (ordersUrl !== undefined && /[?#]/.test(ordersUrl)) {
    throw new EnvironmentError('ORDER_ENDPOINT_URL must end with its host or its base path.');
  }
  const privateKey = given('KLAVIYO_PRIVATE_KEY');
  const publicKey = given('KLAVIYO_PUBLIC_KEY');
  const signingSecrets = words(environment.ORDER_SIGNING_SECRET);
  const platforms = [
    ...['SHOPIFY_WEBHOOK_SECRET', 'SHOPIFY_WEBHOOK_SECRET_OLD'],
    ...['WOOCOMMERCE_WEBHOOK_SECRET', 'WOOCOMMERCE_WEBHOOK_SECRET_OLD'],
  ];
  return {
    ...{ privateKey, publicKey, signingSecrets },
    apiHost: withoutSlash(apiHost || API_HOST),
    revision: revision ?? REVISION,
    scopes: readScopes(environment.KLAVIYO_SCOPES),
    shopifySecret: whole('SHOPIFY_WEBHOOK_SECRET'),
    woocommerceSecret: whole('WOOCOMMERCE_WEBHOOK_SECRET'),
    webhookSecret: whole('KLAVIYO_WEBHOOK_SECRET'),
    ordersUrl: ordersUrl && withoutSlash(ordersUrl),
    webhookUrl: readAddress(environment, 'KLAVIYO_WEBHOOK_URL'),
    shopUrl: readAddress(environment, 'SHOP_URL'),
    scriptUrl: readAddress(environment, 'SCRIPT_URL'),
    secrets: [
      // A company id is public: it may stand in whichever of the two.
      ...[privateKey, publicKey].filter((key) => !PUBLIC_KEY.test(key)),
      ...signingSecrets,
      ...signingSecrets.map((secret) => secret.replace(/^whsec_/, '')),
      ...platforms.map(whole),
      whole('KLAVIYO_WEBHOOK_SECRET'),
    ],
  };
}
