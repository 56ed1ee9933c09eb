import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest begins first: a fuzz that begins last has a core to itself while the others are idle. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      /\/test\/(fuzz|model)\/|\/(node\.kill|postgres-outbox)\.test/.test(moduleId);
    return (await super.sort(files)).sort((a, b) => +isLong(b) - +isLong(a));
  }
}

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
    sequence: { sequencer: LongestFirst },
    // A process for each file costs more than what most files test: a thread runs many, one after another.
    pool: 'threads',
    isolate: false,
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
          isolate: true,
          testTimeout: 120_000,
        },
      },
    ],
  },
});
