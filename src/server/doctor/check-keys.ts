/** Keys and secrets as they are written: there, well-formed, and each where it belongs. */
import { PRIVATE_KEY, PUBLIC_KEY } from '../environment.js';
import { readSecret } from '../signature.js';
import { type Check, type Finding, failed, passed, skipped } from './check.js';
import type { DoctorSettings } from './settings.js';

const WHERE = 'in Klaviyo, under Settings, API keys';
const MAKE = 'Make one with: echo "whsec_$(openssl rand -base64 32)"';

function publicKey({ publicKey: key, privateKey }: DoctorSettings): Finding {
  if (key === '') {
    return skipped(
      'KLAVIYO_PUBLIC_KEY is not set. Set it to the company id of the tracker: six letters and digits.',
    );
  }
  if (PUBLIC_KEY.test(key)) return passed('six letters and digits.');
  if (!key.startsWith('pk_')) {
    return failed(
      `KLAVIYO_PUBLIC_KEY must be six letters and digits; it has ${key.length} characters. It is ${WHERE}.`,
    );
  }
  return failed(
    PUBLIC_KEY.test(privateKey)
      ? 'KLAVIYO_PUBLIC_KEY and KLAVIYO_PRIVATE_KEY are swapped: exchange them. The private one must never reach a browser; if it has, replace it.'
      : 'KLAVIYO_PUBLIC_KEY holds a private key, which must never reach a browser. Set it to the six-character company id; if a page had this key, replace it.',
  );
}

function privateKey({ privateKey: key, publicKey: other }: DoctorSettings): Finding {
  if (PRIVATE_KEY.test(key)) return passed('pk_ and letters and digits.');
  if (key === '') {
    return failed(`KLAVIYO_PRIVATE_KEY is not set. Make a private key ${WHERE}.`);
  }
  if (PUBLIC_KEY.test(key)) {
    return failed(
      other.startsWith('pk_')
        ? 'KLAVIYO_PRIVATE_KEY and KLAVIYO_PUBLIC_KEY are swapped: exchange them.'
        : `KLAVIYO_PRIVATE_KEY holds a public key. Set it to the private one, which begins with pk_: it is ${WHERE}.`,
    );
  }
  return failed(
    /^["']/.test(key)
      ? 'KLAVIYO_PRIVATE_KEY has a quotation mark in it: take it out.'
      : `KLAVIYO_PRIVATE_KEY must be pk_ and at least 16 letters and digits, without anything else. Copy it anew, ${WHERE}.`,
  );
}

function signingSecrets({ signingSecrets: secrets, ordersUrl }: DoctorSettings): Finding {
  if (secrets.length === 0) {
    const words = `ORDER_SIGNING_SECRET is not set. ${MAKE}`;
    return ordersUrl === undefined
      ? skipped(`${words}, if you use the order endpoint.`)
      : failed(words);
  }
  const bad = secrets.findIndex((secret) => readSecret(secret) === undefined);
  if (bad < 0)
    return passed(secrets.length === 1 ? 'whsec_ and base64.' : `${secrets.length} of them.`);
  const which = secrets.length === 1 ? '' : ` (number ${bad + 1} of ${secrets.length})`;
  return failed(
    `ORDER_SIGNING_SECRET${which} must be whsec_ and the base64 of at least 24 bytes. ${MAKE}`,
  );
}

export const keyChecks = (settings: DoctorSettings): Check[] => [
  { id: 'public-key', group: 'keys', title: 'public key', run: () => publicKey(settings) },
  { id: 'private-key', group: 'keys', title: 'private key', run: () => privateKey(settings) },
  {
    ...{ id: 'signing-secret', group: 'keys', title: 'order signing secret' },
    run: () => signingSecrets(settings),
  },
];
