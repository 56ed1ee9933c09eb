import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startSandbox } from './sandbox/requests.js';

// The command as a process of its own, from the source: Node 20 cannot run TypeScript, so it is bundled first.
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'klaviyo-storefront-cli-'));
  const entry = new URL('../src/cli.ts', import.meta.url).pathname;
  const outfile = join(directory, 'cli.mjs');
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm' });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function run(...args: string[]) {
  const child: ChildProcess = spawn(process.execPath, [join(directory, 'cli.mjs'), ...args]);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const said = { out: '', err: '' };
  const listeners = new Set<() => void>();
  const hear = (which: 'out' | 'err') => (text: Buffer) => {
    said[which] += text;
    for (const listener of listeners) listener();
  };
  child.stdout?.on('data', hear('out'));
  child.stderr?.on('data', hear('err'));
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
  /** The match, as soon as the output has it; rejects when the process ends without. */
  const says = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(said.out);
        if (match) resolve(match);
      };
      listeners.add(look);
      look();
      void ended.then(() => reject(new Error(`Ended without saying so: ${said.out}${said.err}`)));
    });
  return { child, said, ended, says };
}

describe('klaviyo-storefront sandbox', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'serves until %s and then ends cleanly',
    async (signal) => {
      const { child, said, ended, says } = run('sandbox', '--port', '0');
      const [, url] = await says(/at (http:\/\/127\.0\.0\.1:\d+) \(company AbC123\)/);
      await says(/Ctrl-C/);
      // An open stream must not keep it from ending.
      const stream = await fetch(`${url}/__sandbox/stream`);
      expect(stream.status).toBe(200);
      child.kill(signal);
      expect(await ended).toBe(0);
      expect(said.err).toBe('');
      await stream.text().catch(() => 'broken off');
    },
  );

  it('hands its options on', async () => {
    const { says } = run(
      ...['sandbox', '--company', 'AbC123', '--company', 'XyZ789'],
      ...['--bulk-duplicates', 'discard', '--no-rate-limits'],
    );
    const [, url] = await says(/at (http\S+) \(company AbC123, XyZ789\)/);
    const state = (await (await fetch(`${url}/__sandbox/state`)).json()) as { options: unknown };
    expect(state.options).toMatchObject({
      companies: ['AbC123', 'XyZ789'],
      bulkDuplicates: 'discard',
      rateLimits: false,
    });
  });

  it('has a private key for the first company', async () => {
    const { says } = run('sandbox', '--company', 'XyZ789');
    const [, url] = await says(/at (http\S+) \(company XyZ789\)/);
    const [, privateKey] = await says(/Private key: (pk_\w{34})\n/);
    const headers = { authorization: `Klaviyo-API-Key ${privateKey}`, revision: '2026-07-15' };
    const lists = await fetch(`${url}/api/lists`, { headers });
    expect([lists.status, await lists.json()]).toMatchObject([200, { data: [] }]);
  });

  it('says so when the port is taken', async () => {
    const { port } = await startSandbox();
    const { ended, said } = run('sandbox', '--port', `${port}`);
    expect(await ended).toBe(1);
    expect(said.err).toBe(
      'klaviyo-storefront: That port is taken. Choose another with --port (or PORT), or 0 for any.\n',
    );
  });

  it.each([
    [['sandbox', '--port', '70000'], '--port must be a number from 0 to 65535'],
    [
      ['sandbox', '--bulk-duplicates', 'maybe'],
      '--bulk-duplicates must be fail, refuse or discard',
    ],
    [['sandbox', '--prot', '1'], "Unknown option '--prot'"],
    [['server'], "There is no command 'server'."],
  ])('explains a mistake in %j', async (args, message) => {
    const { ended, said } = run(...args);
    expect(await ended).toBe(2);
    expect(said.err).toContain(message);
    expect(said.err).not.toMatch(/\n\s+at /);
  });

  it.each([[['--help']], [['sandbox', '--help']], [[]]])(
    'explains itself with %j',
    async (args) => {
      const { ended, said } = run(...args);
      expect(await ended).toBe(0);
      expect(said.out).toContain('Usage: klaviyo-storefront');
      expect(said.out).toContain('sandbox');
    },
  );
});
