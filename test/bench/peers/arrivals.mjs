// Every scenario with every one of them: what arrives, and how often.
import { createVisitor } from './visitor.mjs';

/** The same for all: nothing new for 30 s, or 90 s in all. Twice the longest pause any of them makes here. */
const PATIENCE = { lingerMs: 3000, quietMs: 30_000, limitMs: 90_000 };
/** Visitors at once: nearly all of them only wait. */
const VISITORS = 14;
/** Of them at work at once: as many as there are cores on a small machine. */
const AT_WORK = 2;

/** Lets so many at a time; the others queue. */
function createTurns(count) {
  let free = count;
  const waiting = [];
  return async (work) => {
    if (free === 0) await new Promise((resolve) => waiting.push(resolve));
    else free--;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}

/** @returns {Promise<{ scenario: object; variant: object; lost: number; copies: number; doubled: number; inPause?: number }[]>} */
export async function measureArrivals({ variants, scenarios, log, ...parts }) {
  const turn = createTurns(AT_WORK);
  const admit = createTurns(VISITORS);
  const jobs = scenarios.flatMap((scenario) => variants.map((variant) => ({ scenario, variant })));
  return Promise.all(
    jobs.map((job) =>
      admit(async () => {
        const { scenario, variant } = job;
        const { onProfile, names } = scenario;
        const visitor = await createVisitor({ ...parts, variant, onProfile, turn });
        try {
          const found = await scenario.run(visitor);
          await visitor.collector.settle(names, PATIENCE);
          const figures = { ...found, ...visitor.collector.count(names) };
          log(`${scenario.title}: ${variant.name}: ${JSON.stringify(figures)}`);
          return { ...job, ...figures };
        } finally {
          await visitor.close();
        }
      }),
    ),
  );
}
