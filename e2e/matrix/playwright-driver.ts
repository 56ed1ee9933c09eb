// Chromium and Firefox, and Playwright's own WebKit, over Playwright.
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import {
  type BrowserContext,
  type BrowserType,
  chromium,
  firefox,
  type Page,
  type Browser as PlaywrightBrowser,
  webkit,
} from '@playwright/test';
import { chromiumArgs } from '../../test/run/browser.mjs';
import { pidsOf } from '../../test/run/processes.mjs';
import {
  type Browser,
  type Engine,
  type EngineName,
  expressionOf,
  type Tab,
  until,
  within,
} from './driver.js';
import { endGroup, killNow, startGroup } from './processes.js';

const CALL_MS = 45_000;

function createTab(page: Page): Tab {
  return {
    goto: async (url) => {
      // The navigation before it may be over for the page and not yet for Playwright.
      await page.goto(url, { timeout: CALL_MS }).catch((error: Error) => {
        if (!/interrupted/.test(error.message)) throw error;
        return page.waitForURL(url, { timeout: CALL_MS });
      });
    },
    evaluate: (action, argument) =>
      within(page.evaluate(expressionOf(action, argument)), CALL_MS, 'evaluate') as never,
    close: () => page.close({ runBeforeUnload: false }),
    back: async () => {
      // Over WebDriver BiDi nobody is told of a page that comes from the back/forward cache.
      await page.goBack({ waitUntil: 'commit', timeout: 2000 }).catch(() => undefined);
    },
    show: () => page.bringToFront(),
    crash: async () => {
      const gone = new Promise((resolve) => page.once('crash', resolve));
      const devtools = await page.context().newCDPSession(page);
      devtools.send('Page.crash').catch(() => undefined);
      await within(gone, CALL_MS, 'crash');
      await page.close().catch(() => undefined);
    },
    setFrozen: async (isFrozen) => {
      const devtools = await page.context().newCDPSession(page);
      await devtools.send('Page.setWebLifecycleState', { state: isFrozen ? 'frozen' : 'active' });
    },
  };
}

function createBrowser(
  context: BrowserContext,
  quit: () => Promise<void>,
  kill: () => Promise<void>,
): Browser {
  return {
    newTab: async () => createTab(await context.newPage()),
    popup: async (opener) => {
      const opened = context.waitForEvent('page', { timeout: CALL_MS });
      await opener.evaluate(() => void window.open(location.href));
      const page = await opened;
      await page.waitForLoadState('load', { timeout: CALL_MS });
      return createTab(page);
    },
    count: async () => context.pages().length,
    setOffline: (isOffline) => context.setOffline(isOffline),
    quit,
    kill,
  };
}

/** Without Playwright's own flags, which keep hidden tabs visible and switch the bfcache off. */
async function startChromium(executablePath: string, folder: string) {
  const args = [
    ...chromiumArgs,
    ...['--headless=new', '--disable-popup-blocking', '--remote-debugging-port=0'],
    ...[`--user-data-dir=${folder}`, '--no-default-browser-check', 'about:blank'],
  ];
  const child = startGroup(executablePath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const endpoint = await within(
    new Promise<string>((resolve) => {
      let said = '';
      child.stderr?.on('data', (text) => {
        said += text;
        const [found] = /ws:\/\/\S+/.exec(said) ?? [];
        if (found) resolve(found);
      });
    }),
    30_000,
    'the start of Chromium',
  );
  const browser = await chromium.connectOverCDP(endpoint, { noDefaults: true });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    await endGroup(child, signal);
    await rm(join(folder, 'SingletonLock'), { force: true });
  };
  const gone = async (timeoutMs: number): Promise<void> => {
    await until('the end of Chromium', () => child.exitCode !== null, timeoutMs).catch(
      () => undefined,
    );
  };
  return { browser, end, gone };
}

export async function createChromium(executablePath: string): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), 'matrix-chromium-'));
  const { browser, end } = await startChromium(executablePath, folder);
  return {
    name: 'chromium',
    version: browser.version(),
    cannot: {},
    visitor: async () => {
      const context = await browser.newContext();
      const close = () => context.close();
      return createBrowser(context, close, close);
    },
    open: async (profile) => {
      const own = await startChromium(executablePath, profile);
      const context = own.browser.contexts()[0]!;
      const quit = async () => {
        const session = await own.browser.newBrowserCDPSession();
        await session.send('Browser.close').catch(() => undefined);
        // It writes localStorage on its way out.
        await own.gone(CALL_MS);
        await own.end('SIGTERM');
      };
      return createBrowser(context, quit, () => own.end('SIGKILL'));
    },
    end: async () => {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Of Playwright's own, or Debian's Firefox over WebDriver BiDi. */
export async function createOther(
  name: Exclude<EngineName, 'chromium'>,
  options: { channel?: string; executablePath?: string },
): Promise<Engine> {
  const type: BrowserType = { firefox, webkit }[name];
  const launch = {
    ...options,
    ...(name === 'firefox' && {
      firefoxUserPrefs: {
        'dom.disable_open_during_load': false,
        'dom.allow_scripts_to_close_windows': true,
      },
    }),
  };
  let browser: PlaywrightBrowser = await type.launch(launch);
  const driven = 'Playwright keeps every tab visible';
  return {
    name,
    version: browser.version(),
    cannot: {
      hide: driven,
      freeze: 'no such command',
      crash: 'tabs of one site share a process',
      ...(name === 'webkit' && { bfcache: 'Playwright switches it off' }),
    },
    visitor: async () => {
      // One that has ended by itself costs its own runs, not those that follow.
      if (!browser.isConnected()) browser = await type.launch(launch);
      const context = await browser.newContext();
      const close = () => context.close();
      return createBrowser(context, close, close);
    },
    open: async (folder) => {
      const context = await type.launchPersistentContext(folder, launch);
      return createBrowser(
        context,
        () => context.close(),
        async () => {
          const gone = new Promise((resolve) => context.once('close', resolve));
          // Playwright does not say which process it is; its command line names the profile. On macOS
          // the system has started WebKit's helpers, and they end with it.
          const pids = pidsOf(basename(folder));
          if (!pids[0]) throw new Error(`no process of ${name} on ${folder} to kill`);
          for (const pid of pids) killNow(pid);
          await within(gone, CALL_MS, 'the end of a killed browser');
          for (const lock of ['lock', '.parentlock']) await rm(join(folder, lock), { force: true });
        },
      );
    },
    end: () => browser.close(),
  };
}
