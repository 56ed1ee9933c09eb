/**
 * Who sent a request. Everything is verified over the raw bytes, before anything is parsed, and compared in
 * one place and in constant time.
 *
 * Not with the package `standardwebhooks`, which decodes the body to text first (bytes that are no UTF-8
 * would not be what was signed) and reads a clock of its own. It signs in the tests instead. And not with
 * `crypto.subtle`, which takes a trip through the thread pool for every signature: a seventh of all a
 * request costs.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { SECRET_MIN_BYTES, SIGNATURE_TOLERANCE_MS, SIGNATURES_MAX } from './limits.js';

type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

/** Bytes of base64 text; undefined when it is none. */
function fromBase64(text: string): Bytes | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return undefined; // the right characters, of a wrong number
  }
}

/** The key of a Standard Webhooks secret, `whsec_` and base64; undefined when it is malformed or too short. */
export function readSecret(secret: string): Bytes | undefined {
  if (!secret.startsWith('whsec_')) return undefined;
  const key = fromBase64(secret.slice('whsec_'.length));
  return key && key.length >= SECRET_MIN_BYTES ? key : undefined;
}

/** Whether one of the signatures is the HMAC-SHA256 of these bytes under one of the keys. */
function isSigned(
  keys: readonly Bytes[],
  signatures: readonly Bytes[],
  ...signed: Bytes[]
): boolean {
  let isGenuine = false;
  for (const key of keys) {
    const hmac = createHmac('sha256', key);
    for (const part of signed) hmac.update(part);
    const expected = hmac.digest();
    for (const signature of signatures) {
      // Its length is no secret.
      if (signature.length === expected.length && timingSafeEqual(signature, expected)) {
        isGenuine = true;
      }
    }
  }
  return isGenuine;
}

/** Whether a request is its sender's. */
export type Verify = (headers: Headers, body: Bytes) => boolean;

const messageIdShape = /^[\x21-\x7e]{1,200}$/;

/** Id of a Standard Webhooks message; undefined when there is no usable one. */
export function messageIdOf(headers: Headers): string | undefined {
  const id = headers.get('webhook-id') ?? '';
  return messageIdShape.test(id) ? id : undefined;
}

/**
 * Verifies Standard Webhooks: `webhook-id`, `webhook-timestamp` and `webhook-signature`, which may hold
 * several signatures while a secret is being replaced.
 *
 * @param secrets each `whsec_` and base64, see `readSecret`
 * @param now epoch ms
 */
export function createStandardVerify(secrets: readonly Bytes[], now: () => number): Verify {
  return (headers, body) => {
    const id = messageIdOf(headers);
    const timestamp = headers.get('webhook-timestamp') ?? '';
    const isTimely =
      /^[1-9]\d{0,11}$/.test(timestamp) &&
      Math.abs(now() - Number(timestamp) * 1000) <= SIGNATURE_TOLERANCE_MS;
    if (id === undefined || !isTimely) return false;
    const signatures = (headers.get('webhook-signature') ?? '')
      .split(' ', SIGNATURES_MAX)
      .flatMap((each) => (each.startsWith('v1,') ? (fromBase64(each.slice(3)) ?? []) : []));
    return isSigned(secrets, signatures, encoder.encode(`${id}.${timestamp}.`), body);
  };
}

/** Verifies a shop platform's own header: base64 of the body's HMAC-SHA256, the secret being plain text. */
export function createPlatformVerify(header: string, secrets: readonly string[]): Verify {
  const keys = secrets.map((secret) => encoder.encode(secret));
  return (headers, body) => {
    const signature = fromBase64(headers.get(header)?.trim() ?? '');
    return signature !== undefined && isSigned(keys, [signature], body);
  };
}

const hexShape = /^[0-9a-f]{64}$/i;
// No bracket and no quote: body and timestamp are signed without anything between, and no JSON object ends with one of
// the others. In whatever form it is: Klaviyo's guide shows none.
const timestampShape = /^[\w.:,+ -]{1,64}$/;

/**
 * Verifies Klaviyo's webhooks: hex of the HMAC-SHA256 of the body followed by `Klaviyo-Timestamp`, the secret being
 * plain text. Klaviyo's guide names no age from which a timestamp is too old.
 */
export function createKlaviyoVerify(secrets: readonly string[]): Verify {
  const keys = secrets.map((secret) => encoder.encode(secret));
  return (headers, body) => {
    const hex = headers.get('klaviyo-signature') ?? '';
    const timestamp = headers.get('klaviyo-timestamp') ?? '';
    if (!hexShape.test(hex) || !timestampShape.test(timestamp)) return false;
    const signature = Uint8Array.from(Buffer.from(hex, 'hex'));
    return isSigned(keys, [signature], body, encoder.encode(timestamp));
  };
}
