// Brings a fresh clone to where it can run: dependencies and the build. Plain Node, because nothing
// is installed when this starts.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './process.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const inRoot = (path) => join(root, path);
const readJson = (path) => JSON.parse(readFileSync(inRoot(path), 'utf8'));

/** Throws a message a person can act on when this Node is older than package.json asks for. */
export function checkNode(version = process.versions.node) {
  const wanted = readJson('package.json').engines.node.replace('>=', '');
  const [major, minor] = version.split('.').map(Number);
  const [wantedMajor, wantedMinor] = wanted.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new Error(`This needs Node ${wanted} or newer, and this is ${version}.`);
}

/** Why node_modules can't be used as it is; undefined when it can. */
export function whyDependenciesAreStale() {
  if (!existsSync(inRoot('node_modules/.package-lock.json'))) return 'node_modules is missing';
  const wanted = readJson('package-lock.json').packages;
  // npm writes this one at the end of an install, so half an install does not count.
  const installed = readJson('node_modules/.package-lock.json').packages;
  for (const [path, { version, optional, peer }] of Object.entries(wanted)) {
    if (path === '' || installed[path]?.version === version) continue;
    if (!installed[path] && (optional || peer)) continue; // for another platform
    return `${path} is not the ${version} of package-lock.json`;
  }
  return undefined;
}

export async function ensureDependencies(log) {
  const reason = whyDependenciesAreStale();
  if (!reason) return;
  log(`Installing dependencies (${reason}): npm ci, about half a minute.`);
  const { code, output } = await npm(['ci', '--no-audit', '--no-fund']);
  if (code === 0) return;
  log(output.trim());
  throw new Error('npm ci failed (see above). Is the network there? Then run this again.');
}

/** npm as it was started with, else the one on PATH. */
export function npm(args, options = {}) {
  const own = process.env.npm_execpath;
  const command = own?.endsWith('.js') ? [process.execPath, own] : ['npm'];
  return run(command[0], [...command.slice(1), ...args], { cwd: root, ...options });
}

function newestChangeAt(path) {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  // A folder's own time counts too: it moves when a file in it is deleted.
  const inside = readdirSync(path).map((name) => newestChangeAt(join(path, name)));
  return Math.max(mtimeMs, ...inside);
}

/** Why dist can't be used as it is; undefined when it can. integrity.json is what a build writes last. */
export function whyBuildIsStale() {
  const last = inRoot('dist/integrity.json');
  if (!existsSync(last)) return 'dist is missing';
  const sources = ['src', 'esbuild.config.mjs', 'package-lock.json'];
  const changed = sources.find((path) => newestChangeAt(inRoot(path)) > statSync(last).mtimeMs);
  return changed && `${changed} changed since the last build`;
}

/** The bundles. Declarations take longer and nothing at run time needs them: see `npm run build`. */
export async function build() {
  return run(process.execPath, ['esbuild.config.mjs'], { cwd: root });
}

export async function ensureBuild(log) {
  const reason = whyBuildIsStale();
  if (!reason) return;
  log(`Building (${reason}).`);
  const { code, output } = await build();
  if (code === 0) return;
  log(output.trim());
  throw new Error('The build failed (see above).');
}
