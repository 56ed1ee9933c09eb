/** One request of the doctor's, and what came back. Never rejects: no answer is one too. */
import type { ServerEnv } from '../env.js';
import { PAGE_MAX_BYTES } from '../limits.js';

export interface Question {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  signal: AbortSignal;
  /** Default false: what is signed or holds a key goes to the host that was named and to no other. */
  followsRedirects?: boolean;
}

export interface Answer {
  /** HTTP status; 0 when there was no answer. */
  status: number;
  headers: Headers;
  bytes: Uint8Array;
  text: string;
  /** Where it came from in the end. */
  url: string;
  /** Epoch ms, by the clock of this machine. */
  sentAt: number;
  receivedAt: number;
  /** Why there was no answer; a sentence's second half. */
  failure: string;
}

export type Ask = (url: string | URL, question: Question) => Promise<Answer>;

const WORDS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the host’s name could not be looked up',
  ECONNRESET: 'the connection was broken off',
  UND_ERR_SOCKET: 'the connection was broken off',
  UND_ERR_CONNECT_TIMEOUT: 'the connection was not made in time',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate’s chain is not complete',
};

/** By its code: the message of a network error may quote an address. */
function wordsFor(error: unknown): string {
  const { cause, code } = error as { cause?: { code?: unknown }; code?: unknown };
  const name = [cause?.code, code].find((each) => typeof each === 'string') as string | undefined;
  if (name === undefined) return 'the connection failed';
  return WORDS[name] ?? `the connection failed (${name.replace(/\W/g, '')})`;
}

/** At most so much: a page without an end must not fill the memory. */
async function readBytes(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  if (!body) return new Uint8Array(0);
  for await (const part of body) {
    parts.push(part);
    bytes += part.length;
    if (bytes > PAGE_MAX_BYTES) break;
  }
  return Buffer.concat(parts);
}

export function createAsk(env: ServerEnv): Ask {
  return async (url, { followsRedirects = false, ...init }) => {
    const sentAt = env.now();
    try {
      const redirect = followsRedirects ? 'follow' : 'manual';
      // A connection that is kept would keep the process, too.
      const headers = { ...init.headers, connection: 'close' };
      const response = await env.fetch(url, { ...init, headers, redirect });
      // The head: its date is what a clock is compared with.
      const receivedAt = env.now();
      const bytes = await readBytes(response.body);
      const { status } = response;
      const text = new TextDecoder().decode(bytes);
      const from = response.url || `${url}`;
      return {
        status,
        headers: response.headers,
        bytes,
        text,
        url: from,
        sentAt,
        receivedAt,
        failure: '',
      };
    } catch (error) {
      return {
        ...{ status: 0, headers: new Headers(), bytes: new Uint8Array(0), text: '' },
        ...{ url: `${url}`, sentAt, receivedAt: env.now(), failure: wordsFor(error) },
      };
    }
  };
}

/** Where an address leads, without what may be nobody's business: its path, query and user. */
export const originOf = (url: string | URL): string => new URL(url).origin;
