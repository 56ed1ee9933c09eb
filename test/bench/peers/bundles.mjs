// What a shop's bundler makes of each: the page's script, and what is loaded over the wire.
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const folder = fileURLToPath(new URL('.', import.meta.url));

function entryOf({ adapter, file, options }) {
  const { from, names = [], default: byDefault } = adapter.library ?? {};
  const imported = [byDefault, names.length && `{ ${names.join(', ')} }`].filter(Boolean);
  const importLine = from ? `import ${imported.join(', ')} from '${from}';` : '';
  const library = `{ ${[byDefault, ...names].filter(Boolean).join(', ')} }`;
  return `${importLine}
import { start } from './adapters/${file}.mjs';
const host = new URLSearchParams(location.search).get('to');
window.tracker = start(${library}, host, ${JSON.stringify(options)});`;
}

/** The half of an adapter that runs in Node is not part of the page. */
const withoutNodeHalf = {
  name: 'without-node-half',
  setup({ onResolve }) {
    onResolve({ filter: /^node:|\/dist\/sandbox\// }, ({ path }) => ({
      ...{ path, external: true, sideEffects: false },
    }));
  },
};

const bundle = (variant, options) =>
  build({
    stdin: { contents: entryOf(variant), resolveDir: folder, sourcefile: 'entry.mjs' },
    ...{ bundle: true, minify: true, write: false, logLevel: 'error', legalComments: 'none' },
    ...{ platform: 'browser', target: 'es2022', outdir: '/out', treeShaking: true },
    plugins: [withoutNodeHalf],
    define: { 'process.env.NODE_ENV': '"production"' },
    ...options,
  });

/** One script, for the pages of all scenarios. */
export async function scriptOf(variant) {
  const { outputFiles } = await bundle(variant, { format: 'iife' });
  return outputFiles[0].text;
}

/** Modules as a bundler splits them, by name: what is imported later is a file of its own. */
export async function modulesOf(variant) {
  const { outputFiles } = await bundle(variant, { format: 'esm', splitting: true });
  return new Map(outputFiles.map(({ path, text }) => [path.split('/').pop(), text]));
}

/** Bytes of these files, each compressed by itself, as a server does. */
export const sizesOf = (texts) => {
  const sum = (of) => texts.reduce((total, text) => total + of(Buffer.from(text)).length, 0);
  return {
    min: sum((bytes) => bytes),
    gzip: sum((bytes) => gzipSync(bytes, { level: 9 })),
    brotli: sum(brotliCompressSync),
  };
};
