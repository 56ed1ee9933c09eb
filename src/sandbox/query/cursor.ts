import { createHash } from 'node:crypto';
import type { Kept, SortBy, SortValue } from '../store/collection.js';

/** Where a page begins, or ends: at a thing, by what it is sorted by, so that it may be gone by now. */
export interface Cursor {
  /** Whether the page comes after the thing or before it. */
  direction: 'after' | 'before';
  value: SortValue;
  seq: number;
}

/** A cursor is good for the query it was made for and no other. */
const markOf = (query: string) =>
  createHash('sha256').update(query).digest('base64url').slice(0, 8);

export function writeCursor<T extends Kept>(
  query: string,
  direction: Cursor['direction'],
  item: T,
  by: SortBy<T>,
): string {
  const content = [markOf(query), direction === 'after' ? 1 : 0, by(item), item.seq];
  return Buffer.from(JSON.stringify(content)).toString('base64url');
}

/** Undefined for what is no cursor of this query. */
export function readCursor(query: string, text: string): Cursor | undefined {
  try {
    const content: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (!Array.isArray(content) || content.length !== 4) return undefined;
    const [mark, after, value, seq] = content;
    const isValue = value === null || ['string', 'number'].includes(typeof value);
    if (mark !== markOf(query) || !isValue || typeof seq !== 'number') return undefined;
    return { direction: after === 1 ? 'after' : 'before', value, seq };
  } catch {
    return undefined; // not even JSON
  }
}
