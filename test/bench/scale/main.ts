/**
 * `npm run bench:scale`: every scenario with every strategy, as a table.
 *
 * `--json FILE` writes the figures; `--share 0.05` takes so much of the visitors and of the limits, `--seed`
 * other visitors, `--scenarios sale,outage` and `--strategies ours` some of them.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Figures, figuresOf } from './figures.js';
import { SCENARIOS } from './scenarios.js';
import { simulate } from './simulate.js';
import { alwaysBulk } from './strategies/always-bulk.js';
import { fetchPerEvent } from './strategies/fetch-per-event.js';
import { ours } from './strategies/ours.js';
import { tableOf } from './table.js';

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    seed: { type: 'string', default: '1' },
    share: { type: 'string', default: '1' },
    scenarios: { type: 'string', default: SCENARIOS.map(({ name }) => name).join() },
    strategies: { type: 'string', default: 'ours,fetch,bulk' },
  },
});
const { seed } = values;
const share = Number(values.share);
const chosen = values.scenarios.split(',');
const strategies = [ours, fetchPerEvent, alwaysBulk].filter(({ name }) =>
  values.strategies.split(',').includes(name),
);

const ofAll = share === 1 ? 'standard size' : `${share} of the visitors and of the limits`;
console.log(`seed ${seed}, ${ofAll}, Node ${process.versions.node}`);
const startedAt = performance.now();
const results: Record<string, Record<string, Figures>> = {};
for (const scenario of SCENARIOS.filter(({ name }) => chosen.includes(name))) {
  const found: Record<string, Figures> = {};
  for (const strategy of strategies) {
    const beganAt = performance.now();
    found[strategy.name] = figuresOf(scenario, await simulate(scenario, strategy, { seed, share }));
    if (process.env.SCALE_LOG) {
      const mb = process.memoryUsage().rss / 2 ** 20;
      console.log(
        `${strategy.name}: ${((performance.now() - beganAt) / 1000).toFixed(1)} s, ${mb.toFixed(0)} MB`,
      );
    }
  }
  results[scenario.name] = found;
  console.log(`\n${scenario.title}: ${Math.round(scenario.visitors * share)} visitors`);
  console.log(tableOf(strategies.map(({ name, title }) => [title, found[name]!])));
}
console.log(`\n${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
if (values.json) {
  writeFileSync(values.json, `${JSON.stringify({ seed, share, results }, undefined, 2)}\n`);
}
