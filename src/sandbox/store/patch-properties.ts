import { isDeepStrictEqual } from 'node:util';
import type { IncomingProfile } from '../incoming.js';

/** Without a prototype, so that a property called `valueOf` or `__proto__` is one like any other. */
export const bag = (...parts: Record<string, unknown>[]): Record<string, unknown> =>
  Object.assign(Object.create(null), ...parts);

const listOf = (value: unknown): unknown[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];

/** The `meta.patch_properties` of a request: lists grow and shrink, keys go. */
export function patchProperties(
  properties: Record<string, unknown>,
  { append, unappend, unset }: Pick<IncomingProfile, 'append' | 'unappend' | 'unset'>,
): void {
  for (const [name, added] of Object.entries(append)) {
    const list = listOf(properties[name]);
    const isNew = (value: unknown) => !list.some((known) => isDeepStrictEqual(known, value));
    properties[name] = [...list, ...listOf(added).filter(isNew)];
  }
  for (const [name, removed] of Object.entries(unappend)) {
    if (properties[name] === undefined) continue;
    const gone = listOf(removed);
    properties[name] = listOf(properties[name]).filter(
      (value) => !gone.some((one) => isDeepStrictEqual(one, value)),
    );
  }
  for (const name of unset) delete properties[name];
}
