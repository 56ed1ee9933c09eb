import { readChange } from '../order-schema.js';

/** Each names up to fifty fields, and an order may have more that are odd. */
const ROUNDS_MAX = 20;

/** Takes a field, written as `items[1].sku`, out of an order. */
function leaveOut(order: object, field: string): void {
  const path = field.match(/[^.[\]]+/g) ?? [];
  const last = path.pop();
  let inner: unknown = order;
  for (const name of path) inner = (inner as Record<string, unknown> | undefined)?.[name];
  if (last !== undefined && typeof inner === 'object' && inner !== null) {
    delete (inner as Record<string, unknown>)[last];
  }
}

/**
 * Reads what a platform's payload says of an order. Whatever is not as an order's field should be, and is not
 * needed, is left out: a visitor may put anything into a cart's attributes, and a platform switches a webhook
 * off that is refused a few times.
 */
export function readMended(order: object, now: number): ReturnType<typeof readChange> {
  const mended = structuredClone(order);
  let result = readChange(mended, now);
  for (let round = 0; 'problems' in result && round < ROUNDS_MAX; round += 1) {
    const fields = result.problems.map(({ field }) => field);
    for (const field of fields) leaveOut(mended, field);
    const next = readChange(mended, now);
    const isSame =
      'problems' in next && String(next.problems.map(({ field }) => field)) === String(fields);
    // What was left out is needed.
    if (isSame) return result;
    result = next;
  }
  return result;
}
