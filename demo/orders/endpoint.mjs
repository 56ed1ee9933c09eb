// The order endpoint as a shop runs it, `klaviyo-storefront serve` in a process of its own, which can be
// killed and started again.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const LEAVE_WITH_PARENT = new URL('./leave-with-parent.mjs', import.meta.url).href;
/** How long a stop may take before it is a kill. */
const STOP_MAX_MS = 2000;

/** What the command is configured by. Empty: whatever this shell has set for another one is not meant. */
const environment = ({ settings, port, databasePath, temporaryFolder }) => ({
  ...process.env,
  ...{ SHOPIFY_WEBHOOK_SECRET: '', WOOCOMMERCE_WEBHOOK_SECRET: '', MAX_WAITING_EVENTS: '' },
  ...settings,
  ...{ DATABASE_URL: databasePath, HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'info' },
  DEMO_FOLDER: temporaryFolder ?? '',
});

/**
 * @param {{ folder: string, isTemporary: boolean, settings: Record<string, string>,
 *   onFreePort: <T>(port: number, attempt: (port: number) => Promise<T>) => Promise<T>,
 *   onChange: () => void, log: (text: string) => void }} parts
 *   `folder` is where its orders are; a temporary one is removed even if this process is killed
 */
export function createEndpoint({ folder, isTemporary, settings, onFreePort, onChange, log }) {
  const databasePath = join(folder, 'endpoint.db');
  let child;
  let url;
  let ended = Promise.resolve();
  let kills = 0;
  let port = 0;
  let isWanted = false;

  function spawnOn(candidate) {
    const started = spawn(process.execPath, ['--import', LEAVE_WITH_PARENT, COMMAND, 'serve'], {
      // A folder of its own: there is no .env in it.
      cwd: folder,
      env: environment({
        ...{ settings, databasePath, port: candidate },
        temporaryFolder: isTemporary ? folder : undefined,
      }),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // In a group of its own: Ctrl-C is for the demo, which stops it.
      detached: true,
    });
    let complaint = '';
    started.stderr.on('data', (text) => {
      complaint += text;
    });
    const end = new Promise((resolve) => {
      started.once('error', (error) => resolve(error.message));
      started.once('exit', (code, signal) => resolve(complaint.trim() || `${signal ?? code}`));
    });
    return { started, end, listening: addressOf(started.stdout) };
  }

  async function startOn(candidate) {
    const { started, end, listening } = spawnOn(candidate);
    child = started;
    ended = end.then((why) => {
      if (child !== started) return;
      child = undefined;
      const wasListening = url !== undefined;
      url = undefined;
      if (isWanted && wasListening) log(`The order endpoint has ended: ${why}`);
      onChange();
    });
    const first = await Promise.race([listening, end.then((why) => ({ why }))]);
    if ('why' in first) {
      const code = first.why.includes('port is taken') ? 'EADDRINUSE' : undefined;
      throw Object.assign(new Error(`The order endpoint did not start: ${first.why}`), { code });
    }
    url = first.url;
    port = Number(new URL(url).port);
    onChange();
  }

  async function end(signal) {
    isWanted = false;
    child?.kill(signal);
    await ended;
  }

  return {
    url: () => url,
    databasePath,
    state: () => ({
      state: url ? 'running' : child ? 'starting' : 'stopped',
      ...{ pid: child?.pid, url, folder, kills },
    }),
    /** Starts it, on the port it had before. Resolves when it takes orders. */
    async start(wanted = port) {
      if (child) return;
      isWanted = true;
      await onFreePort(wanted, startOn);
    },
    /** kill -9: it learns nothing of it, and finishes nothing. */
    async kill() {
      if (!child) return;
      kills += 1;
      await end('SIGKILL');
    },
    async close() {
      const late = setTimeout(() => child?.kill('SIGKILL'), STOP_MAX_MS);
      await end('SIGTERM');
      clearTimeout(late);
    },
  };
}

/** The address in its log, as soon as that says so; the rest of the log is read and forgotten. */
function addressOf(stdout) {
  return new Promise((resolve) => {
    let said = '';
    stdout.setEncoding('utf8').on('data', (text) => {
      if (said === undefined) return;
      said += text;
      const url = /"url":"([^"]+)","store".*"msg":"listening"/.exec(said)?.[1];
      if (url === undefined) return;
      said = undefined;
      resolve({ url });
    });
  });
}
