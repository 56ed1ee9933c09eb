// The parts every JSON:API resource is made of, as Klaviyo writes them.
import { pickFields } from './sparse-fields.js';

type Json = Record<string, unknown>;

/** What a resource has to know about the request it answers. */
export interface Rendering {
  /** Scheme and host the request came to: links lead back there. */
  origin: string;
  fields: Map<string, readonly string[]>;
  additional: Map<string, readonly string[]>;
}

export interface Resource {
  type: string;
  id: string;
  attributes?: Json;
  relationships?: Json;
  links: { self: string };
}

/** Whom or what a relationship leads to; undefined shows its links only. */
export type Related = { type: string; id: string } | { type: string; id: string }[] | undefined;

interface Parts {
  type: string;
  id: string;
  /** The path of its collection when it is not the plural of its type. */
  collection?: string;
  attributes?: Json;
  /** Shown on demand only, and then whatever fields were chosen. */
  additional?: Record<string, () => unknown>;
  relationships?: Record<string, Related>;
}

/** What Klaviyo writes: ISO 8601 with an offset. */
export const toIso = (at: number): string =>
  new Date(at).toISOString().replace(/(\.000)?Z$/, '+00:00');

export const toIsoOrNull = (at: number | undefined): string | null =>
  at === undefined ? null : toIso(at);

export function renderResource(parts: Parts, rendering: Rendering): Resource {
  const { type, id, collection = `${type}s`, attributes, additional = {} } = parts;
  const self = `${rendering.origin}/api/${collection}/${encodeURIComponent(id).replaceAll('%3A', ':')}`;
  const wanted = rendering.additional.get(type) ?? [];
  const relationships = Object.entries(parts.relationships ?? {}).map(([name, data]) => [
    name,
    {
      ...(data !== undefined && { data }),
      links: { self: `${self}/relationships/${name}/`, related: `${self}/${name}/` },
    },
  ]);
  return {
    type,
    id,
    ...(attributes && {
      attributes: {
        ...pickFields(attributes, rendering.fields.get(type)),
        ...Object.fromEntries(
          Object.entries(additional)
            .filter(([name]) => wanted.includes(name))
            .map(([name, read]) => [name, read()]),
        ),
      },
    }),
    ...(relationships.length > 0 && { relationships: Object.fromEntries(relationships) }),
    links: { self: `${self}/` },
  };
}
