// `npm run example -- NAME`: runs one of the examples beside this file against a sandbox of its own.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkNode, ensureBuild, ensureDependencies } from '../../test/run/setup.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

/** The names of all examples. */
export const names = readdirSync(here)
  .filter((file) => file.endsWith('.ts') && file !== 'example.ts')
  .map((file) => file.slice(0, -3));

/**
 * The package as it was built, and others as they are installed, by their own names.
 * @type {import('esbuild').Plugin}
 */
const asInstalled = {
  name: 'as-installed',
  setup({ onResolve }) {
    onResolve({ filter: /^[@\w]/ }, ({ path, kind }) => {
      if (kind === 'entry-point' || path.startsWith('node:')) return undefined;
      return { path: import.meta.resolve(path), external: true };
    });
  },
};

/**
 * Compiles an example and runs it.
 * @param {string} name
 * @param {(...values: unknown[]) => void} print
 * @param {import('esbuild').Plugin[]} plugins what its imports are; tests look over its shoulder
 */
export async function runExample(name, print, plugins = []) {
  const { build } = await import('esbuild');
  const { createSandbox } = await import('klaviyo-storefront/sandbox');
  const { outputFiles } = await build({
    ...{ entryPoints: [join(here, `${name}.ts`)], bundle: true, write: false, logLevel: 'error' },
    ...{ format: 'esm', platform: 'node', target: 'node20.19', plugins: [...plugins, asInstalled] },
  });
  const code = Buffer.from(outputFiles[0].contents).toString('base64');
  const { default: example } = await import(`data:text/javascript;base64,${code}`);
  const sandbox = await createSandbox();
  try {
    const options = { privateKey: `pk_${'0'.repeat(34)}`, apiHost: sandbox.url };
    await example({ options, sandbox, print });
  } finally {
    await sandbox.close();
  }
}

async function main() {
  checkNode();
  const name = process.argv[2] ?? '';
  if (!names.includes(name)) {
    console.error(`npm run example -- NAME, with one of: ${names.join(', ')}`);
    process.exit(1);
  }
  const log = (text) => console.error(text);
  await ensureDependencies(log);
  await ensureBuild(log);
  await runExample(name, console.log);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
