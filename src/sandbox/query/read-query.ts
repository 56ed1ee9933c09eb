// Reads the parameters of a request by an endpoint's rules. What the rules do not name is refused: a
// call that passes here with a parameter Klaviyo does not have would fail there.

import type { Cursor } from './cursor.js';
import { readCursor } from './cursor.js';
import type { Filter, FilterRules } from './filter.js';
import { readFilter } from './filter.js';

/** What an endpoint takes besides its path and body. `T` is what it lists. */
export interface QueryRules<T> {
  /** Names of the fields by type; one that ends in `.*` stands for everything below it. */
  fields?: Record<string, readonly string[]>;
  /** What can be asked for besides, by type. */
  additional?: Record<string, readonly string[]>;
  include?: readonly string[];
  filter?: FilterRules<T>;
  isFilterRequired?: boolean;
  /** What it can be sorted by, ascending and (with a minus) descending. */
  sort?: readonly string[];
  /** Absent: it has no pages. Without a `maxSize` the size is not the caller's to choose. `cursor` is
   * the parameter's name where it is not `page[cursor]`. */
  page?: { size: number; maxSize?: number; cursor?: string };
}

/** The parameters of a request that keeps the rules. */
export interface Query<T> {
  /** The chosen fields by type; a type that is not in it is shown whole. */
  fields: Map<string, readonly string[]>;
  additional: Map<string, readonly string[]>;
  include: readonly string[];
  filter: Filter<T> | undefined;
  sort: { by: string; descending: boolean } | undefined;
  size: number;
  cursor: Cursor | undefined;
  /** What a cursor is bound to: everything that decides what comes in which order. */
  identity: string;
}

export interface QueryProblem {
  parameter: string;
  detail: string;
}

const namesIn = (text: string) => text.split(',').map((name) => name.trim());

const allows = (allowed: readonly string[], name: string) =>
  allowed.some((one) => one === name || (one.endsWith('.*') && name.startsWith(one.slice(0, -1))));

/** Reads the parameters, or says what is wrong with them. */
export function readQuery<T>(
  path: string,
  parameters: URLSearchParams,
  rules: QueryRules<T>,
): Query<T> | { problems: QueryProblem[] } {
  const problems: QueryProblem[] = [];
  const report = (parameter: string, detail: string) => problems.push({ parameter, detail });
  const query: Query<T> = {
    fields: new Map(),
    additional: new Map(),
    include: [],
    filter: undefined,
    sort: undefined,
    size: rules.page?.size ?? Number.POSITIVE_INFINITY,
    cursor: undefined,
    identity: [path, parameters.get('filter'), parameters.get('sort')].join(' '),
  };

  function readNames(parameter: string, text: string, allowed: readonly string[]): string[] {
    const names = namesIn(text);
    for (const name of names) {
      if (!allows(allowed, name)) {
        report(parameter, `'${name}' is not allowed here. Allowed are ${allowed.join(', ')}.`);
      }
    }
    return names;
  }

  function readSort(text: string, allowed: readonly string[]): void {
    const by = text.replace(/^-/, '');
    if (allowed.includes(by)) query.sort = { by, descending: text.startsWith('-') };
    else report('sort', `'${text}' is not sortable by. Sort by one of ${allowed.join(', ')}.`);
  }

  function readSize(text: string, most: number): void {
    const size = Number(text);
    if (/^\d+$/.test(text) && size >= 1 && size <= most) query.size = size;
    else report('page[size]', `Page size must be an integer between 1 and ${most}.`);
  }

  function readOne(parameter: string, text: string): void {
    const [, kind, type] = /^(fields|additional-fields)\[([\w-]+)\]$/.exec(parameter) ?? [];
    const named = kind === 'fields' ? rules.fields : rules.additional;
    if (type !== undefined && named && Object.hasOwn(named, type)) {
      const chosen = kind === 'fields' ? query.fields : query.additional;
      chosen.set(type, readNames(parameter, text, named[type] ?? []));
    } else if (parameter === 'include' && rules.include) {
      query.include = readNames(parameter, text, rules.include);
    } else if (parameter === 'filter' && rules.filter) {
      const filter = readFilter(text, rules.filter);
      if ('wrong' in filter) report(parameter, filter.wrong);
      else query.filter = filter;
    } else if (parameter === 'sort' && rules.sort) readSort(text, rules.sort);
    else if (parameter === 'page[size]' && rules.page?.maxSize !== undefined) {
      readSize(text, rules.page.maxSize);
    } else if (rules.page && parameter === (rules.page.cursor ?? 'page[cursor]')) {
      query.cursor = readCursor(query.identity, text);
      if (!query.cursor) report(parameter, 'The cursor is not one of this query.');
    } else report(parameter, `'${parameter}' is not a parameter of this endpoint.`);
  }

  for (const parameter of new Set(parameters.keys())) {
    const [text = '', ...others] = parameters.getAll(parameter);
    if (others.length > 0) report(parameter, `'${parameter}' can be given only once.`);
    else readOne(parameter, text);
  }
  if (rules.isFilterRequired && !parameters.has('filter')) {
    report('filter', 'A filter is required for this endpoint.');
  }
  return problems.length > 0 ? { problems } : query;
}
