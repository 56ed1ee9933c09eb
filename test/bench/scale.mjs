// `npm run bench:scale`: runs scale/main.ts, which takes the tracker and the sandbox from their sources: no build
// is needed. Node 20 has no TypeScript of its own.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'test-results/scale');
mkdirSync(folder, { recursive: true });
const outfile = join(folder, `main.${process.pid}.mjs`);
await build({
  absWorkingDir: root,
  entryPoints: ['test/bench/scale/main.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'warning',
});
process.on('exit', () => rmSync(outfile, { force: true }));
await import(pathToFileURL(outfile).href);
