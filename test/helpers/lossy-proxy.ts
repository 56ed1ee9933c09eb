// Stands between a client and PostgreSQL, and loses the answer to a statement when it is told to.
import { connect, createServer, type Socket } from 'node:net';

/** @param target where PostgreSQL is */
export async function startProxy(target: URL) {
  let marked: string | undefined;
  let lost = 0;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    let isDoomed = false;
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    near.on('data', (bytes) => {
      if (marked !== undefined && bytes.includes(marked)) {
        marked = undefined;
        isDoomed = true;
      }
      far.write(bytes);
    });
    far.on('data', (bytes) => {
      if (!isDoomed) return near.write(bytes);
      lost += 1;
      return near.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = new URL(target);
  url.port = String(typeof address === 'object' ? address?.port : 0);
  return {
    url: url.href,
    /** The next statement with this text is executed, and its connection breaks before the answer. */
    loseAnswerTo(text: string): void {
      marked = text;
    },
    lost: () => lost,
    close(): void {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
