/** Sends events with the private key. Never rejects: no answer is an outcome too. */
import { type Outcome, readOutcome } from '../shared/outcome.js';
import { eventBody, jobBody } from '../shared/payload.js';
import type { ServerEnv } from './env.js';
import { createExchange, type Exchange, type KlaviyoOptions } from './exchange.js';
import { REQUEST_TIMEOUT_MS } from './limits.js';
import type { OrderEvent } from './order-events.js';

/** What came back, with what it says about the account's rate limit. */
export type Answer = Outcome & Pick<Exchange, 'remaining' | 'resetMs' | 'klaviyoRequestId'>;

/** An event as text that is ready to be sent. */
export type ReadyEvent = Pick<OrderEvent, 'profile' | 'data'>;

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

/** Body of a bulk request: each person once, with their events. */
export function jobOf(events: readonly ReadyEvent[]): string {
  const byProfile = new Map<string, string[]>();
  for (const { profile, data } of events) {
    const members = byProfile.get(profile);
    if (members) members.push(data);
    else byProfile.set(profile, [data]);
  }
  return jobBody(byProfile);
}

const nothing: Answer = {
  ...readOutcome(0),
  ...{ remaining: undefined, resetMs: 0, klaviyoRequestId: undefined },
};

export function createKlaviyoApi(env: ServerEnv, options: KlaviyoOptions) {
  const exchange = createExchange(env, options);

  const underWay = new Set<AbortController>();

  async function post(path: string, body: string): Promise<Answer> {
    const control = new AbortController();
    underWay.add(control);
    const got = await exchange({ method: 'POST', path, body, signal: control.signal });
    underWay.delete(control);
    // A refusal whose words were cut off is none that anything could be given up for.
    if (!got.isWhole && (got.status < 200 || got.status > 299)) return nothing;
    const { remaining, resetMs, klaviyoRequestId } = got;
    const outcome = readOutcome(got.status, got.retryAfterSeconds, got.text, got.isPage);
    return { ...judge(outcome, got.text), remaining, resetMs, klaviyoRequestId };
  }

  return {
    requestTimeoutMs: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    /** One event. */
    sendEvent: ({ profile, data }: ReadyEvent): Promise<Answer> =>
      post('/api/events', eventBody(profile, data)),
    /** Up to 1000 events of any people. */
    sendBatch: (events: readonly ReadyEvent[]): Promise<Answer> =>
      post('/api/event-bulk-create-jobs', jobOf(events)),
    /** Ends what has no answer yet: it gets none. */
    breakOff(): void {
      for (const control of underWay) control.abort();
    },
  };
}

export type KlaviyoApi = ReturnType<typeof createKlaviyoApi>;
