import type { IncomingMessage } from 'node:http';

// Twice what is ever accepted is read (and thrown away) before the connection is broken: a sender
// that is cut off in the middle of its body would see a network error instead of the 413.
const maxReadBytes = 10_000_000;

/** The whole body and its size; undefined when the sender broke off or sent far too much. */
export async function readBody(
  request: IncomingMessage,
): Promise<{ text: string; bytes: number } | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > maxReadBytes) return undefined;
      parts.push(part);
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
