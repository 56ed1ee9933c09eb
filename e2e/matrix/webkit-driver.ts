// Debian's WebKit (WebKitGTK's MiniBrowser): over WebDriver, or by itself where its profile has to last.

import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { type Browser, type Engine, expressionOf, type Tab, until } from './driver.js';
import { endGroup, startGroup } from './processes.js';
import { startWebDriver, type WebDriver } from './webdriver.js';
import { openByItself } from './webkit-by-itself.js';

/** Pids of the processes that run pages of a browser, and of the browser itself. */
function processesOf(parent: number, wanted: RegExp): number[] {
  const found: { pid: number; parent: number; name: string }[] = [];
  for (const entry of readdirSync('/proc')) {
    try {
      const stat = readFileSync(`/proc/${Number(entry)}/stat`, 'utf8');
      const [, pid, name = '', from] = /^(\d+) \((.*)\) \S (\d+)/.exec(stat) ?? [];
      found.push({ pid: Number(pid), parent: Number(from), name });
    } catch {
      // No process, or gone meanwhile.
    }
  }
  const below = (of: number): typeof found =>
    found.filter((each) => each.parent === of).flatMap((each) => [each, ...below(each.pid)]);
  return below(parent)
    .filter(({ name }) => wanted.test(name))
    .map(({ pid }) => pid);
}

function createTab(driver: WebDriver, session: string, handle: string): Tab {
  const call = driver.call;
  /** Commands go to the chosen window, so choosing and commanding are one. */
  const on = async <T>(command: () => Promise<T>): Promise<T> => {
    await call('POST', `${session}/window`, { handle });
    return command();
  };
  const cannot = (what: string) => () => Promise.reject(new Error(`WebKitGTK cannot ${what}`));
  return {
    goto: (url) => on(() => call('POST', `${session}/url`, { url })),
    evaluate: async (action, argument) => {
      const script = `const done = arguments[arguments.length - 1];
        Promise.resolve().then(() => ${expressionOf(action, argument)})
          .then((value) => done({ value }), (error) => done({ error: String(error && error.stack || error) }));`;
      const answer = await on(() =>
        call<{ value?: unknown; error?: string }>('POST', `${session}/execute/async`, {
          script,
          args: [],
        }),
      );
      if (answer.error) throw new Error(answer.error);
      return answer.value as never;
    },
    close: () => on(() => call('DELETE', `${session}/window`)),
    back: () => on(() => call('POST', `${session}/back`)),
    show: cannot('bring a tab to the front'),
    crash: cannot('outlive one of its pages'),
    setFrozen: cannot('freeze a page'),
  };
}

/** With a driver of its own, which can do one session at a time. */
async function openVisitor(env: NodeJS.ProcessEnv, binary: string) {
  const driver = await startWebDriver(env);
  const { session, version } = await driver.start(binary, ['--automation']);
  const { call } = driver;
  const handles = () => call<string[]>('GET', `${session}/window/handles`);
  const [first = ''] = await handles();
  const [pid = 0] = processesOf(driver.pid, /^MiniBrowser/);
  let isFirstUsed = false;
  const quit = async () => {
    await call('DELETE', session).catch(() => undefined);
    await driver.end();
  };
  const browser: Browser = {
    newTab: async (isBehind = false) => {
      if (!isFirstUsed) {
        isFirstUsed = true;
        return createTab(driver, session, first);
      }
      // The one that was in front may be closed by now.
      const [open] = await handles();
      await call('POST', `${session}/window`, { handle: open });
      // A tab stays behind the one in front; a window is visible beside the others.
      const type = isBehind ? 'tab' : 'window';
      const { handle } = await call<{ handle: string }>('POST', `${session}/window/new`, { type });
      return createTab(driver, session, handle);
    },
    popup: async (opener) => {
      const before = await handles();
      await opener.evaluate(() => {
        const button = document.createElement('button');
        button.id = 'popup';
        button.textContent = 'Open';
        button.onclick = () => void window.open(location.href);
        document.body.prepend(button);
      });
      const found = await call<Record<string, string>>('POST', `${session}/element`, {
        using: 'css selector',
        value: '#popup',
      });
      await call('POST', `${session}/element/${Object.values(found)[0]}/click`);
      let opened: string | undefined;
      await until('the tab a click opens', async () => {
        opened = (await handles()).find((handle) => !before.includes(handle));
        return opened !== undefined;
      });
      return createTab(driver, session, opened ?? '');
    },
    count: async () => (await handles()).length,
    setOffline: () => Promise.reject(new Error('WebKitGTK cannot be set offline')),
    quit,
    kill: async () => {
      for (const each of [pid, ...processesOf(pid, /./)]) process.kill(each, 'SIGKILL');
      await quit();
    },
  };
  return { browser, version };
}

export async function startDisplay(): Promise<{ display: string; child: ChildProcess }> {
  const args = ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'];
  const child = startGroup('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const display = await new Promise<string>((resolve, reject) => {
    child.stdio[3]?.once('data', (text) => resolve(`:${String(text).trim()}`));
    child.once('error', reject);
    child.once('exit', () => reject(new Error('Xvfb ended')));
  });
  return { display, child };
}

export async function createWebKit(binary: string): Promise<Engine> {
  const screen = await startDisplay();
  const env = {
    ...process.env,
    DISPLAY: screen.display,
    GDK_BACKEND: 'x11',
    LIBGL_ALWAYS_SOFTWARE: '1',
    NO_AT_BRIDGE: '1',
    GSETTINGS_BACKEND: 'memory',
  };
  const start = () => openVisitor(env, binary);
  const { browser, version } = await start();
  await browser.quit();
  return {
    name: 'webkit',
    version: `WebKitGTK ${version}`,
    cannot: {
      // Of 50, 22 arrived, twice; the others are stored and go out on the next visit (close-returning).
      'last-words': 'a preflight ends with the window that closes itself',
      offline: 'no such command in WebDriver',
      freeze: 'no such command in WebDriver',
      crash: 'WebDriver ends its session with the first page that crashes',
    },
    visitor: async () => (await start()).browser,
    open: async (folder) => openByItself(binary, env, folder),
    end: () => endGroup(screen.child, 'SIGTERM'),
  };
}
