// `npm run bench -- --only=peers`: this tracker beside others, in one run, in Chromium, against one recording server.
import { variants as all } from './all.mjs';
import { measureArrivals } from './arrivals.mjs';
import { measureBacklog } from './backlog.mjs';
import { launch, userAgentOf } from './browsers.mjs';
import { scriptOf } from './bundles.mjs';
import { measureCost, measureSizes } from './cost.mjs';
import { installPeers, versionOf } from './install.mjs';
import { rowsOf } from './rows.mjs';
import { scenarios } from './scenarios.mjs';
import { startShop } from './shop.mjs';
import { createTurns } from './turns.mjs';

/** Backlogs at once: they wait for the network most of the time. */
const BACKLOGS = 2;

/**
 * @param {{ rounds?: number; isBrief?: boolean; who?: string[]; log: (line: string) => void }} options `isBrief`: as
 * one part of many, with fewer rounds; `who`: ids of `all.mjs`
 */
export async function measurePeers({ isBrief = false, rounds = isBrief ? 3 : 5, who, log }) {
  await installPeers(log);
  const variants = all.filter(({ id }) => !who || who.includes(id));
  const files = new Map();
  for (const variant of variants) files.set(`/scripts/${variant.id}.js`, await scriptOf(variant));
  const shop = await startShop(files);
  const browser = await launch();
  const parts = { shop, files, browser, userAgent: userAgentOf(browser), log };
  const found = new Map(variants.map(({ id }) => [id, { costs: [], backlogs: [] }]));
  const failures = [];
  /** What cannot be measured is said, and does not cost the others their figures. */
  const attempt = async (what, work) => {
    try {
      return await work();
    } catch (error) {
      // Nothing can be measured any more: somebody has stopped us.
      if (!browser.isConnected()) throw error;
      failures.push(`NOT MEASURED ${what}: ${error.message.split('\n')[0]}`);
      log(failures.at(-1));
      return undefined;
    }
  };
  try {
    // Each for the first time, so that caches are warm for what is timed.
    log('Peers: sizes.');
    for (const variant of variants) {
      const sizes = await attempt(`${variant.name}, sizes`, () =>
        measureSizes({ ...parts, variant }),
      );
      found.get(variant.id).sizes = sizes;
    }
    // Alternating, so that a slow moment of the machine meets all.
    for (let round = 1; round <= rounds; round++) {
      log(`Peers: cost, round ${round} of ${rounds}.`);
      for (const variant of variants) {
        const cost = await attempt(`${variant.name}, cost`, () =>
          measureCost({ ...parts, variant }),
        );
        if (cost) found.get(variant.id).costs.push(cost);
      }
    }
    // Most of these two is waiting.
    const longRounds = isBrief ? 1 : rounds;
    for (let round = 1; round <= longRounds; round++) {
      log(`Peers: backlogs, round ${round} of ${longRounds}.`);
      await measureBacklogs(variants, found, attempt, parts);
    }
    const arrivals = [];
    for (let round = 1; round <= longRounds; round++) {
      log(`Peers: arrivals, round ${round} of ${longRounds}.`);
      arrivals.push(...(await measureArrivals({ ...parts, variants, scenarios, attempt })));
    }
    return {
      rows: rowsOf({ variants, scenarios, found, arrivals }),
      variants: variants.map(describe),
      notes: notesOf(variants, rounds, longRounds),
      failures,
    };
  } finally {
    await browser.close();
    await shop.close();
  }
}

async function measureBacklogs(variants, found, attempt, parts) {
  const admit = createTurns(BACKLOGS);
  const turn = createTurns(BACKLOGS);
  await Promise.all(
    variants.map((variant) =>
      admit(async () => {
        const { backlogs } = found.get(variant.id);
        // Who has lost all of one is not asked again: it takes longest to be sure of that.
        if (backlogs.some(({ lost }) => lost === 1000)) return;
        const backlog = await attempt(`${variant.name}, backlog`, () =>
          measureBacklog({ ...parts, variant, turn }),
        );
        if (backlog) backlogs.push(backlog);
      }),
    ),
  );
}

/** `version`: undefined for ours, which is in this tree, and for a hand-written fetch. */
const describe = ({ name, adapter, settings }) => ({
  ...{ name, settings },
  version: adapter.package && !adapter.isOurs ? versionOf(adapter.package) : undefined,
});

const notesOf = (variants, rounds, longRounds) => [
  ...variants.map(describe).map(({ name, version, settings }) => {
    return `${version ? `${name} ${version}` : name}: ${settings}`;
  }),
  `Medians of ${rounds} rounds; of ${longRounds} for 1,000 events tracked offline, and for arrivals.`,
  'lost: never accepted. again: further copies that were accepted, which a server may know by their id.',
  'doubled: copies under an id of their own, which no server can know.',
  'Waiting ends when nothing new has arrived for 30 s, or after 90 s. A page opened again tracks a view.',
  'A refused request is refused with all in it; some vendors take a batch and judge its events later.',
];
