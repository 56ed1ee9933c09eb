import { isObject } from './validate/check.js';

/** What everything that is given to the sandbox may have. */
export interface Given {
  /** Default: one of the sandbox's own. */
  id?: string;
  /** Default: the first of the sandbox's companies. */
  companyId?: string;
}

/** Throws a TypeError for a field that is not one of these: a misspelt one would be left out unnoticed. */
export function assertFields(
  what: string,
  fixture: unknown,
  required: string[],
  optional: string[],
): void {
  if (!isObject(fixture)) throw new TypeError(`A ${what} is an object.`);
  const known = [...required, ...optional, 'id', 'companyId'];
  const unknown = Object.keys(fixture).find((name) => !known.includes(name));
  if (unknown) throw new TypeError(`A ${what} has no field '${unknown}'.`);
  const missing = required.find((name) => fixture[name] === undefined);
  if (missing) throw new TypeError(`A ${what} needs '${missing}'.`);
  for (const [name, value] of Object.entries(fixture)) {
    if (value === undefined) continue;
    const wanted = ['id', 'companyId', 'name'].includes(name)
      ? typeof value === 'string' || 'text'
      : !/(At|Time)$/.test(name) || isMoment(value) || 'epoch milliseconds';
    if (wanted !== true) throw new TypeError(`The '${name}' of a ${what} must be ${wanted}.`);
  }
}

const isMoment = (value: unknown) =>
  typeof value === 'number' && !Number.isNaN(new Date(value).getTime());
