/** Long lists, a page at a time. */
import type { CallEndpoint } from './call.js';
import type { Endpoint } from './endpoints.js';
import { type QueryValue, toQuery } from './to-query.js';
import { type Document, manyOf, type Resource } from './wire.js';

/** What one request brought. */
export interface Page<T> {
  items: T[];
  /** Where this page began; undefined for the first. */
  cursor: string | undefined;
  /** Where the next one begins: keep it, and go on there after a restart. Undefined for the last. */
  nextCursor: string | undefined;
}

/**
 * A list that is walked with `for await`, item by item. Each page is asked for when the one before it has been
 * used up, so there is one page in memory however long the list is. Leaving the loop ends it; an aborted signal
 * makes it throw the signal's reason. Every `for await` begins anew. A query that the endpoint does not take throws a
 * `KlaviyoInputError` at once, before there is anything to walk.
 */
export interface Walk<T> extends AsyncIterable<T> {
  /** The same by pages, with their cursors. */
  pages(): AsyncIterable<Page<T>>;
}

/** Where the next page begins. Only the cursor is taken: the key goes to our own host and path. */
export function nextCursorOf({ links }: Pick<Document, 'links'>): string | undefined {
  const next = links?.next;
  if (typeof next !== 'string' || next === '') return undefined;
  const { searchParams } = new URL(next, 'https://a.klaviyo.com');
  return searchParams.get('page[cursor]') ?? searchParams.get('page_cursor') ?? undefined;
}

export interface WalkParts<T> {
  call: CallEndpoint;
  endpoint: Endpoint;
  id?: string;
  query: Record<string, QueryValue>;
  read: (resource: Resource, included: readonly Resource[]) => T;
  cursor?: string | undefined;
  signal?: AbortSignal | undefined;
}

export function walk<T>({ call, endpoint, id, query, read, ...from }: WalkParts<T>): Walk<T> {
  const { signal } = from;

  async function* pages(): AsyncGenerator<Page<T>> {
    let cursor = from.cursor;
    for (;;) {
      const { body } = await call<Document>(endpoint, {
        ...{ id, signal, query: toQuery({ ...query, 'page[cursor]': cursor }) },
      });
      const { included = [] } = body;
      const items = manyOf(body).map((resource) => read(resource, included));
      const nextCursor = nextCursorOf(body);
      yield { items, cursor, nextCursor };
      if (nextCursor === undefined) return;
      if (nextCursor === cursor) throw new Error('Klaviyo sends the same page again and again.');
      cursor = nextCursor;
    }
  }

  async function* items(): AsyncGenerator<T> {
    for await (const page of pages()) {
      for (const item of page.items) {
        signal?.throwIfAborted();
        yield item;
      }
    }
    signal?.throwIfAborted();
  }

  return { pages, [Symbol.asyncIterator]: items };
}
