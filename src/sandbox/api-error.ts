import { randomUUID } from 'node:crypto';

/** Where an error was found: in the body (a JSON pointer) or in the query. */
type ErrorSource = { pointer: string } | { parameter: string };

/** An answer before CORS and connection matters are added to it. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** For the list of requests: the first error, or what was not recorded despite a 202. */
  error?: string;
}

// Codes and titles as Klaviyo's API answers them (and Django REST Framework, which it is built on).
const codes: Record<number, [code: string, title: string, detail: string]> = {
  400: ['invalid', 'Invalid input.', 'The request is not valid.'],
  401: ['not_authenticated', 'Authentication credentials were not provided.', 'Not authenticated.'],
  403: [
    'permission_denied',
    'You do not have permission to perform this action.',
    'Permission denied.',
  ],
  404: ['not_found', 'Not found.', 'The requested resource was not found.'],
  405: ['method_not_allowed', 'Method not allowed.', 'Method not allowed.'],
  409: ['conflict', 'Conflict.', 'The request conflicts with what is there.'],
  410: ['gone', 'Gone.', 'This revision of the API has been retired.'],
  413: ['payload_too_large', 'Payload too large.', 'The request body is too large.'],
  415: ['unsupported_media_type', 'Unsupported media type.', 'Unsupported media type in request.'],
  429: ['throttled', 'Request was throttled.', 'Request was throttled.'],
  500: ['error', 'A server error occurred.', 'A server error occurred.'],
  503: ['service_unavailable', 'Service unavailable.', 'The service is unavailable.'],
};

/** One thing that is wrong. What it leaves out is what that status usually says. */
export interface Refusal {
  code?: string;
  title?: string;
  detail?: string | undefined;
  source?: ErrorSource;
  meta?: Record<string, unknown>;
}

/** Klaviyo's JSON:API error answer. Without errors of its own it says what that status usually says. */
export function refuse(
  status: number,
  errors: readonly Refusal[] = [{}],
  headers: Record<string, string> = {},
): Answer {
  const fallback = codes[status] ?? (status < 500 ? codes[400] : codes[500]);
  const [usualCode, usualTitle, usual] = fallback ?? ['error', 'Error.', 'An error occurred.'];
  const listed = errors.map(({ code, title, detail, source, meta }) => ({
    id: randomUUID(),
    status,
    code: code ?? usualCode,
    title: title ?? usualTitle,
    detail: detail ?? usual,
    ...(source && { source }),
    links: {},
    meta: meta ?? {},
  }));
  const first = listed[0];
  const where = first?.source && Object.values(first.source)[0];
  return {
    status,
    headers: { 'content-type': 'application/vnd.api+json', ...headers },
    body: JSON.stringify({ errors: listed }),
    error: where ? `${first.detail} (${where})` : (first?.detail ?? usual),
  };
}

/** A 429, with the seconds both in the header and in the detail, as Klaviyo sends it. */
export function throttle(seconds: number, detail?: string): Answer {
  const text = `Request was throttled. Expected available in ${seconds} second${seconds === 1 ? '' : 's'}.`;
  return refuse(429, [{ detail: detail ?? text }], { 'Retry-After': String(seconds) });
}

/** What a challenge page in front of the API answers: HTML, not JSON. */
export function challengePage(status: number): Answer {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=UTF-8' },
    body: '<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your browser.</body></html>',
    error: 'HTML challenge page',
  };
}
