/**
 * What an endpoint can be asked for: filters, sorting, sparse fieldsets and page sizes, in our words and
 * only as far as it takes them. A wrong field does not compile, and throws where nobody compiles.
 */
import { FILTER_VALUES_MAX } from '../limits.js';
import { KlaviyoInputError } from './input-error.js';
import type { QueryValue } from './to-query.js';

interface Values {
  text: string;
  /** Epoch ms, or a Date. */
  moment: Date | number;
  flag: boolean;
  number: number;
  nothing: never;
}

export type Operator =
  | 'equals'
  | 'any'
  | 'contains'
  | 'startsWith'
  | 'endsWith'
  | 'greaterThan'
  | 'greaterOrEqual'
  | 'lessThan'
  | 'lessOrEqual'
  | 'has';

const WIRE_OPERATORS: Record<Operator, string> = {
  ...{ equals: 'equals', any: 'any', contains: 'contains', has: 'has' },
  ...{ startsWith: 'starts-with', endsWith: 'ends-with' },
  ...{ greaterThan: 'greater-than', greaterOrEqual: 'greater-or-equal' },
  ...{ lessThan: 'less-than', lessOrEqual: 'less-or-equal' },
};

/** How one field can be filtered on. */
export interface FilterField {
  /** Klaviyo's name of it. */
  name: string;
  kind: keyof Values;
  by: readonly Operator[];
  /** The endpoint takes lists only, also for one value. */
  listsOnly?: boolean;
  /** The only values there are. */
  values?: readonly string[];
}

/** What one endpoint takes. Names on the left are ours, those on the right Klaviyo's. */
export interface QueryRules {
  /** Of what the sparse fieldset is: `fields[profile]`. */
  type: string;
  filter: Record<string, FilterField>;
  sort: Record<string, string>;
  fields: Record<string, string>;
  /** Fields that are there only when asked for. */
  additional?: Record<string, string>;
  include?: Record<string, string>;
  /** The most that fits a page; 0: the endpoint decides. */
  pageMax: keyof PageSizes;
  /** How many we ask for. Default: the most. */
  pageDefault?: number;
}

type Digit = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9';
type NotZero = Exclude<Digit, '0'>;
type ToNumber<Text> = Text extends `${infer Value extends number}` ? Value : never;
type UpTo99 = NotZero | `${NotZero}${Digit}`;

/** The page sizes there are, by the largest. */
interface PageSizes {
  0: never;
  10: ToNumber<NotZero | '10'>;
  50: ToNumber<NotZero | `${'1' | '2' | '3' | '4'}${Digit}` | '50'>;
  100: ToNumber<UpTo99 | '100'>;
  1000: ToNumber<UpTo99 | `${NotZero}${Digit}${Digit}` | '1000'>;
}

type Filters = Record<string, FilterField>;

type By<F extends Filters, Op extends Operator> = {
  [Name in keyof F]: Op extends F[Name]['by'][number] ? Name : never;
}[keyof F];

type ValueOf<Field extends FilterField> = Field extends { values: readonly (infer Value)[] }
  ? Value
  : Values[Field['kind']];

declare const of: unique symbol;
/** A condition of one endpoint's, or several that all have to hold. */
export interface Filter<F extends Filters> {
  /** As Klaviyo reads it, not yet encoded for a URL. */
  readonly text: string;
  /** What it consists of, where it is made with `and`. */
  readonly parts?: readonly string[];
  readonly [of]?: F;
}

type Compare<F extends Filters, Op extends Operator> = <Name extends By<F, Op>>(
  field: Name,
  value: ValueOf<F[Name]>,
) => Filter<F>;

/** The conditions an endpoint knows. Values are escaped here. */
export interface FilterBuilder<F extends Filters> {
  equals: Compare<F, 'equals'>;
  /** One of up to 100 values. */
  any<Name extends By<F, 'any'>>(field: Name, values: readonly ValueOf<F[Name]>[]): Filter<F>;
  contains: Compare<F, 'contains'>;
  startsWith: Compare<F, 'startsWith'>;
  endsWith: Compare<F, 'endsWith'>;
  greaterThan: Compare<F, 'greaterThan'>;
  greaterOrEqual: Compare<F, 'greaterOrEqual'>;
  lessThan: Compare<F, 'lessThan'>;
  lessOrEqual: Compare<F, 'lessOrEqual'>;
  /** It is there at all. */
  has(field: By<F, 'has'>): Filter<F>;
  /** All of them. */
  and(...filters: readonly [Filter<F>, ...Filter<F>[]]): Filter<F>;
}

type Names<Of> = keyof Of & string;
type SortKey<Name extends string> = Name | `-${Name}`;

