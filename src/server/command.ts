/** A mistake in how the command was called: shown without a stack. */
export class UsageError extends Error {}

/** One command of the command line. */
export interface Command {
  summary: string;
  help: string;
  run(args: string[]): Promise<void>;
}

/** What to do about an error of a store; undefined when there is nothing to add to its message. */
export function explainServerError(error: unknown): string | undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') {
    return 'The database does not answer. Is it running, and is DATABASE_URL its address?';
  }
  // PostgreSQL's own codes: the password, the user, the database.
  if (code === '28P01' || code === '28000' || code === '3D000') {
    return 'The database refuses. Check user, password and database in DATABASE_URL.';
  }
  return undefined;
}

/** Reads `.env` of this folder if there is one; what the environment says itself stays. */
export function loadEnvFile(): void {
  try {
    process.loadEnvFile('.env');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
