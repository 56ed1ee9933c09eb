// Before anything counts as ok: does the question notice what is wrong, of every kind?
import type { Engine } from './driver.js';
import { judge } from './judge.js';
import { createWorld, visitKnown } from './world.js';

/** What each fault made on purpose is to be called. */
const wanted = {
  'an event lost': /^LOST 1 /,
  'an event doubled': /^DOUBLED 1 /,
  'an event nobody has tracked': /^not wanted: 4711$/,
  'an event both recorded and reported': /^recorded, and reported as dropped: 1$/,
  'a drop for another reason': /^3 reported \[rejected\], not \[expired\]$/,
  'a report of nothing tracked': /^1 other reports of invalid, not 0$/,
  'more requests than the bound': /^bound: /,
  'an address in a warning': /^personal: /,
  'an error on the page': /^error: on purpose/,
};

/** Throws when something wrong on purpose goes unnoticed, or something is wrong with what is right. */
export async function checkQuestion(engine: Engine): Promise<void> {
  const world = await createWorld(engine, 1, {}, false);
  const { sandbox, site } = world;
  try {
    const tab = await visitKnown(world);
    const [kept = 0] = await world.track(tab);
    const right = await judge(world, { bound: 2, timeoutMs: 10_000 });
    if (right.faults.length > 0) throw new Error(`nothing is wrong, but ${right.faults}`);

    const again = (n: number) => void tracker().track('Viewed Product', { n });
    await tab.evaluate(again, kept);
    await tab.evaluate(again, 4711);
    // Says that it has been recorded, and has not.
    sandbox.addFault({ metric: 'Lost', status: 202 });
    await world.track(tab, 1, 'Lost');
    sandbox.addFault({ metric: 'Refused', status: 400 });
    const [refused = 0] = await world.track(tab, 1, 'Refused');
    const [uniqueId = ''] = [...world.numberOf].find(([, n]) => n === kept) ?? [];
    site.dropped.push({ uniqueId, reason: 'consent' });
    await tab.evaluate(() => {
      void tracker().track('');
      console.warn('known as ada@shop.example');
      console.error('on purpose');
    });
    const { faults } = await judge(world, {
      bound: 2,
      timeoutMs: 1500,
      mayDrop: 'consent',
      dropped: { [refused]: 'expired' },
    });
    const unnoticed = Object.entries(wanted).filter(
      ([, words]) => !faults.some((fault) => words.test(fault)),
    );
    if (unnoticed.length > 0) {
      throw new Error(
        `unnoticed: ${unnoticed.map(([what]) => what)}; noticed: ${faults.join('; ')}`,
      );
    }
  } finally {
    await world.close();
  }
}
