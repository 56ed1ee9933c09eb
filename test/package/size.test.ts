import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { bundle, outputs } from '../../esbuild.config.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

const brotliBytes = (text: string | Uint8Array): number => brotliCompressSync(text).length;
const kilobytes = (bytes: number): string => (Math.round(bytes / 100) / 10).toFixed(1);

/** What the build makes of one entry, measured as it is served. */
async function builtBytes(outfile: string): Promise<number> {
  const output = outputs.find((each) => each.outfile === outfile);
  if (!output) throw new Error(`esbuild.config.mjs does not build ${outfile}`);
  const { outputFiles } = await bundle(output);
  return brotliBytes(outputFiles.find(({ path }) => path.endsWith('.js'))?.contents ?? '');
}

/** What a shop's bundler makes of an import of the built package. */
async function bundled(code: string) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2020',
    outfile: 'out.js',
    logLevel: 'error',
    write: false,
    metafile: true,
  });
  const inputs = Object.entries(metafile.outputs['out.js']?.inputs ?? {});
  const used = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
  return { code: outputFiles[0]?.text ?? '', used };
}

// A budget holds what has been reached, so that no change grows unseen; the target is what the shop was
// meant to pay. As long as they differ the difference is work to do, not a reason to raise a budget.
const budgets = [
  {
    name: 'script.js',
    budgetBytes: 10677,
    targetBytes: 5000,
    inReadme: /(?:`?script\.js`? is|script tag of) (\d+\.\d) kB/g,
    measure: () => builtBytes('dist/script.js'),
  },
  {
    name: 'import { createClient }',
    budgetBytes: 10186,
    targetBytes: 4500,
    inReadme: /`?import \{ createClient \}`? is (\d+\.\d) kB/g,
    measure: async () =>
      brotliBytes((await bundled("export { createClient } from 'klaviyo-storefront'")).code),
  },
  {
    name: 'snippet.js',
    budgetBytes: 400,
    targetBytes: 400,
    inReadme: /`?snippet\.js`? is (\d+\.\d) kB/g,
    measure: () => builtBytes('dist/snippet.js'),
  },
];

describe.each(budgets)('$name', ({ name, budgetBytes, targetBytes, inReadme, measure }) => {
  it(`costs a visitor at most ${budgetBytes} bytes (brotli; the target is ${targetBytes})`, async () => {
    const bytes = await measure();
    expect(bytes).toBeGreaterThan(100);
    expect(bytes).toBeLessThanOrEqual(budgetBytes);
  });

  it('is the size the README says', async () => {
    const readme = readFileSync(`${root}/README.md`, 'utf8');
    const figures = [...readme.matchAll(inReadme)].map(([, figure]) => figure);
    const measured = kilobytes(await measure());
    expect(figures, `the README has to say "\`${name}\` is ${measured} kB"`).not.toEqual([]);
    expect(figures).toEqual(figures.map(() => measured));
  });
});

describe("a shop's bundler", () => {
  it('takes nothing when nothing is used', async () => {
    expect((await bundled("import 'klaviyo-storefront'")).code.trim()).toBe('');
  });

  it('takes a builder without the client and its storage', async () => {
    const { code, used } = await bundled("export { viewedProduct } from 'klaviyo-storefront'");
    expect(used.filter((path) => path.includes('node_modules'))).toEqual([]);
    expect(code).not.toContain('indexedDB');
    expect(brotliBytes(code)).toBeLessThan(1000);
  });

  it('adds one package, idb-keyval', async () => {
    const { used } = await bundled("export * from 'klaviyo-storefront'");
    const packages = used
      .filter((path) => path.includes('node_modules/'))
      .map((path) => path.split('node_modules/').at(-1)?.split('/')[0]);
    expect([...new Set(packages)]).toEqual(['idb-keyval']);
  });

  it('takes the same from the script tag: one package, idb-keyval', async () => {
    const output = outputs.find((each) => each.outfile === 'dist/script.js');
    if (!output) throw new Error('esbuild.config.mjs does not build dist/script.js');
    const { metafile } = await bundle(output);
    const packages = Object.keys(metafile.inputs)
      .filter((path) => path.includes('node_modules/'))
      .map((path) => path.split('node_modules/').at(-1)?.split('/')[0]);
    expect([...new Set(packages)]).toEqual(['idb-keyval']);
  });
});
