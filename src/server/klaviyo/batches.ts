/** Many things, cut into requests that Klaviyo takes. */
import { KlaviyoApiError } from './klaviyo-error.js';

/** Items as they come: from a list, or one by one from a file or a database. */
export type Many<T> = Iterable<T> | AsyncIterable<T>;

/** One item and its place among those that were given. */
export interface Member<T> {
  item: T;
  /** Its part of the body. */
  text: string;
  /** From 0. */
  index: number;
}

/** One item that Klaviyo, or its limits, refuse. */
export interface Rejected {
  /** Among those that were given, from 0. */
  index: number;
  /** Why. Its `details` have Klaviyo's own words. */
  error: KlaviyoApiError | RangeError;
}

export interface Limits {
  maxCount: number;
  /** Of all parts together, the commas between them included. */
  maxBytes: number;
}

/** Batches as large as the limits allow, in order; one is in memory at a time. */
export async function* batchesOf<T>(
  items: Many<T>,
  write: (item: T, index: number) => string,
  { maxCount, maxBytes }: Limits,
): AsyncGenerator<Member<T>[]> {
  let batch: Member<T>[] = [];
  let bytes = 0;
  let index = 0;
  for await (const item of items) {
    const text = write(item, index);
    const size = Buffer.byteLength(text) + 1;
    if (batch.length > 0 && (batch.length >= maxCount || bytes + size > maxBytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push({ item, text, index });
    bytes += size;
    index += 1;
  }
  if (batch.length > 0) yield batch;
}

/** Which members of a batch an error names by its pointers, such as `/data/attributes/profiles/data/17/...`. */
function culpritsOf({ details }: KlaviyoApiError): Set<number> {
  const places = details.map(
    ({ pointer }) => /\/profiles\/data\/(\d+)(\/|$)/.exec(pointer ?? '')?.[1],
  );
  return new Set(places.filter((place) => place !== undefined).map(Number));
}

/**
 * Sends a batch, and once more without those members that an answer names: the others are not to go
 * without for what is wrong with one. Rejects with an error that names none.
 */
export async function sendBatch<T, Result>(
  batch: readonly Member<T>[],
  rejected: Rejected[],
  send: (members: readonly Member<T>[]) => Promise<Result>,
): Promise<{ members: readonly Member<T>[]; result: Result } | undefined> {
  for (let members = batch; members.length > 0; ) {
    try {
      return { members, result: await send(members) };
    } catch (error) {
      if (!(error instanceof KlaviyoApiError) || error.status !== 400) throw error;
      const culprits = culpritsOf(error);
      const kept = members.filter((_, place) => !culprits.has(place));
      if (kept.length === members.length) throw error;
      for (const place of culprits) {
        const member = members[place];
        if (member) rejected.push({ index: member.index, error });
      }
      members = kept;
    }
  }
  return undefined;
}
