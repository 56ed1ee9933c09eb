// What a page may send to a client endpoint: the documented headers and nothing else, so that a
// tracker that adds one of its own fails here as it would fail in a shop.
const requestHeaders = 'accept, content-type, revision';
const rateLimitHeaders = ['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'];
const maxAgeSeconds = '600'; // within what every browser honours (Chromium: 2 h, Firefox: 24 h)

/** Which headers of an answer CORS lets the page read. */
export interface Exposed {
  retryAfter: boolean;
  rateLimits: boolean;
}

/** The CORS headers of an answer to a client request. */
export function corsHeaders(exposed: Exposed): Record<string, string> {
  const names = [
    ...(exposed.retryAfter ? ['Retry-After'] : []),
    ...(exposed.rateLimits ? rateLimitHeaders : []),
  ];
  return {
    'Access-Control-Allow-Origin': '*',
    ...(names.length > 0 && { 'Access-Control-Expose-Headers': names.join(', ') }),
  };
}

/** The answer's headers to a preflight for a client endpoint: `revision` and the content type force one. */
export function preflightHeaders(): Record<string, string> {
  return {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'POST, OPTIONS',
    'Access-Control-Allow-Headers': requestHeaders,
    'Access-Control-Max-Age': maxAgeSeconds,
  };
}

/** For the control API, which any page on this machine may use. */
export function controlCorsHeaders(): Record<string, string> {
  return {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'GET, POST, DELETE, OPTIONS',
    'Access-Control-Allow-Headers': 'accept, content-type',
    'Access-Control-Max-Age': maxAgeSeconds,
  };
}
