/** `npm run bench:scale`: every scenario with every strategy, as a table. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Figures, figuresOf } from './figures.js';
import { SCENARIOS, VISITORS } from './scenarios.js';
import { simulate } from './simulate.js';
import { alwaysBulk } from './strategies/always-bulk.js';
import { fetchPerEvent } from './strategies/fetch-per-event.js';
import { ours } from './strategies/ours.js';
import { tableOf } from './table.js';

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    seed: { type: 'string', default: '1' },
    visitors: { type: 'string', default: `${VISITORS}` },
    scenarios: { type: 'string', default: SCENARIOS.map(({ name }) => name).join() },
    strategies: { type: 'string', default: 'ours,fetch,bulk' },
  },
});
const { seed } = values;
const visitors = Number(values.visitors);
const chosen = values.scenarios.split(',');
const strategies = [ours, fetchPerEvent, alwaysBulk].filter(({ name }) =>
  values.strategies.split(',').includes(name),
);

console.log(`seed ${seed}, ${visitors} visitors in each scenario, Node ${process.versions.node}`);
const startedAt = performance.now();
const results: Record<string, Record<string, Figures>> = {};
for (const scenario of SCENARIOS.filter(({ name }) => chosen.includes(name))) {
  const found: Record<string, Figures> = {};
  for (const strategy of strategies) {
    const beganAt = performance.now();
    found[strategy.name] = figuresOf(
      scenario,
      await simulate(scenario, strategy, { seed, visitors }),
    );
    if (process.env.SCALE_LOG) {
      const mb = process.memoryUsage().rss / 2 ** 20;
      console.log(
        `${strategy.name}: ${((performance.now() - beganAt) / 1000).toFixed(1)} s, ${mb.toFixed(0)} MB`,
      );
    }
  }
  results[scenario.name] = found;
  console.log(`\n${scenario.title}`);
  console.log(tableOf(strategies.map(({ name, title }) => [title, found[name]!])));
}
console.log(`\n${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
if (values.json) {
  writeFileSync(values.json, `${JSON.stringify({ seed, visitors, results }, undefined, 2)}\n`);
}
