// Klaviyo's documented limits, each read as strictly as its wording allows: what passes here passes
// there. Kept apart from the tracker's own limits on purpose: the sandbox is what checks them.
// Sources: the API reference (field descriptions) and the guides' list of ingestion limits.

/** An event request, "5 MB"; also what is taken where the reference names no limit. */
export const maxBodyBytes = 5_000_000;
/** A profile request, "100 KB". */
export const maxProfileBodyBytes = 100_000;
/** "Accepts up to 10,000 profiles per request", of 5 MB in all and 100 KB each. */
export const maxImportedProfiles = 10_000;
/** "Maximum number of profiles can be submitted for subscription: 1000." */
export const maxSubscribedProfiles = 1000;
/** "Maximum number of profiles per call: 100", to unsubscribe. */
export const maxUnsubscribedProfiles = 100;
/** "This endpoint accepts a maximum of 1000 profiles per call", to put on a list or take off it. */
export const maxListMembers = 1000;
/** A bulk import can be looked up for a week, as seen in its `expires_at`. */
export const jobLifetimeMs = 7 * 24 * 3_600_000;
/** "A maximum of 1000 events per request." */
export const maxBulkEvents = 1000;
/** "Must be less than 128 characters." */
export const maxMetricNameLength = 127;
/** "Must not exceed 400 properties." */
export const maxEventProperties = 400;
/** "Each string cannot be larger than 100 KB." */
export const maxStringBytes = 100_000;
export const maxArrayItems = 4000;
/** Levels of nested objects and arrays, the `properties` object being the first. */
export const maxNesting = 10;
export const maxUniqueIdLength = 255;
/** Shorter than 100 characters. */
export const maxEmailLength = 99;
/** "Must be after the year 1990." */
export const earliestEventAt = Date.UTC(1991, 0, 1);
/** "Can only be up to 1 year in the future." */
export const maxAheadMs = 365 * 24 * 3_600_000;

/** Klaviyo accepts addresses at these domains and drops what was sent about them. */
export const droppedDomains: readonly string[] = ['example.com', 'test.com'];

/** The longest time that a timer of Node's takes, 24.8 days; it makes 1 ms of a longer one. */
export const maxTimerMs = 2 ** 31 - 1;
