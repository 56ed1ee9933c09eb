/** The database of DATABASE_URL can't be used. The message says what to look at, and shows nothing of the address. */
class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  constructor(
    message: string,
    readonly code: string,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'does not answer. Is it running, and is the address its own?',
  ETIMEDOUT:
    'does not answer. Is the address its own, and does a firewall let this machine through?',
  ENOTFOUND: 'is at a host that is not found. Is its name spelled right?',
  EAI_AGAIN:
    'is at a host that is not found now. Is its name spelled right, and is there a network?',
  ERR_INVALID_URL:
    'has an address that is none. Special characters in a password need percent-encoding.',
  // PostgreSQL's own codes: the password, the user, the database, the right to make tables.
  '28P01': 'refuses. Check user and password.',
  '28000': 'refuses. Check user and password.',
  '3D000': 'has no database of that name.',
  '42501':
    'refuses to let this user make tables. Grant it CREATE on the schema for the first start.',
};

/** An error of pg's in words that say what to do; one that is not known stays what it is. */
export function explainDatabase(error: unknown): unknown {
  const code = String((error as { code?: unknown }).code);
  const reason = REASONS[code];
  return reason ? new DatabaseError(`The database (DATABASE_URL) ${reason}`, code, error) : error;
}
