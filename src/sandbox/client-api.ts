import type { Answer } from './api-error.js';
import { refuse, throttle } from './api-error.js';
import type { Arrival } from './events.js';
import type { IncomingEvent } from './incoming.js';
import { readEvents, readProfile, readSubscription } from './incoming.js';
import type { Ledger } from './ledger.js';
import { droppedDomains, maxBodyBytes, maxProfileBodyBytes } from './limits.js';
import type { Endpoint, ResolvedOptions } from './options.js';
import type { RateLimiter } from './rate-limiter.js';
import { validateBody } from './validate/body.js';

/** A request to a client endpoint, read and parsed but not judged. */
export interface ClientRequest {
  method: string;
  endpoint: Endpoint;
  companyId: string | undefined;
  revision: string | undefined;
  contentType: string | undefined;
  bytes: number;
  /** The parsed body; undefined when it is not JSON. */
  body: unknown;
}

const mediaType = 'application/vnd.api+json';
const revisionShape = /^\d{4}-\d{2}-\d{2}(\.[a-z]+\d*)?$/;
// Revisions live two years; 2024-10-15 and everything before it is past its end.
const oldestRevision = '2025-01-15';

/** Judges requests as the real API does, in its order: revision, account, rate, then the body. */
export function createClientApi(
  options: () => ResolvedOptions,
  ledger: Ledger,
  rateLimiter: RateLimiter,
) {
  function answer(request: ClientRequest): Answer {
    const { endpoint, companyId } = request;
    if (request.method !== 'POST') {
      const detail = `Method "${request.method}" not allowed.`;
      return refuse(405, [{ detail }], { Allow: 'POST, OPTIONS' });
    }
    const outdated = refuseRevision(request.revision);
    if (outdated) return outdated;
    if (companyId === undefined || !options().companies.includes(companyId)) {
      return refuseCompany(companyId);
    }
    const admission = rateLimiter.admit(companyId, endpoint);
    if (!admission.admitted) return throttle(admission.retryAfterSeconds);
    const refused = refuseBody(request, options().now());
    if (refused) return { ...refused, headers: { ...refused.headers, ...admission.headers } };
    const outcome = record(endpoint, companyId, request.body);
    return { ...outcome, headers: { ...outcome.headers, ...admission.headers } };
  }

  function record(endpoint: Endpoint, companyId: string, body: unknown): Answer {
    const receivedAt = options().now();
    const incoming = readProfile(endpoint, body);
    const events = readEvents(endpoint, body);
    const known = ledger.profiles.find(companyId, incoming.identifiers);
    const domain = (incoming.identifiers.email ?? known?.email)?.split('@')[1];
    if (domain !== undefined && droppedDomains.includes(domain)) {
      return accepted(`dropped: ${domain}`);
    }
    if (endpoint === 'event-bulk-create') {
      const arrival = { companyId, profileId: known?.id ?? '', endpoint, receivedAt };
      const refused = refuseRepeated(events, arrival);
      if (refused) return refused;
    }
    const profile = ledger.profiles.upsert(companyId, incoming);
    if (endpoint === 'subscriptions' || endpoint === 'back-in-stock-subscriptions') {
      profile.subscriptions.push({ endpoint, ...readSubscription(body), receivedAt });
    }
    ledger.tellProfile(profile);
    const arrival = { companyId, profileId: profile.id, endpoint, receivedAt };
    const copies = events.filter((event) => {
      if (countCopy(event, arrival)) return true;
      ledger.tell({ kind: 'event', record: { ...ledger.events.record(event, arrival) } });
      return false;
    });
    return accepted(copies.length > 0 ? `discarded: ${copies.length} recorded before` : undefined);
  }

  /** The bulk rule on a repeated unique_id, in the reading chosen; undefined when nothing stands in the way. */
  function refuseRepeated(events: readonly IncomingEvent[], arrival: Arrival): Answer | undefined {
    const rule = options().bulkDuplicates;
    if (rule === 'discard') return undefined;
    const within = ledger.events.repeatedWithin(events, arrival);
    const repeated = [...events.entries()].filter(
      ([position, event]) => within.has(position) || ledger.events.findCopy(event, arrival),
    );
    if (repeated.length === 0) return undefined;
    if (rule === 'refuse') {
      const errors = repeated.map(([position]) => ({
        detail: "'unique_id' is repeated for the same profile and metric.",
        source: { pointer: `/data/attributes/events/data/${position}/attributes/unique_id` },
      }));
      return refuse(400, errors);
    }
    for (const [, event] of repeated) countCopy(event, arrival);
    return accepted(`failed: ${repeated.length} with a repeated unique_id, no event recorded`);
  }

  /** Whether the event repeats a recorded one, which then counts it. */
  function countCopy(event: IncomingEvent, arrival: Arrival): boolean {
    const recorded = ledger.events.findCopy(event, arrival);
    if (!recorded) return false;
    recorded.duplicates += 1;
    ledger.tell({ kind: 'duplicate', record: { ...recorded } });
    return true;
  }

  return { answer };
}

function accepted(error: string | undefined): Answer {
  return { status: 202, headers: {}, body: '', ...(error !== undefined && { error }) };
}

function refuseRevision(revision: string | undefined): Answer | undefined {
  const source = { parameter: 'revision' };
  if (revision === undefined || revision === '') {
    return refuse(400, [{ detail: "The 'revision' header is required.", source }]);
  }
  if (!revisionShape.test(revision) || Number.isNaN(Date.parse(revision.slice(0, 10)))) {
    const detail = "The 'revision' header must be a date, YYYY-MM-DD[.suffix].";
    return refuse(400, [{ detail, source }]);
  }
  // What Klaviyo answers to a retired revision is not written down; its guide on retired endpoints
  // says 410, and to a tracker both mean that asking again is pointless.
  if (revision.slice(0, 10) < oldestRevision) {
    return refuse(410, [{ detail: `Revision ${revision} has been retired.`, source }]);
  }
  return undefined;
}

function refuseCompany(companyId: string | undefined): Answer {
  const source = { parameter: 'company_id' };
  const detail = companyId
    ? 'The company id provided is invalid.'
    : "The 'company_id' query parameter is required.";
  return refuse(400, [{ detail, source }]);
}

function refuseBody(request: ClientRequest, now: number): Answer | undefined {
  const type = request.contentType?.split(';')[0]?.trim().toLowerCase();
  if (type !== mediaType) {
    const detail = `Unsupported media type "${type ?? ''}" in request. Use ${mediaType}.`;
    return refuse(415, [{ detail }]);
  }
  const maxBytes = request.endpoint === 'profiles' ? maxProfileBodyBytes : maxBodyBytes;
  if (request.bytes > maxBytes) {
    return refuse(413, [{ detail: `The request body must not exceed ${maxBytes} bytes.` }]);
  }
  if (request.body === undefined) {
    return refuse(400, [{ detail: 'The body is not valid JSON.', source: { pointer: '/data' } }]);
  }
  const problems = validateBody(request.endpoint, request.body, now);
  if (problems.length === 0) return undefined;
  return refuse(
    400,
    problems.slice(0, 100).map(({ pointer, detail }) => ({ detail, source: { pointer } })),
  );
}
