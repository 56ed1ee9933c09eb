import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(`${root}/${path}`, 'utf8');
const manifest = JSON.parse(read('package.json'));

type Target = string | { [condition: string]: Target };
const filesOf = (target: Target): string[] =>
  typeof target === 'string' ? [target] : Object.values(target).flatMap(filesOf);
const relative = (path: string): string => path.replace(/^\.\//, '');

const exported = filesOf(manifest.exports).map(relative);
const named = [manifest.types, manifest.unpkg, manifest.jsdelivr, ...Object.values(manifest.bin)]
  .map(String)
  .map(relative);

/** In a Node of its own, from the package's root: the package is found there under its own name. */
const inNode = (code: string): string =>
  execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: root,
    encoding: 'utf8',
  }).trim();

describe('the exports map', () => {
  it.each([...new Set([...exported, ...named])])(
    'names a file that the build wrote: %s',
    (path) => {
      expect(statSync(`${root}/${path}`).size).toBeGreaterThan(0);
    },
  );

  it('names every script that the build wrote', () => {
    const built = readdirSync(`${root}/dist`, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.js'))
      .map((path) => `dist/${path.replaceAll('\\', '/')}`);
    expect(built.filter((path) => ![...exported, ...named].includes(path))).toEqual([]);
  });

  it('keeps what has effects from being shaken out, and nothing else', () => {
    const effects = manifest.sideEffects.map(relative).sort();
    expect(effects).toEqual(['dist/cli.js', 'dist/script.js', 'dist/snippet.js']);
  });
});

describe('the package under its own name', () => {
  it('gives the client and the builders', () => {
    const names = inNode(`console.log(Object.keys(await import('klaviyo-storefront')).join())`);
    const wanted = ['addedToCart', 'createClient', 'startedCheckout', 'viewedProduct'];
    expect(names.split(',')).toEqual(expect.arrayContaining(wanted));
  });

  it('touches no global when it is imported on a server', () => {
    const difference = inNode(`
      const names = () => Object.getOwnPropertyNames(globalThis).sort().join();
      const before = names();
      await import('klaviyo-storefront');
      console.log(before === names());
    `);
    expect(difference).toBe('true');
  });

  it('gives the sandbox', () => {
    const kind = inNode(
      `console.log(typeof (await import('klaviyo-storefront/sandbox')).createSandbox)`,
    );
    expect(kind).toBe('function');
  });

  it('gives the server without any of its optional packages', () => {
    // Somewhere without a node_modules folder above: only what the file itself brings is there.
    const alone = mkdtempSync(join(tmpdir(), 'klaviyo-storefront-alone-'));
    cpSync(`${root}/dist/server/index.js`, `${alone}/server.mjs`);
    const code = `
      const server = await import('./server.mjs');
      console.log(Object.keys(server).join());
      await server.createSqliteOutbox({ path: ':memory:' }).catch((e) => console.log(e.message));
      await server.createPostgresOutbox({ connectionString: '' }).catch((e) => console.log(e.message));
    `;
    const args = ['--input-type=module', '--eval', code];
    const said = execFileSync(process.execPath, args, { cwd: alone, encoding: 'utf8' }).split('\n');
    rmSync(alone, { recursive: true });
    const wanted = ['createOrderHandler', 'createOrderServer', 'createSqliteOutbox'];
    expect(said[0]?.split(',')).toEqual(expect.arrayContaining(wanted));
    expect(said[1]).toMatch(/Run: npm install libsql@0\.5$/);
    expect(said[2]).toMatch(/Run: npm install pg@8$/);
  });

  it('asks nobody to install what only the server needs', () => {
    const peers = Object.keys(manifest.peerDependencies);
    expect(Object.keys(manifest.peerDependenciesMeta)).toEqual(peers);
    const optional = Object.values<{ optional?: boolean }>(manifest.peerDependenciesMeta);
    expect(optional.every((each) => each.optional)).toBe(true);
    expect(Object.keys(manifest.dependencies)).toEqual(['idb-keyval']);
  });

  it('has a command line that says what it can do', () => {
    const cli = String(Object.values(manifest.bin)[0]);
    expect(read(relative(cli))).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(statSync(`${root}/${relative(cli)}`).mode & 0o111).not.toBe(0);
    const help = execFileSync(process.execPath, [cli, '--help'], { cwd: root, encoding: 'utf8' });
    expect(help).toContain('sandbox');
  });
});

describe('what visitors load', () => {
  it.each(['dist/index.js', 'dist/script.js', 'dist/snippet.js'])(
    '%s has nothing of the server: no private API, no signing, no secret',
    (path) => {
      const words = /Klaviyo-API-Key|\/api\/event|whsec_|createHmac|KLAVIYO_PRIVATE_KEY|node:/;
      expect(read(path)).not.toMatch(words);
      expect(read('dist/server/index.js')).toMatch(words);
    },
  );
});

describe('integrity.json', () => {
  it('has the hash of every page script as it is served', () => {
    const integrity = JSON.parse(read('dist/integrity.json'));
    const hash = (name: string) =>
      `sha384-${createHash('sha384')
        .update(readFileSync(`${root}/dist/${name}`))
        .digest('base64')}`;
    expect(integrity).toEqual({
      'script.js': hash('script.js'),
      'snippet.js': hash('snippet.js'),
    });
  });
});

describe('the tarball', () => {
  let paths: string[] = [];
  beforeAll(() => {
    const own = process.env.npm_execpath;
    const [command, ...first] = own?.endsWith('.js') ? [process.execPath, own] : ['npm'];
    const args = [...first, 'pack', '--dry-run', '--json', '--ignore-scripts'];
    const listed = JSON.parse(
      execFileSync(String(command), args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }),
    );
    // npm has printed a list and, in other versions, an object by package name.
    const [packed] = Array.isArray(listed) ? listed : Object.values<typeof listed>(listed);
    paths = packed.files.map(({ path }: { path: string }) => path);
  });

  it('carries every file the exports map names, the licence and the hashes', () => {
    const wanted = [...exported, ...named, 'LICENSE', 'CHANGELOG.md', 'dist/integrity.json'];
    expect(paths).toEqual(expect.arrayContaining(wanted));
  });

  it('carries nothing else: no sources, no tests, no build state', () => {
    const expected =
      /^(dist\/.*\.(js|d\.ts|map|json)|README\.md|LICENSE|CHANGELOG\.md|package\.json)$/;
    expect(paths.filter((path) => !expected.test(path))).toEqual([]);
    expect(paths.filter((path) => path.includes('tsbuild'))).toEqual([]);
  });
});
