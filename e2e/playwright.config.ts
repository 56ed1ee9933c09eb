import { defineConfig } from '@playwright/test';
import { chromiumArgs, findChromium } from '../test/run/browser.mjs';

const executablePath = findChromium();

// Against the built dist, never against src: `npm run build` comes first.
export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: '../test-results',
  forbidOnly: true,
  // A test that passes at the second try has failed: an event lost once in ten is a lost event.
  retries: 0,
  fullyParallel: true,
  // Each worker drives a browser of its own; more of them than cores makes timing tests lie.
  workers: 2,
  // Deadlines only end what has failed: a machine that is busy with something else gets its time.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: 'list',
  use: {
    headless: true,
    screenshot: 'only-on-failure',
    trace: 'off',
    launchOptions: { ...(executablePath ? { executablePath } : {}), args: chromiumArgs },
  },
  projects: [
    { name: 'chromium', testIgnore: '**/bounce.spec.ts', use: { browserName: 'chromium' } },
    // Chromium ends a page that does not get its turn soon after it is left, so this one runs by itself.
    {
      name: 'alone',
      testMatch: '**/bounce.spec.ts',
      dependencies: ['chromium'],
      use: { browserName: 'chromium' },
    },
  ],
});
