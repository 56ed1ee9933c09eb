/** The little of a database that the outbox needs; SQLite and PostgreSQL both are one. */
export type Value = string | number | null;
export type Row = Record<string, unknown>;

/** Runs one statement with `$1`, `$2`, ... and gives its rows, those of `returning` included. */
export type Sql = (text: string, values?: readonly Value[]) => Promise<Row[]>;

export interface Database {
  /** All of it or nothing. Work that met another writer may be run again, so it must have no other effect. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** What keeps a `select` from waiting for, or taking, what another worker is just taking. */
  skipLocked: string;
  close(): Promise<void>;
}

/** `$1, $2, $3`, from a number on. */
export const placeholders = (count: number, from = 1): string =>
  Array.from({ length: count }, (_, index) => `$${from + index}`).join(', ');

// Several statements of a fixed number of rows instead of one of any number: those are prepared once.
const ROWS_MAX = 50;

/** Inserts rows, many in a statement; gives what `tail` returns. */
export async function insert(
  sql: Sql,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly Value[])[],
  tail = '',
): Promise<Row[]> {
  const given: Row[] = [];
  let from = 0;
  while (from < rows.length) {
    // 50, then powers of two.
    const left = rows.length - from;
    const count = left >= ROWS_MAX ? ROWS_MAX : 2 ** Math.floor(Math.log2(left));
    const lists = Array.from(
      { length: count },
      (_, index) => `(${placeholders(columns.length, index * columns.length + 1)})`,
    );
    const text = `insert into ${table} (${columns.join(', ')}) values ${lists.join(', ')} ${tail}`;
    given.push(...(await sql(text, rows.slice(from, from + count).flat())));
    from += count;
  }
  return given;
}
