/**
 * The promise, lines 1 to 6, against histories that nobody has thought of, with a death at any step.
 *
 * A run that passes prints its seed, a failure its path too: `SEED=… MODEL_PATH=… npm run test:model` plays it again.
 * MODEL_RUNS says how many histories there are; MODEL_BAIL leaves a failing one as long as it is; MODEL_LOG
 * prints each step.
 */

import { expect, it } from 'vitest';
import fc, { seed } from '../helpers/fast-check.js';
import { actions, settings } from './actions.js';
import { play } from './play.js';

const { MODEL_RUNS = '1000', MODEL_PATH = '', MODEL_BAIL } = process.env;

it('keeps its promise in every history', { timeout: 24 * 3_600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(settings, actions, async (setting, history) => {
      expect(await play(setting, history)).toEqual([]);
    }),
    {
      numRuns: Number(MODEL_RUNS),
      path: MODEL_PATH,
      endOnFailure: !!MODEL_BAIL,
    },
  );
  console.log(`${MODEL_RUNS} histories kept the promise, seed ${seed}`);
});
