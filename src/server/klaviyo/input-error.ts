/** What a caller gives, looked at before anything is sent. */

/** What is wrong with how a function was called. The message says what to give, and shows nothing of what was given. */
export class KlaviyoInputError extends TypeError {
  override readonly name = 'KlaviyoInputError';
}

export const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '';

export function needText(value: unknown, what: string): string {
  if (isText(value)) return value;
  throw new KlaviyoInputError(`${what} must be a text that is not empty.`);
}

export function needFields(value: unknown, what: string): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw new KlaviyoInputError(`${what} must be an object.`);
}

/** Epoch ms. */
export function needMoment(value: unknown, what: string): number {
  const at = value instanceof Date ? value.getTime() : value;
  // A Date has no other ones.
  if (typeof at === 'number' && Math.abs(at) <= 8.64e15) return at;
  throw new KlaviyoInputError(`${what} must be a moment: a Date or epoch ms.`);
}

/** A text can be walked too, letter by letter: somebody has forgotten the brackets. */
export function needMany(value: unknown, what: string): void {
  const isWalkable =
    typeof value === 'object' &&
    value !== null &&
    (Symbol.iterator in value || Symbol.asyncIterator in value);
  if (isWalkable) return;
  throw new KlaviyoInputError(`${what} must be a list, or what for await takes.`);
}
