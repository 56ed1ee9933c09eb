/** JSON:API, and the way from Klaviyo's names to ours. The way there is `shared/payload.ts`. */

type Reference = { type?: string; id: string };

export interface Resource extends Reference {
  attributes?: Record<string, unknown>;
  relationships?: Record<string, { data?: Reference | Reference[] | null } | undefined>;
}

export interface Document {
  data?: Resource | Resource[];
  included?: Resource[];
  links?: { next?: string | null };
}

/** Without the fields that have no value. */
export const present = <T = Record<string, unknown>>(fields: object): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as T;

/** Epoch ms of one of Klaviyo's moments; undefined when it is none. Without an offset they are UTC. */
export function momentOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const at = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(value) ? value : `${value}Z`);
  return Number.isNaN(at) ? undefined : at;
}

/**
 * A resource in our words: what has no value is left out, and what is called `...At` by us is a moment.
 * @param names ours, with Klaviyo's
 */
export function readResource<T>(resource: Resource, names: Record<string, string>): T {
  const { id, attributes = {} } = resource;
  const fields = Object.entries(names).map(([ours, theirs]) => {
    const value = attributes[theirs];
    return [ours, /[a-z]At$/.test(ours) ? momentOf(value) : value];
  });
  return { id, ...present(Object.fromEntries(fields)) } as T;
}

/** The id of what a resource is related to, where that is one. */
export function relatedId({ relationships }: Resource, name: string): string | undefined {
  const data = relationships?.[name]?.data;
  return Array.isArray(data) ? undefined : data?.id;
}

export function relatedIds({ relationships }: Resource, name: string): string[] {
  const data = relationships?.[name]?.data;
  return Array.isArray(data) ? data.map(({ id }) => id) : [];
}

/** The one resource of an answer. That there is one was looked at when it came. */
export const oneOf = ({ data }: Document): Resource => data as Resource;

/** The resources of an answer. That there is a list was looked at when it came. */
export const manyOf = ({ data }: Document): Resource[] => data as Resource[];
