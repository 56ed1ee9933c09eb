/** Sends events with the private key. Never rejects: no answer is an outcome too. */
import { API_HOST, REVISION } from '../shared/limits.js';
import { type Outcome, readOutcome } from '../shared/outcome.js';
import { eventBody, jobBody } from '../shared/payload.js';
import type { ServerEnv } from './env.js';
import { REQUEST_TIMEOUT_MS } from './limits.js';
import type { OrderEvent } from './order-events.js';

export interface KlaviyoOptions {
  /** Private API key with the scope `events:write`, such as `pk_` and 34 characters. */
  privateKey: string;
  /** Default `https://a.klaviyo.com`; the sandbox's `url` in tests. */
  apiHost?: string;
  /** API revision. Default: the newest this version was made for. */
  revision?: string;
  /** For one request, head and body. Default 20 000. */
  requestTimeoutMs?: number;
}

/** What came back, with what it says about the account's rate limit. */
export interface Answer extends Outcome {
  /** Requests left in this minute; undefined when the answer does not say. */
  remaining: number | undefined;
  /** Until they are renewed. */
  resetMs: number;
  /** Klaviyo's own id of the request, for its support. */
  klaviyoRequestId: string | undefined;
}

type Sent = Pick<OrderEvent, 'profile' | 'data'>;

const numberIn = (headers: Headers, name: string): number | undefined => {
  const text = headers.get(name);
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
};

/** Whether an answer is in Klaviyo's words: a proxy's or a wrong host's 4xx says nothing about an event. */
function isKlaviyos(body: string): boolean {
  try {
    return Array.isArray((JSON.parse(body) as { errors?: unknown } | null)?.errors);
  } catch {
    return false;
  }
}

// About the address or the method, hence about the settings, whoever says so.
const SETTINGS = [404, 405, 415, 426];

function judge(outcome: Outcome, body: string): Outcome {
  const isAboutEvent = isKlaviyos(body) && !SETTINGS.includes(outcome.status);
  return outcome.kind === 'rejected' && !isAboutEvent ? { ...outcome, kind: 'denied' } : outcome;
}

const nothing: Answer = {
  ...readOutcome(0),
  ...{ remaining: undefined, resetMs: 0, klaviyoRequestId: undefined },
};

export function createKlaviyoApi(env: ServerEnv, options: KlaviyoOptions) {
  const host = (options.apiHost ?? API_HOST).replace(/\/+$/, '');
  const timeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const headers = {
    authorization: `Klaviyo-API-Key ${options.privateKey}`,
    revision: options.revision ?? REVISION,
    accept: 'application/vnd.api+json',
    'content-type': 'application/vnd.api+json',
  };

  const underWay = new Set<AbortController>();

  async function post(path: string, body: string): Promise<Answer> {
    const control = new AbortController();
    underWay.add(control);
    const cancel = env.after(timeoutMs, () => control.abort());
    try {
      const response = await env.fetch(`${host}${path}`, {
        ...{ method: 'POST', headers, body, signal: control.signal },
        // The key goes to this host and to no other.
        redirect: 'manual',
      });
      const text = await response.text().catch(() => undefined);
      // A refusal whose words were cut off is none that anything could be given up for.
      if (text === undefined && !response.ok) return nothing;
      // A page with 200 is a proxy's or a captive portal's.
      const isPage = response.ok && /html/.test(response.headers.get('content-type') ?? '');
      const retryAfter = response.headers.get('retry-after');
      const seconds = Number(retryAfter) || (Date.parse(retryAfter ?? '') - env.now()) / 1000;
      return {
        ...judge(readOutcome(isPage ? 403 : response.status, seconds, text), text ?? ''),
        remaining: numberIn(response.headers, 'ratelimit-remaining'),
        resetMs: 1000 * (numberIn(response.headers, 'ratelimit-reset') ?? 0),
        klaviyoRequestId: response.headers.get('x-klaviyo-request-id') ?? undefined,
      };
    } catch {
      return nothing;
    } finally {
      cancel();
      underWay.delete(control);
    }
  }

  return {
    /** One event. */
    sendEvent: ({ profile, data }: Sent): Promise<Answer> =>
      post('/api/events', eventBody(profile, data)),
    /** Up to 1000 events of any people. */
    sendBatch: (events: readonly Sent[]): Promise<Answer> => {
      const byProfile = new Map<string, string[]>();
      for (const { profile, data } of events) {
        const members = byProfile.get(profile);
        if (members) members.push(data);
        else byProfile.set(profile, [data]);
      }
      return post('/api/event-bulk-create-jobs', jobBody(byProfile));
    },
    /** Ends what has no answer yet: it gets none. */
    breakOff(): void {
      for (const control of underWay) control.abort();
    },
  };
}

export type KlaviyoApi = ReturnType<typeof createKlaviyoApi>;
