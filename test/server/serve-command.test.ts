// The command as a process of its own, as a shop runs it, built from the source.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bundle, outputs } from '../../esbuild.config.mjs';
import { startSandbox } from '../sandbox/requests.js';
import { orderOf, privateKey, secret, signed } from './orders.js';

const caches = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url));
let built: string;

beforeAll(async () => {
  // Below node_modules, so that its optional packages are found.
  mkdirSync(caches, { recursive: true });
  built = mkdtempSync(join(caches, 'serve-'));
  for (const output of outputs.filter(({ outfile }) =>
    /(cli|server\/index|sandbox\/index)\.js$/.test(outfile),
  )) {
    const { outputFiles } = await bundle(output);
    const path = join(built, output.outfile);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, outputFiles.find((file) => file.path.endsWith('.js'))?.contents ?? '');
  }
});
afterAll(() => rmSync(built, { recursive: true, force: true }));

/** `klaviyo-storefront serve` in an empty folder, with this .env file. */
function serve(env: Record<string, string>, args: string[] = []) {
  const cwd = mkdtempSync(join(tmpdir(), 'klaviyo-storefront-serve-'));
  const lines = Object.entries(env).map(([name, value]) => `${name}="${value}"\n`);
  writeFileSync(join(cwd, '.env'), lines.join(''));
  const child = spawn(process.execPath, [join(built, 'dist/cli.js'), 'serve', ...args], { cwd });
  onTestFinished(() => {
    child.kill('SIGKILL');
    rmSync(cwd, { recursive: true, force: true });
  });
  let said = '';
  let complained = '';
  child.stdout.on('data', (text) => {
    said += text;
  });
  child.stderr.on('data', (text) => {
    complained += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, ended, said: () => said, complained: () => complained };
}

const good = {
  ...{ KLAVIYO_PRIVATE_KEY: privateKey, ORDER_SIGNING_SECRET: secret, PORT: '0' },
};

describe('klaviyo-storefront serve', () => {
  it('takes orders until SIGTERM, logs one line for each change, and nothing personal', async () => {
    const sandbox = await startSandbox();
    const { child, ended, said, complained } = serve({ ...good, KLAVIYO_API_HOST: sandbox.url });
    await expect.poll(said, { timeout: 15_000 }).toContain('listening');
    const url = /"url":"([^"]+)"/.exec(said())?.[1];
    const body = JSON.stringify(orderOf('1001'));
    const response = await fetch(`${url}/orders`, { method: 'POST', headers: signed(body), body });
    expect(response.status).toBe(202);
    await sandbox.waitFor(({ events }) => events().length === 3);
    await expect.poll(() => said().match(/"delivered"/g)?.length).toBe(3);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(complained()).toBe('');
    const messages = said()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).msg);
    expect(messages).toEqual([
      ...['listening', 'accepted', 'delivered', 'delivered', 'delivered', 'stopping', 'stopped'],
    ]);
    for (const word of ['ada@', 'Ada@', privateKey, secret]) expect(said()).not.toContain(word);
  });

  it.each([
    ['KLAVIYO_PRIVATE_KEY', { ...good, KLAVIYO_PRIVATE_KEY: '' }, []],
    ['ORDER_SIGNING_SECRET', { ...good, ORDER_SIGNING_SECRET: 'password' }, []],
    ['DATABASE_URL', { ...good, DATABASE_URL: '/no/such/folder/orders.db' }, []],
    ['DATABASE_URL', { ...good, DATABASE_URL: 'postgres://me:hidden@127.0.0.1:1/none' }, []],
    ['DATABASE_URL', { ...good, DATABASE_URL: 'postgres://me:hidden@nowhere.invalid/none' }, []],
    ['DATABASE_URL', { ...good, DATABASE_URL: 'postgres://me:hidden@[nowhere/none' }, []],
    ['serve --help', good, ['--port=1']],
  ])('does not start without a good %s, and says so in one line', async (name, env, args) => {
    const { ended, complained } = serve(env, args);
    expect(await ended).toBeGreaterThan(0);
    expect(complained()).toMatch(/^klaviyo-storefront: [^\n]+\n$/);
    expect(complained()).toContain(name);
    for (const word of ['hidden', privateKey, secret]) expect(complained()).not.toContain(word);
  });
});
