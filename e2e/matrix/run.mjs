// Runs main.ts against the built dist: `npm run test:matrix`. Node 20 has no TypeScript of its own.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ensureBuild, root } from '../../test/run/setup.mjs';

await ensureBuild(console.log);
// In the tree, so that packages are found, this one among them.
const folder = join(root, 'test-results/matrix');
mkdirSync(folder, { recursive: true });
const outfile = join(folder, `main.${process.pid}.mjs`);
await build({
  absWorkingDir: root,
  entryPoints: ['e2e/matrix/main.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'warning',
});
process.env.MATRIX_ROOT = root;
process.on('exit', () => rmSync(outfile, { force: true }));
await import(pathToFileURL(outfile).href);
