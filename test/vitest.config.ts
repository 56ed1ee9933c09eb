import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Two projects, so that the quick half can be run alone: `unit` mirrors src file for file,
// `package` looks at what the build wrote and at the tree as a whole.
export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    // Nothing may wait on a real clock, so a slow test is a broken one; a loaded machine gets leeway.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Its default leaves one core to nobody: on two cores everything ran on one of them.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    unstubGlobals: true,
    restoreMocks: true,
    coverage: { include: ['src/**/*.ts'] },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/package/**', 'test/browser/**'],
          environment: 'node',
        },
      },
      {
        extends: true,
        test: {
          name: 'unit-browser',
          include: ['test/browser/**/*.test.ts'],
          environment: 'happy-dom',
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          environment: 'node',
          testTimeout: 120_000,
        },
      },
    ],
  },
});
