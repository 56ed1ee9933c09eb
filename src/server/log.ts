/** Facts of one line. Never an address, a name or a key: ids, counts, durations and statuses. */
export type Fields = Record<string, string | number | boolean | undefined>;

/** Where lines go. A pino logger is one, and so is `console` for who wants no JSON. */
export interface Log {
  info(fields: Fields, message: string): void;
  warn(fields: Fields, message: string): void;
  error(fields: Fields, message: string): void;
}

const nothing = () => undefined;

export const silentLog: Log = { info: nothing, warn: nothing, error: nothing };

/** What an error may show: a driver's message can quote what was being stored, its name and code can't. */
export function nameOf(error: unknown): string {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  return [name, code].filter((part) => typeof part === 'string').join(' ') || 'Error';
}
