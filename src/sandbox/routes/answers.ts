import type { Answer } from '../api-error.js';
import { refuse } from '../api-error.js';
import { writeCursor } from '../query/cursor.js';
import { takePage } from '../query/page.js';
import type { Rendering, Resource } from '../resources/resource.js';
import { pickFields } from '../resources/sparse-fields.js';
import { comparer, type Kept, type SortBy } from '../store/collection.js';
import type { Call } from './row.js';

type AnyCall = Pick<Call<unknown>, 'url' | 'query'>;

/** An answer with nothing in it. */
export const empty = (status: 202 | 204): Answer => ({ status, headers: {}, body: '' });

/** An answer with a document in it. */
const respond = (status: number, document: object): Answer => ({
  status,
  headers: { 'content-type': 'application/vnd.api+json' },
  body: JSON.stringify(document),
});

export const renderingOf = ({ url, query }: AnyCall): Rendering => ({
  origin: url.origin,
  fields: query.fields,
  additional: query.additional,
});

const selfOf = (url: URL, changes: Record<string, string | undefined> = {}): string => {
  const parameters = new URLSearchParams(url.searchParams);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) parameters.delete(name);
    else parameters.set(name, value);
  }
  const text = parameters.toString();
  return `${url.origin}${url.pathname.replace(/\/$/, '')}${text && `?${text}`}`;
};

/** Each resource once. */
const distinct = (resources: readonly Resource[]): Resource[] => [
  ...new Map(resources.map((one) => [`${one.type} ${one.id}`, one])).values(),
];

/** One resource, with what was asked to be included. */
export function answerOne(
  call: AnyCall,
  status: number,
  data: Omit<Resource, 'links'> & { links?: object },
  included: readonly Resource[] = [],
): Answer {
  return respond(status, {
    data,
    ...(call.query.include.length > 0 && { included: distinct(included) }),
    links: { self: selfOf(call.url) },
  });
}

/** The page of a list that was asked for, in the order that was asked for. */
export function answerPage<T extends Kept>(
  call: Call<T>,
  list: { items: readonly T[]; by: SortBy<T> },
  render: (item: T, rendering: Rendering) => Resource,
  include: (item: T, rendering: Rendering) => readonly Resource[] = () => [],
): Answer {
  const { url, query } = call;
  const { by } = list;
  const candidates = query.filter?.candidates;
  const page = takePage({
    items: candidates ? [...candidates].sort(comparer(by)) : list.items,
    by,
    descending: query.sort?.descending ?? false,
    matches: query.filter?.matches ?? (() => true),
    size: query.size,
    cursor: query.cursor,
  });
  const rendering = renderingOf(call);
  const [first, last] = [page.items[0], page.items.at(-1)];
  const link = (isThere: boolean, direction: 'after' | 'before', item: T | undefined) =>
    isThere && item
      ? selfOf(url, { 'page[cursor]': writeCursor(query.identity, direction, item, by) })
      : null;
  return respond(200, {
    data: page.items.map((item) => render(item, rendering)),
    ...(query.include.length > 0 && {
      included: distinct(page.items.flatMap((item) => include(item, rendering))),
    }),
    links: {
      self: selfOf(url),
      next: link(page.hasNext, 'after', last),
      prev: link(page.hasPrevious, 'before', first),
    },
  });
}

/** A report, which has an id but is nowhere to be found by it. */
export function answerReport(
  { url, query }: AnyCall,
  report: { type: string; id: string; attributes: Record<string, unknown> },
): Answer {
  const attributes = pickFields(report.attributes, query.fields.get(report.type));
  return respond(200, {
    data: { ...report, attributes },
    links: { self: selfOf(url), next: null, prev: null },
  });
}

/** A 404, in the words Klaviyo has for it. */
export const notFound = (detail: string): Answer =>
  refuse(404, [{ detail, source: { pointer: '/data/' } }]);

/** A 400 that points into the body. */
export const refusePointer = (pointer: string, detail: string): Answer =>
  refuse(400, [{ detail, source: { pointer } }]);
