// `npm run bench -- --only=peers`: this tracker beside others, in one run, in Chromium, against one recording server.

import { variants as all } from './all.mjs';
import { measureArrivals } from './arrivals.mjs';
import { launch, userAgentOf } from './browsers.mjs';
import { scriptOf } from './bundles.mjs';
import { measureCost, measureSizes } from './cost.mjs';
import { installPeers, versionOf } from './install.mjs';
import { rowsOf } from './rows.mjs';
import { scenarios } from './scenarios.mjs';
import { startShop } from './shop.mjs';

/**
 * @param {{ rounds?: number; who?: string[]; log: (line: string) => void }} options `who`: ids of `all.mjs`
 */
export async function measurePeers({ rounds = 5, who, log }) {
  await installPeers(log);
  const variants = all.filter(({ id }) => !who || who.includes(id));
  const files = new Map();
  for (const variant of variants) files.set(`/scripts/${variant.id}.js`, await scriptOf(variant));
  const shop = await startShop(files);
  const browser = await launch();
  const parts = { shop, files, browser, userAgent: userAgentOf(browser), log };
  try {
    const found = new Map(variants.map(({ id }) => [id, { costs: [] }]));
    for (const variant of variants) {
      found.get(variant.id).sizes = await measureSizes({ ...parts, variant });
    }
    // Alternating, so that a slow moment of the machine meets all. The first round does not count.
    for (let round = 0; round <= rounds; round++) {
      log(`Peers: cost, round ${round} of ${rounds}.`);
      for (const variant of variants) {
        const { costs } = found.get(variant.id);
        // Who has lost all of a backlog once is not asked again: it takes longest to be sure.
        const withBacklog = round > 0 && !costs.some(({ backlog }) => backlog?.requests === 0);
        const cost = await measureCost({ ...parts, variant, withBacklog });
        if (round > 0) costs.push(cost);
      }
    }
    log('Peers: arrivals.');
    const arrivals = await measureArrivals({ ...parts, variants, scenarios });
    return { rows: rowsOf({ variants, scenarios, found, arrivals }), notes: notesOf(variants) };
  } finally {
    await browser.close();
    await shop.close();
  }
}

const notesOf = (variants) => [
  ...variants.map(({ name, adapter, settings }) => {
    const version = adapter.package && !adapter.isOurs ? ` ${versionOf(adapter.package)}` : '';
    return `${name}${version}: ${settings}`;
  }),
  'lost: never accepted; again: further copies that were accepted, which a server may know by their id;',
  'doubled: copies under an id of their own, which no server can know.',
  'Nothing new for 30 s ends the waiting, or 90 s in all. Another page view may bring the rest.',
  'A refused request is refused with all in it; some vendors take a batch and judge its events later.',
];
