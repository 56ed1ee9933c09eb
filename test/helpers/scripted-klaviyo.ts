// Klaviyo as a script: every request is listed, and answered by what the test says, on a clock that moves when told.

import type { ServerEnv } from '../../src/server/env.js';
import {
  type CreateKlaviyoOptions,
  createKlaviyo,
} from '../../src/server/klaviyo/create-klaviyo.js';
import { createClock } from './manual-clock.js';

export const privateKey = `pk_${'0123456789abcdef'.repeat(2)}XY`;
const startAt = Date.parse('2026-11-22T10:00:00Z');

export interface ScriptedRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  /** The query as it went over the wire. */
  search: string;
  headers: Headers;
  /** Parsed; undefined when there was none. */
  body: unknown;
  text: string;
  at: number;
}

/** `lost`: the connection breaks. `refused`: there never was one. `hang`: nothing until it is aborted. */
export type ScriptedAnswer =
  | 'lost'
  | 'refused'
  | 'hang'
  | {
      status?: number;
      body?: unknown;
      text?: string;
      headers?: Record<string, string>;
      cut?: boolean;
    };

type Script = (
  request: ScriptedRequest,
  index: number,
) => ScriptedAnswer | undefined | Promise<ScriptedAnswer | undefined>;

function respond(answer: Exclude<ScriptedAnswer, string>): Response {
  const { status = 200, body, text = body === undefined ? '' : JSON.stringify(body) } = answer;
  const headers = { 'content-type': 'application/vnd.api+json', ...answer.headers };
  if (!answer.cut) return new Response(text === '' ? null : text, { status, headers });
  const broken = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text.slice(0, 5)));
      controller.error(new TypeError('terminated'));
    },
  });
  return new Response(broken, { status, headers });
}

/** @param script what each request gets; undefined is 200 with an empty list */
export function scriptKlaviyo(
  script: Script = () => undefined,
  options: Partial<CreateKlaviyoOptions> = {},
) {
  const clock = createClock(startAt);
  const requests: ScriptedRequest[] = [];
  /** What was waited for, and whether the process was held meanwhile. */
  const waits: { delayMs: number; holds: boolean }[] = [];
  let uuids = 0;

  async function answer(url: string, init: RequestInit): Promise<Response> {
    const { pathname, searchParams, search } = new URL(url);
    const text = init.body === undefined ? '' : String(init.body);
    const request: ScriptedRequest = {
      ...{ method: init.method ?? 'GET', path: pathname, query: searchParams, search, text },
      headers: new Headers(init.headers),
      body: text === '' ? undefined : JSON.parse(text),
      at: clock.now(),
    };
    requests.push(request);
    const given = (await script(request, requests.length - 1)) ?? { body: { data: [] } };
    if (given === 'lost') throw new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } });
    if (given === 'refused') {
      throw new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } });
    }
    if (given !== 'hang') return respond(given);
    return new Promise((_, reject) => {
      init.signal?.addEventListener('abort', () => reject(init.signal?.reason));
    });
  }

  const env: ServerEnv = {
    now: clock.now,
    elapsed: clock.now,
    random: () => 0.5,
    uuid: () => `uuid-${++uuids}`,
    fetch: ((url: string, init: RequestInit) => answer(url, init)) as typeof fetch,
    after: (delayMs, task, holds = false) => {
      waits.push({ delayMs, holds });
      return clock.after(delayMs, task);
    },
  };

  return { env, clock, requests, waits, klaviyo: createKlaviyo({ privateKey, env, ...options }) };
}

/** A body of Klaviyo's errors. */
export const errorsBody = (...errors: Record<string, unknown>[]) => ({
  errors: errors.map((error) => ({
    id: 'e',
    code: 'invalid',
    title: 'Invalid',
    detail: '',
    ...error,
  })),
});

/** Settles a promise without a rejection nobody has handled yet. */
export const outcomeOf = <T>(promise: Promise<T>): Promise<{ value: T } | { error: unknown }> =>
  promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
