// Which browser the e2e tests drive, and how one gets here on a fresh machine.
import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { run } from './process.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const applications = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

export const isRoot = () => process.getuid?.() === 0;

/** Root has no user namespace to sandbox in; the rest keeps a test browser off the network. */
export const chromiumArgs = [
  ...(isRoot() ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function candidates() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const installed = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...installed, ...applications, playwrightsOwn()].filter(
    (path) => path && isExecutable(path),
  );
}

/** Chromium's path: CHROMIUM_PATH, else one on PATH, else Playwright's own; undefined when there is none. */
export function findChromium() {
  const asked = process.env.CHROMIUM_PATH;
  if (!asked) return candidates()[0];
  if (isExecutable(asked)) return asked;
  throw new Error(`CHROMIUM_PATH is ${asked}, and there is no program there.`);
}

/** The first that starts: a bare machine may lack its libraries, and a stub may only say what to install. */
async function findWorkingChromium() {
  if (process.env.CHROMIUM_PATH) return findChromium();
  for (const path of candidates()) {
    const { code } = await run(path, ['--version'], { timeoutMs: 30_000 });
    if (code === 0) return path;
  }
  return undefined;
}

function playwrightsOwn() {
  try {
    return createRequire(import.meta.url)('@playwright/test').chromium.executablePath();
  } catch {
    return undefined; // dependencies are not installed yet, or this platform has no build of it
  }
}

/** Finds a browser or installs one; throws with what to do when neither works. */
export async function ensureChromium(log) {
  const found = await findWorkingChromium();
  if (found) return found;

  log('No Chrome or Chromium here: asking Playwright to download one (about 170 MB).');
  const cli = createRequire(import.meta.url).resolve('@playwright/test/cli');
  const download = await run(process.execPath, [cli, 'install', 'chromium'], {
    timeoutMs: 300_000,
  });
  const downloaded = await findWorkingChromium();
  if (downloaded) return downloaded;

  if (isRoot() && process.platform === 'linux') {
    log("That did not work: installing the system's own, apt-get install chromium.");
    const options = ['-o', 'DPkg::Lock::Timeout=900'];
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const update = await run('apt-get', ['update', ...options], { env, timeoutMs: 300_000 });
    const packages = ['install', '-y', '--no-install-recommends', ...options, 'chromium'];
    const install = await run('apt-get', packages, { env, timeoutMs: 900_000 });
    const installed = await findWorkingChromium();
    if (installed) return installed;
    log(lastLines(update.output + install.output));
  } else {
    log(lastLines(download.output));
  }
  throw new Error(
    'No browser for the e2e tests. Install Chromium or Chrome (Debian: apt-get install chromium),' +
      ' or set CHROMIUM_PATH to one, and run this again.',
  );
}

const lastLines = (text) => text.trim().split('\n').slice(-15).join('\n');
