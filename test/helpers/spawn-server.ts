// The order endpoint as a process of its own, from the source, so that it can be killed.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { ServerConfig } from '../../src/server/environment.js';
import type { WorkerOptions } from '../../src/server/worker.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

// Its last words go to stderr: an uncaught exception is what the fuzz test looks for.
const program = `
  import { createOrderServer } from './src/server/index.ts';
  const server = await createOrderServer(JSON.parse(process.env.ORDER_SERVER));
  console.log(server.url);
  process.on('message', () => {
    gc();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    process.send({ heapMb: (heapUsed + arrayBuffers) / 1e6 });
  });
`;

export interface SpawnedServer {
  url: string;
  kill(signal: NodeJS.Signals): Promise<void>;
  /** What it wrote to stderr. */
  said(): string;
  hasEnded(): boolean;
  /** What it holds on to: its heap and buffers after a collection. */
  heapMb(): Promise<number>;
}

/** Bundles the server once; `remove` deletes that. */
export async function bundleServer() {
  // Below node_modules, so that its optional packages are found.
  const caches = join(root, 'node_modules/.cache');
  mkdirSync(caches, { recursive: true });
  const directory = mkdtempSync(join(caches, 'order-server-'));
  const outfile = join(directory, 'server.mjs');
  await build({
    stdin: { contents: program, resolveDir: root, loader: 'ts' },
    ...{ outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' },
    external: ['hono', '@hono/node-server', 'libsql', 'pg', 'pino', 'prom-client'],
  });

  function start(options: {
    config: ServerConfig;
    worker?: WorkerOptions;
  }): Promise<SpawnedServer> {
    const child: ChildProcess = spawn(process.execPath, ['--expose-gc', outfile], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ORDER_SERVER: JSON.stringify(options) },
    });
    let said = '';
    child.stderr?.on('data', (text) => {
      said += text;
    });
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    return new Promise((resolve, reject) => {
      let heard = '';
      child.stdout?.on('data', (text) => {
        heard += text;
        const url = /^(http:\S+)$/m.exec(heard)?.[1];
        if (url === undefined) return;
        resolve({
          ...{ url, said: () => said },
          async kill(signal) {
            child.kill(signal);
            await ended;
          },
          heapMb: () =>
            new Promise((done) => {
              child.once('message', (message) => done((message as { heapMb: number }).heapMb));
              child.send('heap');
            }),
          hasEnded: () => child.exitCode !== null || child.signalCode !== null,
        });
      });
      void ended.then(() => reject(new Error(`The server did not start: ${said}`)));
    });
  }

  return { start, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
