// What the README promises of an empty folder, done word for word: its own lines and its own code are run, with
// the package that is packed here in the place of the published one.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
  type TestContext,
} from 'vitest';
import { createSandbox } from '../../src/sandbox/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(`${root}/README.md`, 'utf8');
const orders = readme.slice(readme.indexOf('\n## Orders'), readme.indexOf('\n## Testing'));

/** The first code block of a language that comes after these words. */
function blockAfter(words: string, language: string): string {
  const from = orders.indexOf(words);
  const block = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(orders.slice(from))?.[1];
  if (from < 0 || !block) throw new Error(`The README has no ${language} after "${words}".`);
  return block;
}

/** Replaces what has to be there once; a README that says something else is a test to mend. */
function replaceOnce(text: string, found: string, by: string): string {
  expect(text.split(found), `"${found}" once in: ${text}`).toHaveLength(2);
  return text.replace(found, () => by);
}

const privateKey = `pk_${'0'.repeat(34)}`;
const secret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
const lines = blockAfter('From an empty folder:', 'sh').trim().split('\n');
const installLine = lines.find((line) => line.startsWith('npm install klaviyo-storefront ')) ?? '';

// Without what npm says to the scripts it runs; with what this machine says to npm.
const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(package|lifecycle)_|npm_config_local_prefix|INIT_CWD|NODE_ENV$)/.test(name),
  ),
);
const variables = {
  ...environment,
  // What npm ci has fetched for this tree is there already; and no network is noticed soon.
  ...{ npm_config_prefer_offline: 'true', npm_config_fetch_retries: '1' },
  ...{ npm_config_fetch_retry_mintimeout: '1000', npm_config_audit: 'false' },
};

let scratch: string;
let tarball: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'klaviyo-storefront-readme-'));
  const pack = `npm pack --ignore-scripts --pack-destination ${scratch}`;
  execFileSync('sh', ['-c', pack], { cwd: root, env: variables, stdio: 'pipe' });
  tarball = join(scratch, readdirSync(scratch).find((name) => name.endsWith('.tgz')) ?? '');
}, 120_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const emptyFolder = (name: string) => mkdtempSync(join(scratch, `${name}-`));

/** Runs a line of a shell to its end. Answers why nothing can be installed here, where that is so. */
function runLine(cwd: string, line: string): string | undefined {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], {
    ...{ cwd, env: variables, encoding: 'utf8' },
  });
  if (status === 0) return undefined;
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT/.test(stderr)) {
    return 'npm does not reach its registry from here';
  }
  throw new Error(`${line}\n${stdout}${stderr}`);
}

function run(context: TestContext, cwd: string, line: string): void {
  const why = runLine(cwd, line);
  if (why) context.skip(why);
}

