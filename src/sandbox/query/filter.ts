import type { SortValue } from '../store/collection.js';
import type { Condition, FilterNode, Literal } from './filter-grammar.js';
import { FilterSyntaxError, parseFilter } from './filter-grammar.js';

type Values = readonly SortValue[] | SortValue | boolean | undefined;

/** How one field may be filtered on. `T` is what is filtered. */
export interface FieldRule<T> {
  type: 'string' | 'number' | 'boolean' | 'datetime';
  operators: readonly string[];
  /** Whether `equals` also takes a list, of which one has to be equal. */
  lists?: boolean;
  /** The only values there are. */
  values?: readonly string[];
  /** What a thing has there: a date in epoch ms; of several values, one has to satisfy the condition. */
  read(item: T): Values;
  /** Under which form values are kept: addresses in lower case. */
  normalize?(value: string): string;
  /** Finds by the value at once, where that can be done. */
  find?: (value: string) => readonly T[];
}

export type FilterRules<T> = Record<string, FieldRule<T>>;

/** A filter that the rules allow. */
export interface Filter<T> {
  matches(item: T): boolean;
  /** A few things among which everything that matches is, when an index knows them. */
  candidates: readonly T[] | undefined;
  /** What it is made of; all of it has to hold. */
  conditions: readonly Condition[];
}

type Test = (value: SortValue | boolean, operand: SortValue | boolean) => boolean;

const isText = (value: unknown): value is string => typeof value === 'string';
const isLess: Test = (a, b) => a !== null && b !== null && a < b;

const tests: Record<string, Test> = {
  equals: (a, b) => a === b,
  any: (a, b) => a === b,
  'contains-any': (a, b) => a === b,
  'contains-all': (a, b) => a === b,
  contains: (a, b) => isText(a) && isText(b) && a.toLowerCase().includes(b.toLowerCase()),
  'starts-with': (a, b) => isText(a) && isText(b) && a.toLowerCase().startsWith(b.toLowerCase()),
  'ends-with': (a, b) => isText(a) && isText(b) && a.toLowerCase().endsWith(b.toLowerCase()),
  'less-than': isLess,
  'greater-than': (a, b) => isLess(b, a),
  'less-or-equal': (a, b) => a === b || isLess(a, b),
  'greater-or-equal': (a, b) => a === b || isLess(b, a),
};
const takeLists = ['any', 'contains-any', 'contains-all'];

const listOf = (values: Values): readonly (SortValue | boolean)[] => {
  if (Array.isArray(values)) return values;
  return values === undefined ? [] : [values as SortValue | boolean];
};

const operandsOf = ({ operand }: Condition): Literal[] =>
  operand === undefined ? [] : Array.isArray(operand) ? operand : [operand];

/** What the rules do not allow in a condition; undefined when they allow it. */
function objection<T>({ operator, field, operand }: Condition, rules: FilterRules<T>) {
  const rule = Object.hasOwn(rules, field) ? rules[field] : undefined;
  if (!rule) {
    const fields = Object.keys(rules).sort().join(', ');
    return `'${field}' is not a filterable field for this resource. The filterable fields on this resource are: ${fields}`;
  }
  if (!rule.operators.includes(operator)) {
    return `'${operator}' is not an allowed filter operator for ${field}.  Allowed operators are ${rule.operators.join(', ')}`;
  }
  if (operator === 'has') return operand === undefined ? undefined : `'has' takes a field only.`;
  if (operand === undefined) return `'${operator}' needs a value for ${field}.`;
  const isList = Array.isArray(operand);
  if (takeLists.includes(operator) && !isList) return `'${operator}' takes a list for ${field}.`;
  if (isList && !takeLists.includes(operator) && !(operator === 'equals' && rule.lists)) {
    return `'${operator}' takes one value for ${field}, not a list.`;
  }
  const values = operandsOf({ operator, field, operand });
  if (values.length === 0) return `'${operator}' needs at least one value for ${field}.`;
  const wrong = values.find(({ kind }) => kind !== rule.type);
  if (wrong) return `The value for ${field} must be a ${rule.type}, not a ${wrong.kind}.`;
  const unknown = values.find(({ value }) => rule.values && !rule.values.includes(value as string));
  if (unknown) return `The value for ${field} must be one of ${rule.values?.join(', ')}.`;
  return undefined;
}

/** Klaviyo's endpoints document `and` and nothing else that combines. */
function flatten(node: FilterNode): Condition[] {
  if (!('combine' in node)) return [node];
  if (node.combine !== 'and') {
    throw new FilterSyntaxError(`'${node.combine}' is not supported, only 'and' is.`);
  }
  return node.of.flatMap(flatten);
}

const valuesOf = <T>(condition: Condition, { normalize }: FieldRule<T>) =>
  operandsOf(condition).map(({ value }) => (isText(value) && normalize ? normalize(value) : value));

function toTest<T>(condition: Condition, rules: FilterRules<T>): (item: T) => boolean {
  const { operator, field } = condition;
  const rule = rules[field] as FieldRule<T>;
  if (operator === 'has') return (item) => listOf(rule.read(item)).some((value) => value !== null);
  const operands = valuesOf(condition, rule);
  const test = tests[operator] as Test;
  const needsAll = operator === 'contains-all';
  return (item) => {
    const values = listOf(rule.read(item));
    const isMet = (operand: SortValue | boolean) => values.some((value) => test(value, operand));
    return needsAll ? operands.every(isMet) : operands.some(isMet);
  };
}

/** Returns the filter, or what is wrong with it. */
export function readFilter<T>(text: string, rules: FilterRules<T>): Filter<T> | { wrong: string } {
  let conditions: Condition[];
  try {
    conditions = flatten(parseFilter(text));
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    return { wrong: `Invalid filter provided. ${error.message}` };
  }
  for (const condition of conditions) {
    const wrong = objection(condition, rules);
    if (wrong) return { wrong };
  }
  const all = conditions.map((condition) => toTest(condition, rules));
  const indexed = conditions.find(
    ({ operator, field }) => rules[field]?.find && (operator === 'equals' || operator === 'any'),
  );
  return {
    matches: (item) => all.every((test) => test(item)),
    candidates: indexed && candidatesOf(indexed, rules[indexed.field] as FieldRule<T>),
    conditions,
  };
}

const candidatesOf = <T>(condition: Condition, rule: FieldRule<T>): T[] => [
  ...new Set(valuesOf(condition, rule).flatMap((value) => rule.find?.(`${value}`) ?? [])),
];
