import type { Kept, SortBy, SortValue } from '../store/collection.js';
import { compareValues } from '../store/collection.js';
import type { Cursor } from './cursor.js';

export interface Page<T> {
  items: T[];
  hasNext: boolean;
  hasPrevious: boolean;
}

interface Wanted<T> {
  /** Everything, ascending by `by`. */
  items: readonly T[];
  by: SortBy<T>;
  descending: boolean;
  matches(item: T): boolean;
  size: number;
  cursor: Cursor | undefined;
}

/** How many of the sorted things come before the place, or before and at it. */
function countBefore<T extends Kept>(
  items: readonly T[],
  by: SortBy<T>,
  place: { value: SortValue; seq: number },
  including: boolean,
): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle] as T;
    const order = compareValues(by(item), place.value) || item.seq - place.seq;
    if (order < 0 || (including && order === 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The page of what matches that begins or ends at the cursor: as many things are looked at as it takes. */
export function takePage<T extends Kept>(wanted: Wanted<T>): Page<T> {
  const { items, by, descending, matches, size, cursor } = wanted;
  const isBackwards = cursor?.direction === 'before';
  // Which way through the ascending list: towards its end, unless one of the two turns it around.
  const step = descending !== isBackwards ? -1 : 1;
  const start = cursor
    ? step === 1
      ? countBefore(items, by, cursor, true)
      : countBefore(items, by, cursor, false) - 1
    : step === 1
      ? 0
      : items.length - 1;

  const found: T[] = [];
  let index = start;
  for (; index >= 0 && index < items.length && found.length <= size; index += step) {
    const item = items[index] as T;
    if (matches(item)) found.push(item);
  }
  const hasMore = found.length > size;
  if (hasMore) found.pop();
  const hasOther = cursor !== undefined && matchesSomewhere(wanted, start - step, -step);
  return isBackwards
    ? { items: found.reverse(), hasNext: hasOther, hasPrevious: hasMore }
    : { items: found, hasNext: hasMore, hasPrevious: hasOther };
}

function matchesSomewhere<T>({ items, matches }: Wanted<T>, from: number, step: number): boolean {
  for (let index = from; index >= 0 && index < items.length; index += step) {
    if (matches(items[index] as T)) return true;
  }
  return false;
}
