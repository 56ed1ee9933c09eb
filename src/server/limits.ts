/** The server's own numbers, each with its reason. Klaviyo's are in `shared/limits.ts`. */
import { RETRY_AFTER_MAX_S } from '../shared/limits.js';

/** Body of one request: an order of 500 lines with long names is a fifth of it. */
export const ORDER_MAX_BYTES = 1_000_000;
/** How long a sender may take over its body. Shops answer within 5 s, so nobody honest is this slow. */
export const BODY_TIMEOUT_MS = 10_000;
/** How old or how far ahead a signature's timestamp may be (Standard Webhooks). */
export const SIGNATURE_TOLERANCE_MS = 300_000;
/** Signatures looked at in one header: two for a rotation, the rest is an attempt to keep us busy. */
export const SIGNATURES_MAX = 10;
/** Shortest signing secret, as Standard Webhooks asks for. */
export const SECRET_MIN_BYTES = 24;

/** Lines of one order. */
export const ITEMS_MAX = 500;
/** Refunds of one order that a webhook tells of; what has more is no shop's. */
export const REFUNDS_MAX = 100;
/**
 * An order that a webhook tells of for the first time when it is older than this is recorded with `backfill`
 * and starts no flow. A bank transfer takes days, not a week.
 */
export const WEBHOOK_STALE_MS = 7 * 24 * 3_600_000;
/** Characters of an id: two of them and a separator fit Klaviyo's unique_id. */
export const ID_MAX = 120;
/** Properties of the shop's own in one order: Klaviyo's 400, less the ones we send. */
export const OWN_PROPERTIES_MAX = 350;

/** Events that may wait before orders are answered 503: about 200 MB of disk. */
export const WAITING_MAX = 100_000;
/** What a 503 of ours asks for. */
export const FULL_RETRY_AFTER_SECONDS = 60;
/** How long a count of what waits is good for; the bound may be passed by what comes in meanwhile. */
export const COUNT_MAX_AGE_MS = 1000;
/** Orders of one commit. More does not make it faster, and the first would wait for the last. */
export const GROUP_MAX = 200;
/** For how long an order's receipt (and who it was of, for its later webhooks) is remembered after it came. */
export const REMEMBER_MS = 90 * 24 * 3_600_000;
/** Orders up to this age may share a bulk request: well within the time in which a second one is noticed. */
export const BULK_AGE_MAX_MS = 30 * 24 * 3_600_000;

/** One request to Klaviyo, head and body. It usually answers within half a second. */
export const REQUEST_TIMEOUT_MS = 20_000;
/** What was claimed returns so long after its request has ended at the latest: time to store the answer. */
export const LEASE_SPARE_MS = 10_000;
/** Spread put on top of a pause that Klaviyo asked for, so that processes do not come back in one second. */
export const SPREAD_MAX_MS = 10_000;
/**
 * No entry is ever put off for longer than this: the longest Retry-After that is believed, and its spread.
 * One that seems to be is one whose clock was set back since, and it is due.
 */
export const DUE_AHEAD_MAX_MS = RETRY_AFTER_MAX_S * 1000 + SPREAD_MAX_MS;
/** Requests under way at once. */
export const CONCURRENCY = 10;
/**
 * From this many fresh events on they go out in bulk. The break-even is 24 (`BULK_FROM`), but a single
 * event is answered for itself, and up to here single ones are gone in two seconds.
 */
export const BACKLOG_FROM = 100;
/** How often a worker looks for what another instance has accepted or let go of. */
export const POLL_MS = 1000;
/** How long a stop waits for what is under way. */
export const STOP_MAX_MS = 10_000;
/** And then for the store to be told what was broken off. */
export const STOP_STORE_MAX_MS = 2000;
/** Requests to Klaviyo an account may make, in a second and in a minute. */
export const SINGLE_RATE = { burst: 350, steady: 3500 };
export const BULK_RATE = { burst: 10, steady: 150 };

/** Requests to one endpoint under way at once: 20 that take a third of a second are Klaviyo's highest steady limit. */
export const LANE_MAX = 20;
/** How often a request is sent until its failure is the caller's: about half a minute of an outage. */
export const ATTEMPTS_MAX = 5;
/** Longer waits than this are reported and not waited out: a limit of a day, not one of a minute. */
export const WAIT_MAX_MS = 120_000;
/** Values of one `any(...)`: the most that Klaviyo documents anywhere (its reports), and a page of profiles. */
export const FILTER_VALUES_MAX = 100;
/** Characters of a filter as it stands in the URL, which proxies cut at 8 KB with everything else in it. */
export const FILTER_MAX = 6000;
/** One profile ("100 KB"), and the profiles of one import job. */
export const PROFILE_MAX_BYTES = 100_000;
export const IMPORT_MAX_PROFILES = 10_000;
/** Profiles of one request: subscribing, unsubscribing, and joining or leaving a list. */
export const SUBSCRIBE_MAX = 1000;
export const UNSUBSCRIBE_MAX = 100;
export const MEMBERS_MAX = 1000;
/** A webhook of Klaviyo's, with all the events in it: what Klaviyo takes of events itself. */
export const WEBHOOK_MAX_BYTES = 5_000_000;

/** One check of the doctor, its requests and their bodies: nothing healthy takes a third of it. */
export const CHECK_TIMEOUT_MS = 10_000;
/** How long a test event may take until Klaviyo's API has it. It is usually there within some seconds. */
export const FOUND_TIMEOUT_MS = 90_000;
/** A clock that is further off may use up the tolerance of signatures together with the other side's. */
export const CLOCK_SKEW_MAX_MS = 60_000;
/** What the doctor reads of a page or a script; a page of a shop is a tenth of it. */
export const PAGE_MAX_BYTES = 5_000_000;
/** Klaviyo's revisions are stable for a year, deprecated for another, and then retired. */
export const REVISION_STABLE_YEARS = 1;
export const REVISION_LIFE_YEARS = 2;
