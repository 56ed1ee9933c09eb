// Every scenario with every one of them: what arrives, and how often.
import { createTurns } from './turns.mjs';
import { createVisitor } from './visitor.mjs';

/** The same for all: nothing new for 30 s, which is Amplitude's pause after a 429, the longest here. */
export const PATIENCE = { lingerMs: 3000, quietMs: 30_000, limitMs: 300_000 };
/** Visitors at once: nearly all of them only wait. */
export const VISITORS = 20;
/** Of them at work at once: as many as there are cores on a small machine. */
export const AT_WORK = 2;

/** @returns {Promise<{ scenario: object; variant: object; lost: number; copies: number; doubled: number; inPause?: number }[]>} without those that failed */
export async function measureArrivals({ scenarios, ...parts }) {
  const apart = (isAlone) => scenarios.filter((scenario) => !!scenario.isAlone === isAlone);
  return [
    ...(await measureTogether({ ...parts, scenarios: apart(true) })),
    ...(await measureTogether({ ...parts, scenarios: apart(false) })),
  ];
}

async function measureTogether({ variants, scenarios, attempt, ...parts }) {
  const turn = createTurns(AT_WORK);
  const admit = createTurns(VISITORS);
  const jobs = scenarios.flatMap((scenario) => variants.map((variant) => ({ scenario, variant })));
  const results = await Promise.all(
    jobs.map((job) =>
      admit(() =>
        attempt(`${job.variant.name}, ${job.scenario.title}`, () => measureOne(job, turn, parts)),
      ),
    ),
  );
  return results.filter(Boolean);
}

async function measureOne({ scenario, variant }, turn, { log, ...parts }) {
  const { onProfile, names, title } = scenario;
  const visitor = await createVisitor({ ...parts, variant, onProfile, turn });
  try {
    const found = await scenario.run(visitor);
    const isCut = await visitor.collector.settle(names, PATIENCE);
    const figures = { ...found, ...visitor.collector.count(names), ...(isCut && { isCut }) };
    log(`${title}: ${variant.name}: ${JSON.stringify(figures)}`);
    return { scenario, variant, ...figures };
  } finally {
    await visitor.close();
  }
}
