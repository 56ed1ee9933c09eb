// W3C WebDriver by fetch, as far as the matrix needs it.

import { within } from './driver.js';
import { endGroup, freePort, startGroup } from './processes.js';

const CALL_MS = 45_000;

export interface WebDriver {
  /** Starts a browser; resolves to the prefix of its session's paths, and to its version. */
  start(binary: string, args: string[]): Promise<{ session: string; version: string }>;
  /** Of the driver, whose children the browsers are. */
  pid: number;
  call<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<T>;
  end(): Promise<void>;
}

export async function startWebDriver(env: NodeJS.ProcessEnv): Promise<WebDriver> {
  const port = await freePort();
  const args = ['--host=127.0.0.1', `--port=${port}`];
  const child = startGroup('WebKitWebDriver', args, { env, stdio: 'ignore' });

  async function call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      signal: AbortSignal.timeout(CALL_MS),
      ...(method === 'POST' && { body: JSON.stringify(body ?? {}) }),
    });
    const { value } = (await response.json()) as {
      value: T & { error?: string; message?: string };
    };
    if (value?.error) throw new Error(`${path}: ${value.error}: ${value.message}`);
    return value;
  }

  const isReady = () =>
    call('GET', '/status').then(
      () => true,
      () => false,
    );
  await within(
    (async () => {
      while (!(await isReady())) await new Promise((resolve) => setTimeout(resolve, 50));
    })(),
    CALL_MS,
    'the start of WebKitWebDriver',
  );

  return {
    call,
    pid: child.pid ?? 0,
    start: async (binary, browserArgs) => {
      const browserOptions = {
        'webkitgtk:browserOptions': { binary, args: browserArgs },
        // Counted by the page's own clock, which some scenarios make fast.
        timeouts: { script: 1_000_000_000 },
      };
      const { sessionId, capabilities } = await call<{
        sessionId: string;
        capabilities: { browserVersion: string };
      }>('POST', '/session', { capabilities: { alwaysMatch: browserOptions } });
      return { session: `/session/${sessionId}`, version: capabilities.browserVersion };
    },
    end: () => endGroup(child, 'SIGTERM'),
  };
}