/** What a list of an endpoint's can be asked for. */
export interface ListOptions<R extends QueryRules> {
  /** Such as `({ equals }) => equals('email', 'ada@lovelace.shop')`. */
  filter?: (builder: FilterBuilder<R['filter']>) => Filter<R['filter']>;
  /** A minus is descending. */
  sort?: SortKey<Names<R['sort']>>;
  /** How many come with one request, from 1 on. Default: the most the endpoint gives. */
  pageSize?: PageSizes[R['pageMax']];
  /** Where to go on: the `nextCursor` of a page of the same filter and sorting. */
  cursor?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** Text as filters have it. */
export const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

function literal(field: string, { kind, values }: FilterField, value: unknown): string {
  const isRight = {
    text: typeof value === 'string' && (values?.includes(value) ?? true),
    moment: Number.isFinite(value instanceof Date ? value.getTime() : value),
    flag: typeof value === 'boolean',
    number: Number.isFinite(value),
    nothing: false,
  };
  if (!isRight[kind]) {
    const wanted = values ? `one of ${values.join(', ')}` : `a ${kind}`;
    throw new KlaviyoInputError(`The filter on ${field} needs ${wanted}.`);
  }
  if (kind === 'moment') return new Date(value as Date | number).toISOString();
  return kind === 'text' ? quote(value as string) : `${value}`;
}

/** The builder of an endpoint's filters. */
export function filterBuilder<F extends Filters>(fields: F): FilterBuilder<F> {
  const compare = (operator: Operator) => (name: string, value?: unknown) => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (!field?.by.includes(operator)) {
      const able = Object.keys(fields).filter((each) => fields[each]?.by.includes(operator));
      const takers = able.length > 0 ? `It takes ${able.join(', ')}.` : 'No field of it does.';
      throw new KlaviyoInputError(`This endpoint has no ${operator}(${name}). ${takers}`);
    }
    if (operator === 'has') return { text: `has(${field.name})` };
    const isList = operator === 'any' || field.listsOnly === true;
    const values = operator === 'any' ? (value as unknown[]) : [value];
    if (values.length === 0 || values.length > FILTER_VALUES_MAX) {
      throw new KlaviyoInputError(`any(${name}) takes 1 to ${FILTER_VALUES_MAX} values.`);
    }
    const literals = values.map((each) => literal(name, field, each)).join(',');
    // For one value `any` means the same, and every field that takes lists has it.
    const wire = isList ? 'any' : WIRE_OPERATORS[operator];
    return { text: `${wire}(${field.name},${isList ? `[${literals}]` : literals})` };
  };
  const and = (...filters: Filter<F>[]): Filter<F> => {
    // Klaviyo documents no `and` in an `and`: it means the same in one row.
    const parts = filters.flatMap((filter) => filter.parts ?? [filter.text]);
    const [first] = parts;
    if (first === undefined) throw new KlaviyoInputError('and(...) takes one filter or more.');
    return parts.length > 1 ? { text: `and(${parts.join(',')})`, parts } : { text: first };
  };
  const operators = Object.keys(WIRE_OPERATORS) as Operator[];
  return {
    ...Object.fromEntries(operators.map((operator) => [operator, compare(operator)])),
    and,
  } as unknown as FilterBuilder<F>;
}

interface Chosen {
  fields?: readonly string[] | undefined;
  additional?: readonly string[] | undefined;
  include?: readonly string[] | undefined;
}

function wireNames(what: string, table: Record<string, string> = {}, names: readonly string[]) {
  return names.map((name) => {
    const wire = Object.hasOwn(table, name) ? table[name] : undefined;
    if (wire !== undefined) return wire;
    throw new KlaviyoInputError(
      `There is no ${what} ${name} here, only ${Object.keys(table).join(', ')}.`,
    );
  });
}

const orNothing = (names: string[]) => (names.length > 0 ? names : undefined);

/** The parameters of a list; all but the cursor, which changes from page to page. */
export function listQuery<R extends QueryRules>(
  rules: R,
  { filter, sort, pageSize }: ListOptions<R>,
  { fields = [], additional = [], include = [] }: Chosen = {},
): Record<string, QueryValue> {
  const largest = rules.pageMax;
  const size = pageSize ?? rules.pageDefault ?? (largest || undefined);
  if (size !== undefined && !(Number.isInteger(size) && size >= 1 && size <= largest)) {
    throw new KlaviyoInputError(`pageSize must be a whole number from 1 to ${largest}.`);
  }
  const key = sort?.replace(/^-/, '') ?? '';
  const sortBy = sort && wireNames('sort key', rules.sort, [key])[0];
  const { type } = rules;
  const more = wireNames('additional field', rules.additional, additional);
  // A sparse fieldset leaves out what was asked for besides, too.
  const names = fields.length > 0 ? [...wireNames('field', rules.fields, fields), ...more] : [];
  return {
    filter: filter?.(filterBuilder(rules.filter)).text,
    sort: sort?.startsWith('-') ? `-${sortBy}` : sortBy,
    [`fields[${type}]`]: orNothing(names),
    [`additional-fields[${type}]`]: orNothing(more),
    include: orNothing(wireNames('relationship', rules.include, include)),
    'page[size]': size,
  };
}
