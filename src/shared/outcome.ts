import { RETRY_AFTER_MAX_S } from './limits.js';

/**
 * What an answer means for what was sent.
 * - `delivered`: 2xx. Remove it.
 * - `throttled`: 429. Wait as long as asked, then send the same again.
 * - `network`: no answer at all. Back off, send the same again.
 * - `server`: 408 and every 5xx (Cloudflare's 520-527 too). The same.
 * - `denied`: 401, 403, 405, 410, a 400 about the request's own parameters, or words that are not Klaviyo's
 *   (a page; a 404 that names no error). Nothing will get through until somebody mends the settings: keep
 *   everything, wait long.
 * - `tooLarge`: 413. Split it; a single event that is too large is given up.
 * - `rejected`: any other 4xx. Something in the body is wrong: give up the culprit only.
 */
export type OutcomeKind =
  | 'delivered'
  | 'throttled'
  | 'network'
  | 'server'
  | 'denied'
  | 'tooLarge'
  | 'rejected';

export interface Outcome {
  kind: OutcomeKind;
  /** HTTP status; 0 when there was no answer. */
  status: number;
  /** How long Klaviyo asks us to stay away, in ms; 0 when it does not say. */
  retryAfterMs: number;
  /** The answer's own words, for reports. May hold personal data: never log it. */
  detail: string;
}

/** All others of 4xx are `rejected`. */
const KINDS: Record<number, OutcomeKind> = {
  401: 'denied',
  403: 'denied',
  405: 'denied',
  408: 'server',
  410: 'denied',
  413: 'tooLarge',
  429: 'throttled',
};

/**
 * Reads an answer. Klaviyo may not expose `Retry-After` through CORS, so the body's own sentence
 * ("Expected available in N seconds.") counts too; the longer one wins.
 */
export const readOutcome = (
  status: number,
  /** Seconds. */
  retryAfter: number | string | null = 0,
  body = '',
  /** HTML: a proxy, a firewall, or the shop's own site where a path forwards to nobody. */
  isPage = false,
): Outcome => {
  // Neither may be there, or make sense: a moment where a duration belongs would last for decades.
  const seconds = Math.max(
    ...[0, retryAfter, /available in (\d+)/.exec(body)?.[1]].map((given) => Number(given) || 0),
  );
  let kind = KINDS[status] ?? 'rejected';
  if (!status) kind = 'network';
  else if (status >= 500) kind = 'server';
  else if (kind === 'rejected') {
    // JSON:API names a culprit in the body by `pointer`, one in the URL or a header by `parameter`: a
    // mistyped company id must not cost the shop its queue, and neither must a path that leads nowhere.
    const isElsewhere =
      isPage || body.includes('"parameter"') || (status === 404 && !/"errors": ?\[/.test(body));
    kind = isElsewhere ? 'denied' : status < 300 ? 'delivered' : kind;
  }
  return {
    kind,
    status,
    retryAfterMs: Math.min(seconds, RETRY_AFTER_MAX_S) * 1000,
    detail: body.slice(0, 500),
  };
};
