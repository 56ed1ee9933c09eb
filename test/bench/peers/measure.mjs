// `npm run bench -- --only=peers`: this tracker beside others, in one run, in Chromium, against one recording server.
import { variants as all } from './all.mjs';
import { AT_WORK, measureArrivals, VISITORS } from './arrivals.mjs';
import { measureBacklog } from './backlog.mjs';
import { launch, userAgentOf } from './browsers.mjs';
import { scriptOf } from './bundles.mjs';
import { measureCost, measureSizes } from './cost.mjs';
import { installPeers, versionOf } from './install.mjs';
import { rowsOf } from './rows.mjs';
import { scenarios as allScenarios, NOTHING } from './scenarios.mjs';
import { startShop } from './shop.mjs';
import { createTurns } from './turns.mjs';

/** What a table needs. */
export const ROUNDS = 5;
/** Who is asked where the peers are one part of many, which has minutes: the others take a third of them. */
const BRIEF = ['ours', 'segment', 'posthog', 'rudderstack', 'snowplow', 'fetch'];

/**
 * @param {{ rounds?: number; isBrief?: boolean; who?: string[]; log: (line: string) => void }} options `isBrief`: as
 * one part of many, once, some of them and less of what takes long; `who`: ids of `all.mjs`
 */
export async function measurePeers({ isBrief = false, rounds = isBrief ? 1 : ROUNDS, who, log }) {
  await installPeers(log);
  const asked = who ?? (isBrief ? BRIEF : undefined);
  const variants = all.filter(({ id }) => asked?.includes(id) ?? true);
  const scenarios = allScenarios.map((scenario) => {
    const { names, briefNames = names } = scenario;
    return { ...scenario, names: isBrief ? briefNames : names };
  });
  const files = new Map();
  for (const variant of variants) files.set(`/scripts/${variant.id}.js`, await scriptOf(variant));
  const shop = await startShop(files);
  const browser = await launch();
  const parts = { shop, files, browser, userAgent: userAgentOf(browser), log };
  const found = new Map(variants.map(({ id }) => [id, { costs: [], backlogs: [] }]));
  const arrivals = [];
  const failures = [];
  const fail = (line) => {
    failures.push(line);
    log(line);
  };
  /** Twice; what cannot be measured is said, and does not cost the others their figures. */
  const attempt = async (what, work, isAgain = false) => {
    try {
      return await work();
    } catch (error) {
      // Nothing can be measured any more: somebody has stopped us.
      if (!browser.isConnected()) throw error;
      const [why] = error.message.split('\n');
      if (isAgain) fail(`NOT MEASURED ${what}: ${why}`);
      else log(`${what} is tried again: ${why}`);
      return isAgain ? undefined : attempt(what, work, true);
    }
  };
  const measure = async () => {
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
      for (const variant of rotated(variants, round)) {
        const cost = await attempt(`${variant.name}, cost`, () =>
          measureCost({ ...parts, variant }),
        );
        if (cost) found.get(variant.id).costs.push(cost);
      }
    }
    // Most of these two is waiting.
    for (let round = 1; round <= rounds; round++) {
      log(`Peers: backlogs, round ${round} of ${rounds}.`);
      await measureBacklogs(rotated(variants, round), found, attempt, parts);
    }
    for (let round = 1; round <= rounds; round++) {
      log(`Peers: arrivals, round ${round} of ${rounds}.`);
      arrivals.push(...(await measureArrivals({ ...parts, variants, scenarios, attempt })));
    }
  };
  try {
    // Whatever ends it, there is what it has found.
    await measure().catch((error) => fail(`NOT MEASURED, the rest: ${error.message}`));
    for (const { scenario, variant, lost } of arrivals) {
      if (scenario.title === NOTHING && lost)
        fail(`${variant.name} lost ${lost} where nothing went wrong.`);
    }
    return {
      rows: rowsOf({ variants, scenarios, found, arrivals }),
      variants: variants.map(describe),
      notes: notesOf({ variants, rounds, found, arrivals }),
      ...{ rounds, failures },
    };
  } finally {
    await browser.close();
    await shop.close();
  }
}

/** Nobody is always the first, or always after the same neighbour's work. */
const rotated = (list, by) => [...list.slice(by % list.length), ...list.slice(0, by % list.length)];

async function measureBacklogs(variants, found, attempt, parts) {
  const admit = createTurns(VISITORS);
  const turn = createTurns(AT_WORK);
  await Promise.all(
    variants.map((variant) =>
      admit(async () => {
        const { backlogs } = found.get(variant.id);
        // Who has lost all of two is not asked again: it takes longest to be sure of that.
        if (backlogs.filter(({ lost }) => lost === 1000).length > 1) return;
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

function notesOf({ variants, rounds, found, arrivals }) {
  const fewer = variants.flatMap(({ id, name }) => {
    const { costs, backlogs } = found.get(id);
    const counts = [costs.length, backlogs.length];
    return Math.min(...counts) < rounds ? [`${name} ${counts.join(' and ')}`] : [];
  });
  const cut = [...found.values()].flatMap(({ backlogs }) => backlogs).concat(arrivals);
  const killed = arrivals.map(({ afterMs }) => afterMs).filter((ms) => ms !== undefined);
  return [
    ...variants.map(describe).map(({ name, version, settings }) => {
      return `${version ? `${name} ${version}` : name}: ${settings}`;
    }),
    `Medians of ${rounds} ${rounds === 1 ? 'round: a check, not a table' : 'rounds'}.`,
    ...(fewer[0]
      ? [
          `Fewer, of calls and of backlogs: ${fewer.join(', ')}. Who lost all of two is not asked again.`,
        ]
      : []),
    ...(variants.length < all.length
      ? [`Asked: ${variants.length} of ${all.length}; all of them by --only=peers.`]
      : []),
    'Calls: a thousand, ten a task, 20 ms apart; a clock of the browser has steps of 0.1 ms.',
    'Bytes sent: bodies and paths, without headers, which one request an event has most of.',
    'lost: not accepted in the end. again: further copies that were accepted, which a server may know by their id.',
    'doubled: copies under an id of their own, which no server can know.',
    'Waiting ends when nothing new has arrived for 30 s. A page opened again tracks a view.',
    ...(cut.some(({ isCut }) => isCut) ? ['Somebody was still sending after 5 minutes.'] : []),
    ...(killed[0]
      ? [
          `Killed ${Math.min(...killed)} to ${Math.max(...killed)} ms after the last call, with nobody else at work.`,
        ]
      : []),
    'One of ten refused: the whole request is, as Klaviyo does it; some vendors take a batch and judge its events later.',
  ];
}
