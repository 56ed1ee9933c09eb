// Programs of which nothing is left behind: each leads a process group that is ended as one.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { createServer } from 'node:net';

const running = new Set<ChildProcess>();

export function startGroup(command: string, args: string[], options: SpawnOptions): ChildProcess {
  const child = spawn(command, args, { ...options, detached: true });
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.on('error', () => running.delete(child));
  return child;
}

export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid) process.kill(-child.pid, signal);
  } catch {
    // Gone already.
  }
}

/** One process; those it has started may be gone with it by the time they are asked for. */
export function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

/** Ends the group and resolves when its leader is gone. */
export async function endGroup(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const isGone = () => child.exitCode !== null || child.signalCode !== null;
  const gone = isGone() ? Promise.resolve() : new Promise((resolve) => child.once('exit', resolve));
  signalGroup(child, signal);
  const timer = setTimeout(signalGroup, 5000, child, 'SIGKILL');
  await gone;
  clearTimeout(timer);
  signalGroup(child, 'SIGKILL');
}

process.on('exit', () => {
  for (const child of running) signalGroup(child, 'SIGKILL');
});

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
