import type { Answer } from './api-error.js';
import { refuse } from './api-error.js';
import { maxBodyBytes, maxProfileBodyBytes } from './limits.js';
import type { Endpoint } from './options.js';
import { validateBody } from './validate/body.js';

/** A request to an endpoint, read and parsed but not judged. */
export interface ApiRequest {
  method: string;
  endpoint: Endpoint;
  /** The `company_id` of a client request. */
  companyId: string | undefined;
  /** The `Authorization` of a private one. */
  authorization: string | undefined;
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

/** What is wrong with the method or the revision; undefined when nothing is. */
export function refuseHead(request: ApiRequest, allow: string): Answer | undefined {
  if (request.method !== 'POST') {
    const detail = `Method "${request.method}" not allowed.`;
    return refuse(405, [{ detail }], { Allow: allow });
  }
  return refuseRevision(request.revision);
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

/** What is wrong with the content type, the size or the body; undefined when nothing is. */
export function refuseBody(request: ApiRequest, now: number): Answer | undefined {
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
