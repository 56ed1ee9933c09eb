// The script tag, twice, with its stub, and blocked.
import { until } from '../driver.js';
import { defineScenarios } from '../scenario.js';
import { email, visitKnown } from '../world.js';

const calls = (numbers: number[]): string => `
  klaviyo.identify({ $email: '${email}' });
  for (const n of ${JSON.stringify(numbers)}) klaviyo.track('Viewed Product', { n });`;

export const scriptTag = defineScenarios([
  {
    name: 'script-twice',
    item: 30,
    what: 'the script is included twice',
    counts: [1, 40],
    run: async (world) => {
      world.defaults = { scripts: 2 };
      const tab = await visitKnown(world);
      await world.track(tab);
      await world.goto(tab, { path: '/next' });
      await world.track(tab);
      return { bound: 1 + (world.count < 24 ? 3 * world.count : 8) };
    },
  },
  {
    name: 'stub',
    item: 30,
    what: 'the stub is used before the script is there, and the global after it',
    counts: [1, 40],
    run: async (world) => {
      const inline = calls(world.enter());
      const tab = await world.visit({ isKnown: false, stub: true, inline });
      await tab.evaluate((numbers) => {
        for (const n of numbers) void window.klaviyo.track?.('Viewed Product', { n });
      }, world.enter());
      return { bound: 1 + (world.count < 24 ? 3 * world.count : 8) };
    },
  },
  {
    name: 'stub-blocked',
    item: 30,
    what: 'the stub with our script blocked: the page goes on, and the next page works',
    counts: [3],
    run: async (world) => {
      const tab = await world.visit({
        isKnown: false,
        stub: true,
        scriptUrl: `${world.network.url.replace('127.0.0.1', 'klaviyo.invalid')}/script.js`,
      });
      const startedAt = Date.now();
      const answers = await tab.evaluate(() => {
        const page = window.klaviyo as Record<string, (...args: unknown[]) => Promise<unknown>>;
        return Promise.all([
          page.identify?.({ $email: 'ada@shop.example' }),
          page.track?.('Viewed Product', { n: -1 }),
          new Promise((resolve) => void page.track?.('Viewed Product', { n: -2 }, resolve)),
          page.push?.(['track', 'Viewed Product', { n: -3 }]),
        ]).then(() => 'went on');
      });
      if (answers !== 'went on' || Date.now() - startedAt > 10_000)
        throw new Error('the page waits');
      await world.goto(tab);
      await tab.evaluate((address) => void tracker().identify({ email: address }), email);
      await world.track(tab);
      await until('the events', () => world.has(world.entered));
      return { bound: 1 + 3 };
    },
  },
]);
