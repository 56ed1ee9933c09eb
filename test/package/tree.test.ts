import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(`${root}/${path}`, 'utf8');

const ignored = ['.git', ...read('.gitignore').split('\n')].map((line) => line.replace(/\/$/, ''));

/** The repository's files without git's help: the tree may be a copy that has none. */
function walk(folder: string): string[] {
  return readdirSync(`${root}/${folder}`, { withFileTypes: true }).flatMap((entry) => {
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    if (ignored.includes(entry.name) || entry.name.endsWith('.tgz')) return [];
    return entry.isDirectory() ? walk(path) : [path];
  });
}
const files = walk('');

const texts = files.filter((path) => !/\.(png|jpg|ico|webp)$/.test(path));
const sources = files.filter((path) => path.startsWith('src/') && path.endsWith('.ts'));
const code = files.filter((path) => /\.(ts|mjs|js)$/.test(path));
// This file has to spell what it looks for.
const others = (list: string[]) => list.filter((path) => path !== 'test/package/tree.test.ts');

const linesWith = (list: string[], pattern: RegExp): string[] =>
  others(list).flatMap((path) =>
    read(path)
      .split('\n')
      .flatMap((line, index) =>
        pattern.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [],
      ),
  );

describe('the tree', () => {
  it('has the top level it is meant to have', () => {
    const top = [...new Set(files.map((path) => path.split('/')[0]))];
    const meant = [
      ...['src', 'test', 'e2e', 'demo', '.ci'],
      ...['package.json', 'package-lock.json', 'tsconfig.json', 'esbuild.config.mjs', 'biome.json'],
      ...['README.md', 'CHANGELOG.md', 'LICENSE', '.gitignore', '.npmrc', '.env.example'],
    ];
    expect(top.filter((name) => !meant.includes(name ?? ''))).toEqual([]);
  });

  it('names every source file by its job', () => {
    const vague = /^(utils?|helpers?|common|misc|types)\.ts$/;
    const inVagueFolder = /\/(utils?|helpers?|common|misc)\//;
    expect(sources.filter((path) => vague.test(basename(path)))).toEqual([]);
    expect(sources.filter((path) => inVagueFolder.test(path))).toEqual([]);
    expect(sources.filter((path) => !/^[a-z0-9-]+\.ts$/.test(basename(path)))).toEqual([]);
  });

  it('has no source file over 250 lines', () => {
    const long = sources
      .map((path) => ({ path, lines: read(path).split('\n').length - 1 }))
      .filter(({ lines }) => lines > 250);
    expect(long).toEqual([]);
  });

  it('has a source file for every unit test', () => {
    // The one that holds a whole room against something from outside.
    const wider = ['test/sandbox/openapi.test.ts', 'test/sandbox/openapi.queries.test.ts'];
    const units = files.filter((path) =>
      /^test\/(shared|browser|server|sandbox)\/.*\.test\.ts$/.test(path),
    );
    const stemOf = (path: string) => path.replace(/^test\//, 'src/').split('.')[0];
    const sourcesOf = (path: string) => [
      `${stemOf(path)}.ts`,
      // An entry is tested in the room it belongs to.
      `src/${basename(String(stemOf(path)))}.ts`,
    ];
    const orphans = units.filter((path) => !sourcesOf(path).some((each) => sources.includes(each)));
    expect(orphans.filter((path) => !wider.includes(path))).toEqual([]);
  });

  it('leaves nothing undone or switched off', () => {
    expect(linesWith(code, /\b(TODO|FIXME|XXX)\b/)).toEqual([]);
    expect(linesWith(code, /\b(describe|it|test)\.(only|skip|todo)\(/)).toEqual([]);
    expect(linesWith(code, /@ts-ignore|\bas any\b/)).toEqual([]);
  });

  it('lets the clock and chance in through env.ts only', () => {
    const pure = sources.filter(
      (path) => /^src\/(shared|browser)\//.test(path) && path !== 'src/browser/env.ts',
    );
    // A parameter's default is a door of its own: whoever has a clock passes it in.
    expect(
      linesWith(pure, /(?<!: number = )\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bcrypto\./),
    ).toEqual([]);
  });
});

describe('where packages come from', () => {
  it("is left to each machine: no registry's host is written down", () => {
    expect(linesWith(texts, /\bregistry\.[a-z-]+\.[a-z]{2,}\b|^\s*(@\S+:)?registry\s*=/)).toEqual(
      [],
    );
    expect(linesWith(['package-lock.json'], /"resolved": "https?:/)).toEqual([]);
  });
});

describe('the npm scripts', () => {
  const scripts: Record<string, string> = JSON.parse(read('package.json')).scripts;
  const readme = read('README.md');
  // npm itself runs this one, before it packs.
  const own = Object.keys(scripts).filter((name) => name !== 'prepack');

  it.each(own)('has %s in the README', (name) => {
    expect(readme).toMatch(new RegExp(`npm (run )?${name}\\b`));
  });

  it('start and test take the place of their shell, which would keep signals from them', () => {
    expect([scripts.start, scripts.test].filter((script) => !script?.startsWith('exec '))).toEqual(
      [],
    );
  });
});
