/** A mistake in how the command was called: shown without a stack. */
export class UsageError extends Error {}

/** One command of the command line. */
export interface Command {
  summary: string;
  help: string;
  run(args: string[]): Promise<void>;
}

/** Reads `.env` of this folder if there is one; what the environment says itself stays. */
export function loadEnvFile(): void {
  try {
    process.loadEnvFile('.env');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
