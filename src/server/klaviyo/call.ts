/** The core of every call: paced, timed, repeated where that is harmless, and an error of one kind where it failed. */
import { type Outcome, readOutcome } from '../../shared/outcome.js';
import type { ServerEnv } from '../env.js';
import { createExchange, type Exchange, type KlaviyoOptions } from '../exchange.js';
import { ATTEMPTS_MAX, WAIT_MAX_MS } from '../limits.js';
import type { Log } from '../log.js';
import { onAbort } from '../on-abort.js';
import { pauseAfter } from '../pause-after.js';
import { type Endpoint, nameOf } from './endpoints.js';
import { KlaviyoInputError } from './input-error.js';
import { type Failure, KlaviyoApiError } from './klaviyo-error.js';
import { createPace, type Place, TooLongError } from './pace.js';

export interface CallOptions {
  /** Ends the call: it rejects with the signal's reason, and waits for nothing any more. */
  signal?: AbortSignal | undefined;
}

/** A call of an endpoint. */
export interface Call extends CallOptions {
  /** What `{id}` in the path stands for. */
  id?: string | undefined;
  /** The path as it is, where it was not made from the endpoint's. */
  path?: string;
  /** Encoded, without its question mark. */
  query?: string;
  /** JSON text, or what becomes it. */
  body?: unknown;
  /** Default: the endpoint's. */
  isRepeatable?: boolean;
}

/** What came back of a call that was done. */
export interface Reply<Body = unknown> {
  status: number;
  /** The parsed JSON; undefined when the answer had no body, as with 202 and 204. */
  body: Body;
  klaviyoRequestId: string | undefined;
}

// A connection that was never there: the request can't have arrived.
const NEVER_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'];

function wasNeverSent({ status, failure }: Exchange): boolean {
  const cause = (failure as { cause?: { code?: unknown } } | undefined)?.cause;
  return status === 0 && NEVER_SENT.some((code) => code === cause?.code);
}

/** The path of an endpoint. An empty id would turn one thing into the list of all. */
function pathOf({ path }: Endpoint, id: string | undefined): string {
  if (!path.includes('{id}')) return path;
  if (typeof id !== 'string' || /^\s*$|^\.+$/.test(id)) {
    throw new KlaviyoInputError(`${path} needs an id: a text that is not empty.`);
  }
  return path.replace('{id}', () => encodeURIComponent(id));
}

/** Whether an answer has what the endpoint promises. */
function hasDocument(body: unknown, answers: Endpoint['answers']): boolean {
  if (answers === undefined) return true;
  const data = (body as { data?: unknown } | null | undefined)?.data;
  return answers === 'many' ? Array.isArray(data) : isResource(data);
}

const isResource = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && !Array.isArray(data);

/** Reads an answer; one that is a page, or JSON no longer, is not Klaviyo's. */
function judge(
  got: Exchange,
  { answers }: Pick<Endpoint, 'answers'>,
): { outcome: Outcome; body: unknown; isWithoutDocument?: boolean } {
  const outcome = readOutcome(got.status, got.retryAfterSeconds, got.text, got.isPage);
  if (outcome.kind !== 'delivered') return { outcome, body: undefined };
  // What has no body anyway is done, however its connection ended.
  if (!got.isWhole && (answers || (got.status !== 202 && got.status !== 204))) {
    return { outcome: { ...outcome, kind: 'network' }, body: undefined };
  }
  const denied = { outcome: { ...outcome, kind: 'denied' as const }, body: undefined };
  try {
    const body: unknown = got.text === '' ? undefined : JSON.parse(got.text);
    return hasDocument(body, answers) ? { outcome, body } : { ...denied, isWithoutDocument: true };
  } catch {
    return { ...denied, isWithoutDocument: true };
  }
}

export interface RequestParts {
  env: ServerEnv;
  log: Log;
  klaviyo: KlaviyoOptions;
}

export function createCall({ env, log, klaviyo }: RequestParts) {
  const exchange = createExchange(env, klaviyo);
  const pace = createPace(env);

  /** Waits, and keeps the process alive; rejects when the signal says so. */
  const pause = (durationMs: number, signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = env.after(
        durationMs,
        () => {
          forget();
          resolve();
        },
        true,
      );
      const forget = onAbort(signal, stop);
    });

  async function enter(
    endpoint: Endpoint,
    failure: Pick<Failure, 'attempts' | 'isOutcomeUnknown'>,
    signal: AbortSignal | undefined,
  ): Promise<Place> {
    try {
      return await pace(endpoint, { isRepeat: failure.attempts > 0, signal });
    } catch (error) {
      if (!(error instanceof TooLongError)) throw error;
      const outcome = { ...readOutcome(429), retryAfterMs: error.waitMs };
      throw new KlaviyoApiError({ ...failure, endpoint, outcome });
    }
  }

  return async function call<Body = unknown>(
    endpoint: Endpoint,
    { id, query, body, signal, path: given, isRepeatable = endpoint.isRepeatable }: Call = {},
  ): Promise<Reply<Body>> {
    const path = given ?? pathOf(endpoint, id);
    const sending = {
      ...{ method: endpoint.method, path: query ? `${path}?${query}` : path, signal },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    };
    let isOutcomeUnknown = false;
    for (let attempts = 1; ; attempts += 1) {
      const place = await enter(endpoint, { attempts: attempts - 1, isOutcomeUnknown }, signal);
      const got = await exchange(sending);
      const { outcome, body: answer, isWithoutDocument } = judge(got, endpoint);
      const { kind, retryAfterMs, status } = outcome;
      const pauseMs = pauseAfter(attempts, retryAfterMs, env.random());
      if (kind === 'throttled') place.close(pauseMs);
      place.leave(got);
      // Whoever has ended it wants no answer, and may not get half of one.
      signal?.throwIfAborted();
      if (kind === 'delivered') {
        const { klaviyoRequestId } = got;
        return { status, body: answer as Body, klaviyoRequestId };
      }
      const isLost = kind === 'network' || kind === 'server';
      // Done, by its status, and what has become of it is not known.
      const isUndone =
        endpoint.method === 'GET' || wasNeverSent(got) || !(isLost || isWithoutDocument);
      isOutcomeUnknown ||= !isUndone;
      const isPassing = isLost || kind === 'throttled';
      if (
        !isPassing ||
        attempts >= ATTEMPTS_MAX ||
        retryAfterMs > WAIT_MAX_MS ||
        !(isRepeatable || isUndone)
      ) {
        const { klaviyoRequestId, failure: cause, text } = got;
        const facts = { endpoint, outcome, text, attempts, isOutcomeUnknown, isWithoutDocument };
        throw new KlaviyoApiError({ ...facts, klaviyoRequestId, cause });
      }
      const facts = { endpoint: nameOf(endpoint), outcome: kind, status, attempts };
      log.warn({ ...facts, pauseMs: Math.round(pauseMs) }, 'a request is sent again');
      // A closed lane makes it wait with all the others.
      if (isLost) await pause(pauseMs, signal);
    }
  };
}

export type CallEndpoint = ReturnType<typeof createCall>;
