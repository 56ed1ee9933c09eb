import type { IncomingMessage } from 'node:http';
import { maxBodyBytes } from './limits.js';

/**
 * The whole body and its size; undefined when the sender broke off. Of a body that is too large
 * anyway only the size is kept, but it is read to its end: a sender that is cut off in the middle
 * would see a network error instead of the 413.
 */
export async function readBody(
  request: IncomingMessage,
): Promise<{ text: string; bytes: number } | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes <= maxBodyBytes) parts.push(part);
    }
  } catch {
    return undefined; // the sender went away: there is nobody to answer
  }
  return { text: Buffer.concat(parts).toString('utf8'), bytes };
}

/** The parsed text; undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
