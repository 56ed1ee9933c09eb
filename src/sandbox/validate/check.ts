/** Takes down one thing that is wrong, and where: a JSON pointer into the body. */
export type Report = (pointer: string, detail: string) => void;

/** Looks at one value of the body and reports what is wrong with it. */
export type Check = (value: unknown, pointer: string, report: Report) => void;

interface Field {
  check: Check;
  required: boolean;
}

export interface Problem {
  pointer: string;
  detail: string;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const nameOf = (pointer: string) => pointer.slice(pointer.lastIndexOf('/') + 1) || 'body';
const escapeName = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');

/** A field that must be there; a bare check is one that may be missing. */
export const required = (check: Check): Field => ({ check, required: true });

/** The OpenAPI file's `nullable`. */
export const nullable =
  (check: Check): Check =>
  (value, pointer, report) => {
    if (value !== null) check(value, pointer, report);
  };

/**
 * An object with these fields and no others: Klaviyo refuses a field it does not know, although its
 * OpenAPI file would let it pass ("'x' is not a valid field for the resource 'profile'").
 */
export function object(resource: string, fields: Record<string, Check | Field>): Check {
  const known = new Map(
    Object.entries(fields).map(([name, field]) => [
      name,
      typeof field === 'function' ? { check: field, required: false } : field,
    ]),
  );
  return (value, pointer, report) => {
    if (!isObject(value)) {
      report(pointer, `'${nameOf(pointer)}' must be an object.`);
      return;
    }
    for (const [name, field] of known) {
      const at = `${pointer}/${escapeName(name)}`;
      if (value[name] !== undefined) field.check(value[name], at, report);
      else if (field.required) report(at, `'${name}' is required for the resource '${resource}'.`);
    }
    for (const name of Object.keys(value)) {
      if (known.has(name)) continue;
      report(
        `${pointer}/${escapeName(name)}`,
        `'${name}' is not a valid field for the resource '${resource}'.`,
      );
    }
  };
}

/** An object whose keys are the sender's own. */
export const anyObject: Check = (value, pointer, report) => {
  if (!isObject(value)) report(pointer, `'${nameOf(pointer)}' must be an object.`);
};

export const array =
  (item: Check): Check =>
  (value, pointer, report) => {
    if (!Array.isArray(value)) {
      report(pointer, `'${nameOf(pointer)}' must be an array.`);
      return;
    }
    for (const [index, entry] of value.entries()) item(entry, `${pointer}/${index}`, report);
  };

export const string: Check = (value, pointer, report) => {
  if (typeof value !== 'string') report(pointer, `'${nameOf(pointer)}' must be a string.`);
};

/** A string that also keeps a documented rule; `rule` completes "'email' must ...". */
export const stringThat =
  (is: (text: string) => boolean, rule: string): Check =>
  (value, pointer, report) => {
    if (typeof value !== 'string') string(value, pointer, report);
    else if (!is(value)) report(pointer, `'${nameOf(pointer)}' must ${rule}.`);
  };

export const number: Check = (value, pointer, report) => {
  if (typeof value !== 'number') report(pointer, `'${nameOf(pointer)}' must be a number.`);
};

export const boolean: Check = (value, pointer, report) => {
  if (typeof value !== 'boolean') report(pointer, `'${nameOf(pointer)}' must be true or false.`);
};

export const oneOf = (...values: string[]): Check =>
  stringThat((text) => values.includes(text), `be one of ${values.join(', ')}`);

/** Passes what any of the checks passes. */
export const either =
  (rule: string, ...checks: Check[]): Check =>
  (value, pointer, report) => {
    const passes = checks.some((check) => problemsOf(check, value).length === 0);
    if (!passes) report(pointer, `'${nameOf(pointer)}' must be ${rule}.`);
  };

/** Runs a further check only on what the first one finds nothing wrong with. */
export const andThen =
  (first: Check, next: Check): Check =>
  (value, pointer, report) => {
    const problems = problemsOf(first, value, pointer);
    if (problems.length === 0) next(value, pointer, report);
    for (const problem of problems) report(problem.pointer, problem.detail);
  };

/** `{ data: ... }`, as every related resource is wrapped. */
export const data = (check: Check): Check => object('data', { data: required(check) });

export function problemsOf(check: Check, value: unknown, pointer = ''): Problem[] {
  const problems: Problem[] = [];
  check(value, pointer, (at, detail) => problems.push({ pointer: at, detail }));
  return problems;
}
