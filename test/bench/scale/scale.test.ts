import { describe, expect, it } from 'vitest';
import { figuresOf } from './figures.js';
import { SCENARIOS } from './scenarios.js';
import { simulate } from './simulate.js';
import { alwaysBulk } from './strategies/always-bulk.js';
import { fetchPerEvent } from './strategies/fetch-per-event.js';
import { ours } from './strategies/ours.js';

const scenarioOf = (name: string) => SCENARIOS.find((one) => one.name === name)!;
const run = async (name: string, strategy = ours, seed = 'test', visitors = 25) => {
  // Few visitors need not be looked at for long.
  const scenario = { ...scenarioOf(name), watchMs: 1_800_000 };
  return figuresOf(
    scenario,
    await simulate(scenario, strategy, { seed, share: visitors / scenario.visitors }),
  );
};

describe('the simulation at scale', () => {
  it.each([
    ['sale', ours],
    ['sale', fetchPerEvent],
    ['sale', alwaysBulk],
    ['outage', ours],
    ['key', ours],
  ] as const)('accounts for every event of %s', async (name, strategy) => {
    const { tracked, recorded, waiting, dropped, lost, throttledShare } = await run(name, strategy);
    const reasons = Object.values(dropped).reduce((sum, count) => sum + count, 0);
    expect(tracked).toBeGreaterThan(15);
    expect(recorded).toBeGreaterThan(tracked / 4);
    expect(recorded + waiting + reasons + lost).toBe(tracked);
    if (strategy !== fetchPerEvent) expect(lost).toBe(0);
    // The limits are as small as the number of visitors, so they are felt.
    if (name === 'sale') expect(throttledShare).toBeGreaterThan(0);
  });

  it('tells a tracker that loses events from one that keeps them', async () => {
    const { lost } = await run('outage', fetchPerEvent);
    expect(lost).toBeGreaterThan(0);
  });

  it('is the same for the same seed, and another for another', async () => {
    const once = await run('key');
    expect(await run('key')).toEqual(once);
    expect(await run('key', ours, 'another')).not.toEqual(once);
  });

  it('has the same visitors do the same, whatever tracks them', async () => {
    const [first, ...others] = [
      await run('sale'),
      await run('sale', fetchPerEvent),
      await run('sale', alwaysBulk),
    ];
    for (const { tracked, held } of others) {
      expect([tracked, held]).toEqual([first?.tracked, first?.held]);
    }
  });
});