/** Runs lines as one shell until the test ends, and everything that they have started with them. */
function start(cwd: string, script: string, own: Record<string, string>) {
  const child = spawn('sh', ['-c', script], {
    ...{ cwd, env: { ...variables, ...own }, detached: true },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      said += text;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    try {
      process.kill(-Number(child.pid), 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
    await ended;
  });
  return { said: () => said, ended };
}

describe("the README's lines in an empty folder", () => {
  it('end in a server that takes the order of its example, and Klaviyo has it once', async (context) => {
    const sandbox = await createSandbox({ privateKeys: { [privateKey]: 'AbC123' } });
    onTestFinished(() => sandbox.close());
    const folder = emptyFolder('shop');
    const [init = '', install = '', settings = '', serve = '', ...others] = lines;
    expect(others).toEqual([]);
    run(context, folder, init);
    run(context, folder, replaceOnce(install, 'klaviyo-storefront', tarball));

    const given = replaceOnce(
      replaceOnce(settings, 'pk_...', privateKey),
      ...(['whsec_$(openssl rand -base64 32)', secret] as const),
    );
    const server = start(folder, `${given}\n${serve}`, {
      ...{ KLAVIYO_API_HOST: sandbox.url, PORT: '0' },
    });
    const listening = expect.poll(server.said, { timeout: 60_000 }).toContain('"listening"');
    await Promise.race([listening, server.ended]);
    const url = /"url":"([^"]+)"/.exec(server.said())?.[1];
    if (url === undefined) throw new Error(`${serve} ended: ${server.said()}`);

    run(context, folder, /`(npm install standardwebhooks)`/.exec(orders)?.[1] ?? 'false');
    const example = replaceOnce(
      blockAfter('Where that is Node', 'ts'),
      'http://127.0.0.1:3000',
      url,
    );
    const { code } = await transform(example, { loader: 'ts', format: 'esm' });
    writeFileSync(join(folder, 'example.mjs'), code);
    const send = `ORDER_SIGNING_SECRET='${secret}' node example.mjs`;
    run(context, folder, send);
    await sandbox.waitFor(({ events }) => events().length === 2, 20_000);
    // A shop that has got no answer runs it again.
    run(context, folder, send);
    await expect.poll(server.said, { timeout: 20_000 }).toContain('"msg":"duplicate"');
    expect(server.said().match(/"msg":"accepted"/g)).toHaveLength(1);
    const recorded = sandbox
      .events()
      .map(({ metric, uniqueId, value, valueCurrency }) => [
        ...[metric, uniqueId, value, valueCurrency],
      ]);
    expect(recorded).toEqual([
      ['Placed Order', '1001', 24, 'EUR'],
      ['Ordered Product', '1001_1', 24, 'EUR'],
    ]);
  }, 300_000);
});

describe('the package without its optional peers', () => {
  let folder: string;
  let whyNot: string | undefined;
  beforeAll(() => {
    folder = emptyFolder('browser-only');
    whyNot = runLine(folder, `npm init -y && npm install ${tarball}`);
  }, 120_000);
  beforeEach((context) => context.skip(whyNot !== undefined, whyNot));

  it('brings one package with it, and its browser part works', () => {
    const installed = readdirSync(join(folder, 'node_modules')).filter((name) =>
      /^[@a-z]/.test(name),
    );
    expect(installed.sort()).toEqual(['idb-keyval', 'klaviyo-storefront']);
    const code = `
      const { createClient, viewedProduct } = await import('klaviyo-storefront');
      const client = createClient({ companyId: 'AbC123' });
      await client.track(viewedProduct({ id: '17', name: 'Cup', price: 24, currency: 'EUR' }));
      console.log(typeof (await import('klaviyo-storefront/sandbox')).createSandbox);
      console.log(typeof (await import('klaviyo-storefront/server')).createOrderHandler);
    `;
    const args = ['--input-type=module', '--eval', code];
    const said = execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    expect(said).toBe('function\nfunction\n');
  });

  it('is imported by the route of Next as a build does it, with no key and no database', async () => {
    const route = blockAfter('**Next, Hono', 'ts');
    const { code } = await transform(route, { loader: 'ts', format: 'esm' });
    writeFileSync(join(folder, 'route.mjs'), code);
    const look = "console.log(Object.keys(await import('./route.mjs')).join())";
    const args = ['--input-type=module', '--eval', look];
    const said = execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    expect(said).toBe('GET,POST\n');
    expect(existsSync(join(folder, 'orders.db'))).toBe(false);
  });

  it.each([
    ['orders.db', installLine.replace('klaviyo-storefront ', '')],
    [
      'postgres://shop@127.0.0.1:1/orders',
      installLine.replace('klaviyo-storefront ', '').replace(/libsql@\S+/, 'pg@8'),
    ],
  ])('answers serve on %s with the line to type', async (database, line) => {
    const server = start(folder, 'npx klaviyo-storefront serve', {
      ...{ KLAVIYO_PRIVATE_KEY: privateKey, ORDER_SIGNING_SECRET: secret, DATABASE_URL: database },
    });
    expect(await server.ended).toBe(1);
    expect(server.said()).toMatch(/^klaviyo-storefront: The order server needs [^\n]+\n$/);
    expect(server.said().trim().split('Run: ')[1]).toBe(line);
    expect(orders).toContain('`npm install pg@8`');
  });
});
