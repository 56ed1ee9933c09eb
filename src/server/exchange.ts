/** One request to Klaviyo with the private key, and what came back. Never rejects: no answer is one too. */
import { API_HOST, REVISION } from '../shared/limits.js';
import type { ServerEnv } from './env.js';
import { REQUEST_TIMEOUT_MS } from './limits.js';
import { onAbort } from './on-abort.js';

export interface KlaviyoOptions {
  /** Private API key with the scopes of what it is used for, such as `pk_` and 34 characters. */
  privateKey: string;
  /** Default `https://a.klaviyo.com`; the sandbox's `url` in tests. */
  apiHost?: string;
  /** API revision. Default: the newest this version was made for. */
  revision?: string;
  /** For one request, head and body. Default 20 000. */
  requestTimeoutMs?: number;
}

/** What goes out. */
export interface Sending {
  method: string;
  /** From the host on, with its query. */
  path: string;
  body?: string | undefined;
  /** Ends it before its time. */
  signal?: AbortSignal | undefined;
}

export interface Exchange {
  /** HTTP status; 0 when there was no answer. */
  status: number;
  text: string;
  /** False when the connection broke in the middle of the body. */
  isWhole: boolean;
  /** A page where JSON belongs is a proxy's or a captive portal's. */
  isPage: boolean;
  /** What `Retry-After` asks for; NaN when it is not there or a moment of the past. */
  retryAfterSeconds: number;
  /** Requests left in this minute; undefined when the answer does not say. */
  remaining: number | undefined;
  /** Until they are renewed. */
  resetMs: number;
  /** Klaviyo's own id of the request, for its support. */
  klaviyoRequestId: string | undefined;
  /** Why there was no answer. */
  failure?: unknown;
}

const numberIn = (headers: Headers, name: string): number | undefined => {
  const text = headers.get(name);
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
};

export function createExchange(env: ServerEnv, options: KlaviyoOptions) {
  const host = (options.apiHost ?? API_HOST).replace(/\/+$/, '');
  const timeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const headers = {
    authorization: `Klaviyo-API-Key ${options.privateKey}`,
    revision: options.revision ?? REVISION,
    accept: 'application/vnd.api+json',
    'content-type': 'application/vnd.api+json',
  };

  async function read(response: Response): Promise<Exchange> {
    let isWhole = true;
    const text = await response.text().catch(() => {
      isWhole = false;
      return '';
    });
    const retryAfter = response.headers.get('retry-after');
    return {
      ...{ status: response.status, text, isWhole },
      // Of nothing the type says nothing.
      isPage: text !== '' && /html/.test(response.headers.get('content-type') ?? ''),
      retryAfterSeconds: Number(retryAfter) || (Date.parse(retryAfter ?? '') - env.now()) / 1000,
      remaining: numberIn(response.headers, 'ratelimit-remaining'),
      resetMs: 1000 * (numberIn(response.headers, 'ratelimit-reset') ?? 0),
      klaviyoRequestId: response.headers.get('x-klaviyo-request-id') ?? undefined,
    };
  }

  return async function exchange({ method, path, body, signal }: Sending): Promise<Exchange> {
    const control = new AbortController();
    const end = () => control.abort();
    const cancel = env.after(timeoutMs, end);
    const forget = onAbort(signal, end);
    if (signal?.aborted) end();
    try {
      const response = await env.fetch(`${host}${path}`, {
        ...{ method, headers, signal: control.signal },
        ...(body !== undefined && { body }),
        // The key goes to this host and to no other.
        redirect: 'manual',
      });
      return await read(response);
    } catch (failure) {
      return {
        ...{ status: 0, text: '', isWhole: false, isPage: false, retryAfterSeconds: 0 },
        ...{ remaining: undefined, resetMs: 0, klaviyoRequestId: undefined, failure },
      };
    } finally {
      cancel();
      forget();
    }
  };
}
