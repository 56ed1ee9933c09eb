// Browsers for the scenarios: one that all share, and profiles on disk whose browser can be killed.
import { readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import * as shared from '../chromium.mjs';

/** Some trackers ignore what looks like a robot. */
const asPerson = '--disable-blink-features=AutomationControlled';

export const launch = () => shared.launch(asPerson);

/** A person's browser by its user agent, for the same reason. */
export const userAgentOf = (browser) =>
  `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${
    browser.version().split('.')[0]
  }.0.0.0 Safari/537.36`;

/** @returns {Promise<{ context: import('@playwright/test').BrowserContext; kill(): Promise<void> }>} */
export async function startOnProfile(folder, userAgent) {
  const options = { ...shared.launching(asPerson), userAgent };
  const context = await chromium.launchPersistentContext(folder, options);
  const lock = join(folder, 'SingletonLock');
  // "<host>-<pid>"; Playwright starts a browser as the leader of a process group of its own.
  const pid = Number((await readlink(lock)).split('-').pop());
  return {
    context,
    async kill() {
      const gone = new Promise((resolve) => context.once('close', resolve));
      process.kill(-pid, 'SIGKILL');
      await gone;
      await rm(lock, { force: true });
    },
  };
}
