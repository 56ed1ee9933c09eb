// Installs the peers beside this file, once: nobody else needs them.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { npm } from '../../run/setup.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const readJson = (name) => JSON.parse(readFileSync(`${folder}${name}`, 'utf8'));

export const versionOf = (name) => readJson(`node_modules/${name}/package.json`).version;

const isInstalled = () =>
  Object.entries(readJson('package.json').dependencies).every(
    ([name, version]) =>
      existsSync(`${folder}node_modules/${name}/package.json`) && versionOf(name) === version,
  );

export async function installPeers(log) {
  if (isInstalled()) return;
  log('Installing the peers (about 140 MB): npm ci in test/bench/peers.');
  const args = ['ci', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts'];
  const { code, output } = await npm(args, { cwd: folder });
  if (code !== 0) throw new Error(`The peers could not be installed:\n${output.trim()}`);
}
