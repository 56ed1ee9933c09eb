// The Chromium that everything is measured in.
import { chromium } from '@playwright/test';
import { chromiumArgs, findChromium } from '../run/browser.mjs';

const executablePath = findChromium();

/** For `launch` and `launchPersistentContext`, with more arguments where somebody needs them. */
export const launching = (...args) => ({
  ...(executablePath ? { executablePath } : {}),
  args: [...chromiumArgs, ...args],
});

export const launch = (...args) => chromium.launch(launching(...args));
