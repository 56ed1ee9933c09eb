// The steps of `npm test`, in order: what each runs and where its counts are.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureChromium } from './browser.mjs';
import { countPlaywright, countVitest } from './counts.mjs';
import { run } from './process.mjs';
import { build, npm, root } from './setup.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'klaviyo-storefront-test-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

// The programs themselves instead of npx: npx may ask a question, and asks the network.
const programs = {
  biome: '@biomejs/biome/bin/biome',
  tsc: 'typescript/bin/tsc',
  vitest: 'vitest/vitest.mjs',
  playwright: '@playwright/test/cli.js',
  publint: 'publint/src/cli.js',
  attw: '@arethetypeswrong/cli/dist/index.js',
  knip: 'knip/bin/knip.js',
};

function tool(name, args, options = {}) {
  const program = join(root, 'node_modules', programs[name]);
  const { env = process.env, ...others } = options;
  // Their output is kept and printed on failure, perhaps to a log: no colours, no cursor games.
  // Playwright speaks to its workers by FORCE_COLOR, and Node complains where it meets the other one.
  const { NO_COLOR, FORCE_COLOR, ...rest } = env;
  const colours = name === 'playwright' ? { FORCE_COLOR: '0' } : { NO_COLOR: '1' };
  const plain = { ...rest, ...colours, TERM: 'dumb' };
  return run(process.execPath, [program, ...args], { cwd: root, env: plain, ...others });
}

function readReport(path, count) {
  try {
    return count(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined; // it died before it could write one: its exit code tells
  }
}

async function vitest(name, args) {
  const report = join(scratch, `${name}.json`);
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${report}`];
  const command = ['run', '--config', 'test/vitest.config.ts', ...reporters, ...args];
  const result = await tool('vitest', command);
  return { ...result, counts: readReport(report, countVitest) };
}

async function e2e({ log }) {
  const report = join(scratch, 'e2e.json');
  const env = {
    ...process.env,
    CHROMIUM_PATH: await ensureChromium(log),
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
  };
  const command = ['test', '--config', 'e2e/playwright.config.ts', '--reporter=list,json'];
  const result = await tool('playwright', command, { env, timeoutMs: 1_800_000 });
  return { ...result, counts: readReport(report, countPlaywright) };
}

/** Its own lines say which engines are not here and how to get them, so they are printed as they come. */
async function matrix({ log }) {
  const report = join(scratch, 'matrix.json');
  const env = { ...process.env, CHROMIUM_PATH: await ensureChromium(log) };
  const command = ['e2e/matrix/run.mjs', '--short', '--jobs=3', `--report=${report}`];
  const result = await run(process.execPath, command, { cwd: root, env, timeoutMs: 1_800_000 });
  for (const line of result.output.match(/^skipped: .*$/gm) ?? []) log(line);
  return {
    ...result,
    counts: readReport(report, ({ passed, failed, skipped }) => ({ passed, failed, skipped })),
  };
}

/** What looks at the package needs the declarations beside the bundles. */
async function withDeclarations(next) {
  const emitted = await tool('tsc', ['--build', 'src/browser', 'src/sandbox', 'src/server']);
  return emitted.code === 0 ? next() : emitted;
}

/** As a shop would get it: what is packed is what is checked. */
async function onPacked(check) {
  return withDeclarations(async () => {
    const folder = mkdtempSync(join(scratch, 'packed-'));
    const packing = await npm(['pack', '--ignore-scripts', '--pack-destination', folder]);
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
    return tarball ? check(join(folder, tarball)) : packing;
  });
}

export const steps = [
  { name: 'build', run: build },
  { name: 'lint', run: () => tool('biome', ['ci', '--colors=off', '.']) },
  { name: 'types', run: () => tool('tsc', ['--build', '--pretty', 'false']) },
  { name: 'units', run: () => vitest('units', ['--project=unit', '--project=unit-browser']) },
  { name: 'sizes', run: () => vitest('sizes', ['--project=package', 'test/package/size']) },
  {
    name: 'package',
    run: () =>
      withDeclarations(() =>
        vitest('package', ['--project=package', '--exclude=test/package/size*']),
      ),
  },
  { name: 'publint', run: () => onPacked((tarball) => tool('publint', [tarball, '--strict'])) },
  {
    name: 'attw',
    // ESM only, by design; the two page scripts are for a script tag and have nothing to import.
    run: () => {
      const pages = ['--exclude-entrypoints', 'script.js', 'snippet.js'];
      const options = ['--profile', 'esm-only', '--no-emoji', '--no-color', ...pages];
      return onPacked((tarball) => tool('attw', [tarball, ...options]));
    },
  },
  { name: 'knip', run: () => tool('knip', ['--config', 'test/knip.json', '--no-progress']) },
  { name: 'e2e', run: e2e },
  { name: 'matrix', run: matrix },
];
