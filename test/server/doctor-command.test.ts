// The command in this process for its mistakes, and as a process of its own, as the package has it.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bundle, outputs } from '../../esbuild.config.mjs';
import { UsageError } from '../../src/server/command.js';
import type { Report } from '../../src/server/doctor/render-report.js';
import { doctorCommand } from '../../src/server/doctor-command.js';
import { environmentOf } from '../helpers/start-doctor.js';
import { startSandbox } from '../sandbox/requests.js';
import { privateKey } from './orders.js';

const caches = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url));
let built: string;

beforeAll(async () => {
  mkdirSync(caches, { recursive: true });
  built = mkdtempSync(join(caches, 'doctor-'));
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

/** `klaviyo-storefront doctor` in an empty folder with this .env file. */
function doctor(variables: Record<string, string>, ...args: string[]) {
  const cwd = mkdtempSync(join(tmpdir(), 'klaviyo-storefront-doctor-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const lines = Object.entries(variables).map(([name, value]) => `${name}='${value}'\n`);
  writeFileSync(join(cwd, '.env'), lines.join(''));
  // Of this machine's environment only what a process needs: a shop's variables may be in it.
  const env = { PATH: process.env.PATH ?? '' };
  const command = [join(built, 'dist/cli.js'), 'doctor', ...args];
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const child = execFile(process.execPath, command, { cwd, env }, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

describe('klaviyo-storefront doctor', () => {
  it('prints a line for each check, and ends with 0 where nothing is wrong', async () => {
    const sandbox = await startSandbox();
    const { code, out, err } = await doctor(environmentOf(sandbox.url));
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^Keys and secrets\n {2}✔ public key {18}six letters and digits\.\n/);
    expect(out).toContain('\n\nKlaviyo\n  ✔ Klaviyo reachable');
    expect(out).toMatch(/\n {2}– shop page +skipped: SHOP_URL is not set\./);
    expect(out).toMatch(/\n {2}– script tag +skipped, as the one above\./);
    expect(out).toMatch(/\n\n\d+ passed, 0 failed, \d+ skipped\.\n$/);
    expect(out).not.toContain(privateKey);
  });

  it('ends with 1 where something is wrong, and says what to do', async () => {
    const sandbox = await startSandbox({ privateKeys: {} });
    const { code, out } = await doctor(environmentOf(sandbox.url));
    expect(code).toBe(1);
    expect(out).toMatch(
      /\n {2}✘ private key accepted +Klaviyo refuses the key \(401\)\. .*Make a new one/,
    );
    expect(out).toMatch(/ 1 failed, /);
  });

  it.each([
    [0, 'AbC123'],
    [1, 'AbC-123'],
  ])('prints one JSON object, and ends with %d', async (expected, KLAVIYO_PUBLIC_KEY) => {
    const sandbox = await startSandbox();
    const { code, out, err } = await doctor(
      environmentOf(sandbox.url, { KLAVIYO_PUBLIC_KEY }),
      ...['--json', '--live', 'me@lovelace.shop'],
    );
    expect([code, err]).toEqual([expected, '']);
    const report = JSON.parse(out) as Report;
    expect(Object.keys(report)).toEqual(['ok', 'passed', 'failed', 'skipped', 'checks']);
    expect(report.ok).toBe(expected === 0);
    const count = (status: string) =>
      report.checks.filter((check) => check.status === status).length;
    expect([report.passed, report.failed, report.skipped]).toEqual(
      ['passed', 'failed', 'skipped'].map(count),
    );
    for (const check of report.checks) {
      expect(check).toEqual({
        ...{ id: expect.stringMatching(/^[a-z:-]+$/), title: expect.any(String) },
        group: expect.stringMatching(/^(keys|api|live|orders|webhooks|page)$/),
        status: expect.stringMatching(/^(passed|failed|skipped)$/),
        ...{ message: expect.any(String), durationMs: expect.any(Number) },
      });
    }
    expect(new Set(report.checks.map(({ id }) => id)).size).toBe(report.checks.length);
    for (const word of [privateKey, 'lovelace']) expect(out).not.toContain(word);
  });

  it('takes a mistake in an address for one in the call', async () => {
    const { code, out, err } = await doctor({ SHOP_URL: 'shop.test' });
    expect([code, out]).toEqual([2, '']);
    expect(err).toBe('klaviyo-storefront: SHOP_URL must be an https:// address.\n');
  });

  it.each([
    [['--live'], /argument missing/],
    [['--live', 'me'], /--live takes an email address of your own/],
    [['--live', 'me@Example.com'], /Klaviyo drops example\.com/],
    [['--only', 'everything'], /--only takes some of keys, api, live, orders, webhooks, page/],
    [['--only', ''], /--only takes/],
    [['--revision', 'latest'], /--revision must be a date/],
    [['--every'], /Unknown option/],
    [['me@lovelace.shop'], /Unexpected argument/],
  ])('explains a mistake in %j', async (args, message) => {
    await expect(doctorCommand.run(args)).rejects.toThrow(message);
    await expect(doctorCommand.run(args)).rejects.toBeInstanceOf(UsageError);
  });

  it('looks only where it is asked to', async () => {
    const { out } = await doctor({}, '--only', 'keys,webhooks', '--json');
    const groups = (JSON.parse(out) as Report).checks.map(({ group }) => group);
    expect([...new Set(groups)]).toEqual(['keys', 'webhooks']);
  });

  it('names every variable in its help and in .env.example', () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const settings = readFileSync(`${root}/src/server/doctor/settings.ts`, 'utf8');
    const names = new Set(
      settings.match(/\b(?:KLAVIYO|ORDER|SHOP|SHOPIFY|WOOCOMMERCE|SCRIPT)_[A-Z_]+\b/g),
    );
    names.delete('SHOPIFY_WEBHOOK_SECRET_OLD');
    names.delete('WOOCOMMERCE_WEBHOOK_SECRET_OLD');
    expect(names.size).toBe(12);
    const example = readFileSync(`${root}/.env.example`, 'utf8');
    for (const name of names) {
      expect(doctorCommand.help).toContain(name);
      expect(example, name).toMatch(new RegExp(`^#?${name}=`, 'm'));
    }
  });
});
