// Before anything counts as ok: does the question notice an event that is lost, and one that is doubled?
import type { Engine } from './driver.js';
import { judge } from './judge.js';
import { createWorld, visitKnown } from './world.js';

/** Throws when a loss or a double made on purpose goes unnoticed. */
export async function checkQuestion(engine: Engine): Promise<void> {
  const world = await createWorld(engine, 1, {}, false);
  try {
    const tab = await visitKnown(world);
    const [kept] = await world.track(tab);
    await world.arrival([kept ?? 0]);
    await tab.evaluate((n) => tracker().track('Viewed Product', { n }), kept);
    // Says that it has been recorded, and has not.
    world.sandbox.addFault({ metric: 'Lost', status: 202 });
    await world.track(tab, 1, 'Lost');
    const { lost, doubled } = await judge(world, { bound: 9, timeoutMs: 1500 });
    if (lost !== 1 || doubled !== 1) {
      throw new Error(`of a loss and a double made on purpose ${lost} and ${doubled} were noticed`);
    }
  } finally {
    await world.close();
  }
}
