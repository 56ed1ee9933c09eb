/** A package that only some users of the server need. The message is what to type. */
export class MissingPeerError extends Error {
  override readonly name = 'MissingPeerError';
}

const RANGES = {
  '@hono/node-server': '2',
  hono: '4',
  libsql: '0.5',
  pg: '8',
  pino: '10',
  'prom-client': '15',
} as const;

type Peer = keyof typeof RANGES;

/**
 * Imports a package that is an optional peer dependency.
 *
 * @param what it is needed for, at the start of a sentence
 * @param peers everything that has to be there for it, so that one line installs all
 */
export async function importPeer<T>(
  what: string,
  peers: readonly Peer[],
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    const line = `npm install ${peers.map((name) => `${name}@${RANGES[name]}`).join(' ')}`;
    throw new MissingPeerError(`${what} needs ${peers.join(' and ')}. Run: ${line}`, {
      cause: error,
    });
  }
}
