import type { Answer } from './api-error.js';
import { refuse } from './api-error.js';
import type { ClientEndpoint } from './endpoints.js';
import type { Check } from './validate/check.js';
import { problemsOf } from './validate/check.js';

/** A request, read and parsed but not judged. */
export interface ApiRequest {
  method: string;
  revision: string | undefined;
  contentType: string | undefined;
  bytes: number;
  /** The parsed body; undefined when it is not JSON. */
  body: unknown;
}

/** A request to a client endpoint. */
export interface ClientRequest extends ApiRequest {
  endpoint: ClientEndpoint;
  /** The `company_id`. */
  companyId: string | undefined;
}

/** A request to the private API, whatever its path. */
export interface PrivateRequest extends ApiRequest {
  /** The whole address it was sent to. */
  url: URL;
  authorization: string | undefined;
}

const mediaType = 'application/vnd.api+json';
const revisionShape = /^\d{4}-\d{2}-\d{2}(\.[a-z]+\d*)?$/;
// Revisions live two years; 2024-10-15 and everything before it is past its end.
const oldestRevision = '2025-01-15';

/** A 405, with the methods that are allowed. */
export function refuseMethod(method: string, allow: string): Answer {
  return refuse(405, [{ detail: `Method "${method}" not allowed.` }], { Allow: allow });
}

/** What is wrong with the revision; undefined when nothing is. */
export function refuseRevision(revision: string | undefined): Answer | undefined {
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

/** What is wrong with the content type, the size or the body; undefined when nothing is. */
export function refuseBody(
  request: Omit<ApiRequest, 'revision' | 'method'>,
  maxBytes: number,
  check: Check,
): Answer | undefined {
  const type = request.contentType?.split(';')[0]?.trim().toLowerCase();
  if (type !== mediaType) {
    const detail = `Unsupported media type "${type ?? ''}" in request. Use ${mediaType}.`;
    return refuse(415, [{ detail }]);
  }
  if (request.bytes > maxBytes) {
    return refuse(413, [{ detail: `The request body must not exceed ${maxBytes} bytes.` }]);
  }
  if (request.body === undefined) {
    return refuse(400, [{ detail: 'The body is not valid JSON.', source: { pointer: '/data' } }]);
  }
  const problems = problemsOf(check, request.body);
  if (problems.length === 0) return undefined;
  return refuse(
    400,
    problems.slice(0, 100).map(({ pointer, detail }) => ({ detail, source: { pointer } })),
  );
}
