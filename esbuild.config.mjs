// Builds everything the package ships except the declarations (those are tsc's): `npm run build`.
// `--clean` empties dist first; without it files are replaced one by one, so that a test or a demo
// that is reading dist meanwhile never finds it half empty.
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { minify } from 'terser';

const root = fileURLToPath(new URL('.', import.meta.url));

/**
 * Names by which only our modules in the browser speak to each other: nothing that has them is stored, sent or
 * handed to a page, and no platform has them where we do. In a bundle they can be a letter.
 */
const internalNames = [
  ...[
    'alive',
    'isLasting',
    'isReal',
    'renew',
    'letGo',
    'persist',
    'refresh',
    'rename',
    'isPartial',
  ],
  ...['garbage', 'isSlow', 'mayHold', 'sendable', 'finish', 'keepaliveLeft', 'isReplaced'],
  ...['isLost', 'isPast', 'arrive', 'unlearn', 'forget', 'isClosed', 'retryAfterMs'],
  ...['restore', 'leave', 'stored', 'journal', 'transport', 'throttle', 'maxEvents', 'maxBytes'],
  ...[
    'succeed',
    'admit',
    'settle',
    'isActive',
    'openStore',
    'mayExist',
    'concurrency',
    'least',
    'bulkFrom',
    'isUnfinished',
  ],
];
const mangleProps = new RegExp(`^(${internalNames.join('|')})$`);

// The syntax of browsers from 2021 on (Chrome 95, Firefox 93, Safari 15.4). What is newer than that, or
// missing on plain http (Web Locks, randomUUID), is asked for at run time and has a stand-in.
const browser = { platform: 'browser', target: ['es2022'], mangleProps };
const page = { ...browser, format: 'iife', sourcemap: 'external' };
// Node's own type stripping is not on in 20, so the command line and the sandbox are built too.
const node = { platform: 'node', target: ['node20.19'], format: 'esm', sourcemap: 'linked' };

const outputs = [
  {
    entry: 'src/index.ts',
    outfile: 'dist/index.js',
    // Not minified: a shop's bundler does that, and a stack trace stays readable until then.
    options: { ...browser, format: 'esm', sourcemap: 'linked', packages: 'external' },
  },
  { entry: 'src/script.ts', outfile: 'dist/script.js', options: page, isServed: true },
  { entry: 'src/snippet.ts', outfile: 'dist/snippet.js', options: page, isServed: true },
  {
    entry: 'src/sandbox/index.ts',
    outfile: 'dist/sandbox/index.js',
    options: { ...node, packages: 'external' },
  },
  {
    entry: 'src/server/index.ts',
    outfile: 'dist/server/index.js',
    // All but zod is an optional peer dependency, imported where it is needed. Of zod a twentieth is used;
    // as a package it would be read from a hundred files at every cold start.
    options: {
      ...node,
      external: ['hono', '@hono/node-server', 'libsql', 'pg', 'pino', 'prom-client'],
    },
  },
  {
    entry: 'src/cli.ts',
    outfile: 'dist/cli.js',
    options: { ...node, banner: { js: '#!/usr/bin/env node' }, plugins: [besideEntries()] },
    executable: true,
  },
];

/** Leaves sandbox and server out of the command line: dist/cli.js imports the built ones beside it. */
function besideEntries() {
  return {
    name: 'beside-entries',
    setup({ onResolve }) {
      onResolve({ filter: /\/index\.[jt]s$/ }, ({ path, resolveDir }) => {
        const room = /src\/(sandbox|server)\/index\.[jt]s$/.exec(resolve(resolveDir, path))?.[1];
        return room ? { path: `./${room}/index.js`, external: true } : undefined;
      });
    },
  };
}

/**
 * One bundle in memory, with esbuild's metafile: the build and the package tests both ask here.
 * @param {{ entry: string; outfile: string; options: object; isServed?: boolean | undefined }} output
 * @returns {Promise<import('esbuild').BuildResult<{ write: false; metafile: true }>>}
 */
export async function bundle({ entry, outfile, options, isServed }) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    write: false,
    metafile: true,
    legalComments: 'none',
    logLevel: 'warning',
    ...options,
  });
  if (isServed) await squeeze(result.outputFiles);
  return result;
}

/** Minifies what visitors load. esbuild could, but terser's is 4 % smaller over the wire. */
async function squeeze(outputFiles) {
  const code = outputFiles.find(({ path }) => path.endsWith('.js'));
  const map = outputFiles.find(({ path }) => path.endsWith('.map'));
  // One keyword for all declarations: shorter, and compilers have seen by now what is never assigned.
  const text = code.text
    .replace(/(^\s*|for \()const /gm, '$1let   ')
    .replace('"use strict";', '             ');
  const minified = await minify(text, {
    ecma: 2020,
    toplevel: true,
    // `unsafe` is so for objects with a valueOf of their own in template literals: there are none.
    compress: { passes: 4, unsafe: true, unsafe_arrows: true, hoist_funs: true, hoist_vars: true },
    sourceMap: { content: map.text },
  });
  const encoder = new TextEncoder();
  code.contents = encoder.encode(minified.code);
  map.contents = encoder.encode(minified.map);
}

export { outputs };

const brotliBytes = (text) => brotliCompressSync(text).length; // quality 11 is Node's default
const sri = (bytes) => `sha384-${createHash('sha384').update(bytes).digest('base64')}`;
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(2)} kB`;

/** Written beside and moved into place: a reader sees the old file or the new one, never half of one. */
function replaceFile(path, contents) {
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, contents);
  renameSync(partial, path);
}

async function main() {
  if (process.argv.includes('--clean')) rmSync(`${root}dist`, { recursive: true, force: true });
  const integrity = {};
  for (const output of outputs) {
    const { outputFiles } = await bundle(output);
    for (const file of outputFiles) replaceFile(file.path, file.contents);
    const code = outputFiles.find((file) => file.path.endsWith('.js'));
    if (output.executable) chmodSync(code.path, 0o755);
    const sizes = `${kilobytes(code.contents.length)}, brotli ${kilobytes(brotliBytes(code.contents))}`;
    console.log(`${relative(root, code.path).padEnd(22)} ${sizes}`);
    if (output.isServed) {
      const name = relative(`${root}dist`, code.path);
      integrity[name] = sri(code.contents);
      console.log(`${''.padEnd(22)} ${integrity[name]}`);
    }
  }
  // Last: whoever asks whether dist is older than the sources looks at this file.
  replaceFile(`${root}dist/integrity.json`, `${JSON.stringify(integrity, null, 2)}\n`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
