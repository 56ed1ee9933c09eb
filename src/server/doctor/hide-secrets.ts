/** The last door before anything is shown: whatever a message holds, it holds no secret. */

/** Shorter ones are words that a message has anyway. */
const SHORTEST = 6;

/** Replaces each of these texts, also where it stands in an address. */
export function createHide(secrets: readonly (string | undefined)[]): (text: string) => string {
  const known = secrets
    .flatMap((secret) => (secret === undefined ? [] : [secret, secret.trim()]))
    .filter((secret) => secret.length >= SHORTEST)
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    // A longer one may hold a shorter one.
    .sort((a, b) => b.length - a.length);
  return (text) => known.reduce((shown, secret) => shown.replaceAll(secret, '[hidden]'), text);
}
