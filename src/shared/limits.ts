/**
 * Numbers that come from Klaviyo's documentation or from a measured reason, one constant each.
 * Sources: the guide "Events API overview" (limits), the client API reference, revision 2026-07-15.
 */

/** Newest API revision known when this version was released; supported until 2028-07. */
export const REVISION = '2026-07-15';
/** Klaviyo's client API. An ad blocker knows this host, so `apiHost` may point at a path of the shop's own. */
export const API_HOST = 'https://a.klaviyo.com';

/** Characters of a metric name: "less than 128". */
export const METRIC_NAME_MAX = 127;
/** Characters of a unique_id. */
export const UNIQUE_ID_MAX = 255;
/** Earliest time of an event: after 1990, in epoch ms. */
export const TIME_MIN = 662_688_000_000;
/** How far ahead an event's time may be: one year. */
export const TIME_AHEAD_MAX_MS = 31_536_000_000;
/** Top-level properties of an event. */
export const PROPERTIES_MAX = 400;
/** Characters of one string among the properties (100 KB). */
export const STRING_MAX = 100_000;
/** Items of one array among the properties. */
export const ARRAY_MAX = 4000;
/** Levels of nesting among the properties. */
export const NESTING_MAX = 10;
/** One request body (5 MB), less room for the envelope and the profile. */
export const BODY_MAX_BYTES = 4_900_000;
/** Events of one bulk request. */
export const BULK_MAX_EVENTS = 1000;
/** What the envelope of one member of a bulk request takes at most, `backfill` included. */
export const ENVELOPE_BYTES = 64;

/**
 * From this many events on a bulk request costs the shop's account less than single ones: 3500 single
 * requests a minute against 150 bulk ones, both shared by every visitor, is 23.3 events a request.
 *
 * After a 429 the single ones are used up, and the bulk ones mostly are not: then each visitor with n fresh events
 * takes a bulk request with a probability of ((n - 1) / 23)², so those with most to say go first and the 150 last.
 * In the flash sale of `npm run bench:scale` a quarter more events a minute are recorded while a backlog lasts (4311
 * against 3471 without, seed 1, November 2026). Tried beside it and not kept: steeper (a cube) leaves bulk requests
 * unused, flatter (n / 24) gives them to those who have little.
 */
export const BULK_FROM = 24;
/**
 * Single requests under way at once: fewer than the six connections of HTTP/1.1, so images still load. After a
 * 429 it is one until something is delivered: five would be refused where one tells as much. While the browser
 * says that it is offline it is one too: five could join no bulk request later, and a thousand events tracked
 * offline took 7 requests instead of 2 (`npm run bench -- --only=peers`). After a 5xx it stays five, because the
 * first event may be what breaks the server.
 *
 * That, and the spread of a 429's pause over as long again as was asked for, are chosen by `npm run bench:scale`.
 * In its flash sale, where everybody is asked to come back with the same minute, a spread of ten seconds had
 * them meet in its first seconds. Pauses that grow with each 429 in a row save more of them, but leave the
 * limit unused once fewer visitors are there to ask (goodput 79 to 85 % when tried; not kept).
 */
export const CONCURRENCY = 5;
/**
 * What all unfinished keepalive requests of a page share (64 KiB, the Fetch standard), less room for
 * what other scripts of the page may have under way.
 */
export const KEEPALIVE_MAX_BYTES = 60_000;

/** First backoff after a failure; doubles with each failure in a row. */
export const BACKOFF_BASE_MS = 1000;
/** Longest backoff (Klaviyo's own mobile SDKs, July 2026). */
export const BACKOFF_MAX_MS = 300_000;
/** Longest wait that is believed: Klaviyo's longest window is a minute. */
export const RETRY_AFTER_MAX_S = 3600;
/** After 401, 403 or 410 asking again is pointless until somebody mends the shop's settings. */
export const DENIED_PAUSE_MS = 900_000;
/** No pause is longer, whatever an answer asks for; a stored one that is has not been set by us. */
export const PAUSE_MAX_MS = 86_400_000;
/**
 * What was tried this often, and has met a 5xx, may be what breaks the server. A bulk request goes out event by
 * event then. What still fails in a browser comes last and waits in a pause that it shares with its like, which
 * holds up nothing else.
 */
export const FAILING_FROM = 5;

/**
 * IndexedDB that has not answered within this time is not waited for any longer (a pending upgrade or
 * delete, a starved disk). Not shorter, because what localStorage holds instead does not survive a killed
 * Chromium: it is written to disk seconds later.
 */
export const STORE_TIMEOUT_MS = 3000;
/** After that, how long each operation is waited for, until one succeeds. */
export const STORE_RETRY_MS = 100;
/** Records written in one task: at 20 to 28 µs each (Chromium) a thousand would be a long task. */
export const WRITE_MAX = 200;
/** Calls kept in memory while consent is pending. */
export const PENDING_MAX = 100;
/** Where there are no Web Locks, an event of another page is left to that page for this long. */
export const LEASE_MS = 60_000;
/** How often a page that waits for the lease looks again. */
export const LEASE_POLL_MS = 100;
/** Timers are no longer: `setTimeout` takes 2 ** 31 - 1 ms, 24.8 days (HTML standard). */
export const TIMER_MAX_MS = 2e9;
