import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
const files = readdirSync(`${root}/src`, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
  .map((path) => `src/${path.replaceAll('\\', '/')}`)
  .sort();

// What is imported only for its types is gone from the metafile: these are the edges at run time.
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: files,
  outdir: 'dist',
  bundle: true,
  write: false,
  metafile: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  logLevel: 'error',
});

const importsOf = (file: string): string[] =>
  (metafile.inputs[file]?.imports ?? []).map(({ path }) => path);

const edges = files.flatMap((from) =>
  (metafile.inputs[from]?.imports ?? []).map(({ path, kind }) => ({ from, to: path, kind })),
);
const show = ({ from, to }: { from: string; to: string }) => `${from} imports ${to}`;

function reachedFrom(start: string, seen = new Set<string>()): Set<string> {
  for (const to of importsOf(start)) {
    if (seen.has(to)) continue;
    seen.add(to);
    reachedFrom(to, seen);
  }
  return seen;
}

const roomOf = (file: string): string => {
  const [, room = '', inside] = file.split('/');
  if (!file.startsWith('src/')) return 'a package';
  if (inside !== undefined) return room;
  return room === 'cli.ts' ? 'cli' : 'browser';
};

const parts = ['queue', 'spill', 'identity', 'consent', 'batch', 'throttle', 'lock', 'transport'];
const joins = ['flush', 'client'];
const inBrowser = (names: string[]) => names.map((name) => `src/browser/${name}.ts`);
const leaves = inBrowser(parts);
const joiners = inBrowser(joins);

describe('the order of imports', () => {
  it('has files to look at', () => {
    expect(files.length).toBeGreaterThan(10);
  });

  it.each(['browser', 'server', 'sandbox'])('lets %s see itself and shared only', (room) => {
    const strays = edges.filter(
      ({ from, to }) =>
        roomOf(from) === room && to.startsWith('src/') && ![room, 'shared'].includes(roomOf(to)),
    );
    expect(strays.map(show)).toEqual([]);
  });

  it('lets shared see nothing but shared', () => {
    const strays = edges.filter(
      ({ from, to }) => roomOf(from) === 'shared' && roomOf(to) !== 'shared',
    );
    expect(strays.map(show)).toEqual([]);
  });

  it('keeps the leaves of the browser room apart, also by a detour', () => {
    const met = leaves.flatMap((leaf) =>
      [...reachedFrom(leaf)]
        .filter((to) => [...leaves, ...joiners].includes(to))
        .map((to) => show({ from: leaf, to })),
    );
    expect(met).toEqual([]);
  });

  it('joins them in flush.ts and client.ts only', () => {
    const elsewhere = edges.filter(
      ({ from, to }) => leaves.includes(to) && !joiners.includes(from),
    );
    expect(elsewhere.map(show)).toEqual([]);
  });

  it('goes one way: no file reaches itself', () => {
    expect(files.filter((file) => reachedFrom(file).has(file))).toEqual([]);
  });

  it('needs idb-keyval in the browser, Node itself elsewhere, and in the server what it names', () => {
    const packages = edges.filter(({ to }) => !to.startsWith('src/'));
    // Whoever takes orders installs these; zod is part of the build.
    const inServer = [...Object.keys(manifest.peerDependencies), 'zod/mini'];
    const foreign = packages.filter(({ from, to }) => {
      if (roomOf(from) === 'browser') return to !== 'idb-keyval';
      return !to.startsWith('node:') && !(roomOf(from) === 'server' && inServer.includes(to));
    });
    expect(foreign.map(show)).toEqual([]);
  });

  it('imports what is optional only when it is needed', () => {
    const eager = edges.filter(
      ({ to, kind }) => to in manifest.peerDependencies && kind !== 'dynamic-import',
    );
    expect(eager.map(show)).toEqual([]);
  });

  it('lets the command line see sandbox and server, which do not see it or each other', () => {
    const seen = edges.filter(({ from }) => roomOf(from) === 'cli').map(({ to }) => roomOf(to));
    expect([...new Set(seen)].sort()).toEqual(['a package', 'sandbox', 'server']);
    expect(edges.filter(({ to }) => roomOf(to) === 'cli').map(show)).toEqual([]);
  });

  it('gives the snippet no import at all, since it is pasted into a page', () => {
    expect(importsOf('src/snippet.ts')).toEqual([]);
  });
});
