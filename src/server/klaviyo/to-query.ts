/** A value of a query; lists are joined with commas, as sparse fieldsets are. */
export type QueryValue = string | number | boolean | readonly string[] | undefined;

/** The query of a URL, without its question mark. A plus stays a plus. */
export const toQuery = (query: Record<string, QueryValue>): string =>
  Object.entries(query)
    .flatMap(([name, value]) => {
      if (value === undefined) return [];
      const text = Array.isArray(value) ? value.join(',') : String(value);
      return [`${encodeURIComponent(name)}=${encodeURIComponent(text)}`];
    })
    .join('&');
