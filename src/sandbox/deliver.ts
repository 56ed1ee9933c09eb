import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from './api-error.js';
import { challengePage, refuse, throttle } from './api-error.js';
import type { Fault } from './fault.js';

/** The answer a fault gives in place of processing; undefined when it lets the request be processed. */
export function answerOf(fault: Fault): Answer | undefined {
  const { status, detail, pointer, retryAfterSeconds, html } = fault;
  if (status === undefined && !html) return undefined;
  const retryAfter: Record<string, string> =
    retryAfterSeconds !== undefined ? { 'Retry-After': String(retryAfterSeconds) } : {};
  if (html) {
    const page = challengePage(status ?? 403);
    return { ...page, headers: { ...page.headers, ...retryAfter } };
  }
  if (status === 429) return throttle(retryAfterSeconds ?? 1, detail);
  if (status !== undefined && status >= 400) {
    const source = pointer === undefined ? {} : { source: { pointer } };
    return refuse(status, [{ detail, ...source }], retryAfter);
  }
  return { status: status ?? 202, headers: retryAfter, body: '', error: 'answered by a fault' };
}

/** Waits, unless the sandbox closes. */
export async function pause(durationMs: number | undefined, closing: AbortSignal): Promise<void> {
  if (!durationMs) return;
  try {
    await sleep(durationMs, undefined, { signal: closing });
  } catch {
    // closing: the connection is about to be destroyed anyway
  }
}

/** Writes an answer, as slowly or as incompletely as the fault wants it. */
export async function deliver(
  response: ServerResponse,
  answer: Pick<Answer, 'status' | 'headers' | 'body'>,
  fault: Fault | undefined,
  closing: AbortSignal,
): Promise<void> {
  const { status, headers, body } = answer;
  if (fault?.truncateBody) {
    // The length promises more than will come; an empty body is made to promise something too.
    const promised = Math.max(2, Buffer.byteLength(body));
    response.writeHead(status, { ...headers, 'content-length': promised });
    response.flushHeaders();
    await new Promise<void>((done) => {
      response.write(body.slice(0, Math.floor(body.length / 2)) || ' ', () => done());
    });
    response.socket?.destroy();
    return;
  }
  if (fault?.slowBodyMs) {
    // In chunks even when the body is empty, so that its end is something still to come.
    response.writeHead(status, { ...headers, 'transfer-encoding': 'chunked' });
    response.flushHeaders();
    await pause(fault.slowBodyMs, closing);
    response.end(body);
    return;
  }
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
