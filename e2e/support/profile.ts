// A browser with a profile on disk that can be killed and started again.
import { readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { chromiumArgs, findChromium } from '../../test/run/browser.mjs';
import { putTracker } from './on-page.js';
import type { Watch } from './watch.js';

export interface ProfileBrowser {
  context: BrowserContext;
  page: Page;
  /** SIGKILL to the browser and all its processes at once. Resolves when it is gone. */
  kill(): Promise<void>;
}

export async function startOnProfile(folder: string, watch: Watch): Promise<ProfileBrowser> {
  const executablePath = findChromium();
  const context = await chromium.launchPersistentContext(folder, {
    ...(executablePath ? { executablePath } : {}),
    args: chromiumArgs,
  });
  await watch.add(context);
  await putTracker(context);
  const lock = join(folder, 'SingletonLock');
  // "<host>-<pid>"; Playwright starts a browser as the leader of a process group of its own.
  const pid = Number((await readlink(lock)).split('-').pop());
  return {
    context,
    page: context.pages()[0] ?? (await context.newPage()),
    kill: async () => {
      const gone = new Promise((resolve) => context.once('close', resolve));
      process.kill(-pid, 'SIGKILL');
      await gone;
      watch.contexts.splice(watch.contexts.indexOf(context), 1);
      await rm(lock, { force: true });
    },
  };
}
