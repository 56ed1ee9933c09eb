/** From a request to its parsed body, or to the refusal it gets. */
import type { ServerEnv } from './env.js';
import { problem } from './problem.js';
import { readBody } from './read-body.js';
import type { Verify } from './signature.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

const refusals = {
  large: () => problem(413, 'Send at most 1 MB.', { headers: { connection: 'close' } }),
  slow: () =>
    problem(408, 'Send the body within 10 seconds.', { headers: { connection: 'close' } }),
  broken: () => problem(400, 'The body ended before it was complete.'),
};

const notAllowed = (request: Request): Response =>
  problem(405, `Use POST, not ${request.method.slice(0, 20)}.`, { headers: { allow: 'POST' } });

export const refusedType = (): Response => problem(415, 'Send content-type: application/json.');

/** The media type without its parameters, in lower case. */
const typeOf = (request: Request): string =>
  (request.headers.get('content-type')?.split(';')[0] ?? '').trim().toLowerCase();

/**
 * Reads, verifies and parses a request, in that order: nobody learns from us what their body lacks unless
 * they have signed it.
 */
export async function receive(
  request: Request,
  env: ServerEnv,
  verify: Verify,
  parse: (text: string) => unknown = JSON.parse,
): Promise<{ body: unknown } | { refused: Response }> {
  if (request.method !== 'POST') return { refused: notAllowed(request) };
  if (typeOf(request) !== 'application/json') {
    return { refused: refusedType() };
  }
  const encoding = request.headers.get('content-encoding') ?? 'identity';
  if (encoding.trim().toLowerCase() !== 'identity') {
    return { refused: problem(415, 'Send the body as it is, without a content-encoding.') };
  }
  const bytes = await readBody(request, env);
  if (typeof bytes === 'string') return { refused: refusals[bytes]() };
  if (!verify(request.headers, bytes)) {
    return {
      refused: problem(401, 'The request is not signed, or its signature is not valid now.'),
    };
  }
  try {
    return { body: parse(utf8.decode(bytes)) };
  } catch {
    return { refused: problem(400, 'The body has to be JSON in UTF-8.') };
  }
}

export const isForm = (request: Request): boolean =>
  request.method === 'POST' && typeOf(request) === 'application/x-www-form-urlencoded';

/** WooCommerce's greeting to a new address: a form, unsigned, that wants a 200 and nothing else. */
export async function isWooPing(request: Request, env: ServerEnv): Promise<boolean> {
  const bytes = await readBody(request, env);
  return typeof bytes !== 'string' && /^webhook_id=\d{1,20}$/.test(new TextDecoder().decode(bytes));
}
