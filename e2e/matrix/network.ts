// The way to the sandbox: while it is cut, every connection breaks as soon as it is made.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Network {
  /** Without a slash at the end: a tracker's `apiHost`. */
  url: string;
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

export async function createNetwork(port: number): Promise<Network> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    if (isCut) {
      socket.resetAndDestroy();
      return;
    }
    const onward = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.resetAndDestroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const breakAll = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: () => {
      isCut = true;
      breakAll();
    },
    mend: () => {
      isCut = false;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        breakAll();
      }),
  };
}
