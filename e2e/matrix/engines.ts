// Which engines this machine has, and how to get the others.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { firefox, webkit } from '@playwright/test';
import { findChromium } from '../../test/run/browser.mjs';
import type { Engine, EngineName } from './driver.js';
import { createChromium, createOther } from './playwright-driver.js';
import { createWebKit } from './webkit-driver.js';

function findProgram(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function findMiniBrowser(): string | undefined {
  const folders = ['x86_64', 'aarch64'].map((cpu) => `/usr/lib/${cpu}-linux-gnu`);
  return [...folders, '/usr/libexec', '/usr/lib']
    .map((folder) => `${folder}/webkit2gtk-4.1/MiniBrowser`)
    .find((path) => existsSync(path));
}

/** What starts an engine here; a sentence on how to get it where it is missing. */
const finders: Record<EngineName, () => (() => Promise<Engine>) | string> = {
  chromium: () => {
    const path = findChromium();
    return path ? () => createChromium(path) : 'apt-get install chromium, or set CHROMIUM_PATH';
  },
  firefox: () => {
    // Playwright's own where it is installed, as on a contributor's laptop.
    if (existsSync(firefox.executablePath())) return () => createOther('firefox', {});
    const path = findProgram('firefox-esr');
    return path
      ? () => createOther('firefox', { channel: 'moz-firefox', executablePath: path })
      : 'npx playwright install firefox, or apt-get install firefox-esr';
  },
  webkit: () => {
    if (existsSync(webkit.executablePath())) return () => createOther('webkit', {});
    const browser = findMiniBrowser();
    return browser && findProgram('WebKitWebDriver') && findProgram('Xvfb')
      ? () => createWebKit(browser)
      : 'npx playwright install webkit, or apt-get install webkit2gtk-driver xvfb xauth';
  },
};

export const findEngine = (name: EngineName): (() => Promise<Engine>) | string => finders[name]();
