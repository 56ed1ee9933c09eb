// `npm run test:matrix`: every scenario in every engine that is here, and the table of what came of it.
// --engines=chromium,firefox,webkit --only=<name,...> --short --jobs=2 --minutes=<n> --readme --report=<file>
// --again=<file>: of that report only what failed; the rest of it stays.
import { readFileSync, writeFileSync } from 'node:fs';
import { type Engine, type EngineName, engineNames, within } from './driver.js';
import { findEngine } from './engines.js';
import { judge } from './judge.js';
import { writeReadme } from './readme.js';
import type { Scenario } from './scenario.js';
import { scenarios } from './scenarios/index.js';
import { checkQuestion } from './self-check.js';
import { type Cell, isBad, sumOf, tableOf } from './table.js';
import { createWorld } from './world.js';

const option = (name: string): string | undefined =>
  process.argv.find((each) => each.startsWith(`--${name}=`))?.slice(name.length + 3);
/** Begins no run after this; with `--again` the rest can follow. */
const endAt = Date.now() + Number(option('minutes') ?? 600) * 60_000;
/** Most of a run is waiting. */
const jobs = Number(option('jobs') ?? 2);
const isShort = process.argv.includes('--short');

interface Variant {
  count: number;
  reading: 'fail' | 'discard';
}

/** From so many on the tracker sends in bulk, see src/shared/limits.ts. */
const bulkFrom = 24;

const variantsOf = ({ counts = [40], isAboutBulk, shortCount }: Scenario): Variant[] => {
  if (isShort) return [{ count: shortCount ?? counts[1] ?? counts[0] ?? 1, reading: 'fail' }];
  return counts.flatMap((count): Variant[] =>
    (isAboutBulk ?? count >= bulkFrom)
      ? [
          { count, reading: 'fail' },
          { count, reading: 'discard' },
        ]
      : [{ count, reading: 'fail' }],
  );
};

async function runOne(engine: Engine, scenario: Scenario, variant: Variant): Promise<Cell> {
  const startedAt = Date.now();
  const { count, reading } = variant;
  const cell = {
    engine: engine.name,
    scenario: scenario.name,
    variant: `${count} ${reading}`,
  };
  const seconds = (): number => (Date.now() - startedAt) / 1000;
  const lacking = scenario.needs?.find((ability) => engine.cannot[ability]);
  if (lacking) return { ...cell, cannot: engine.cannot[lacking] ?? '', seconds: 0 };
  const hasProfile =
    scenario.needs?.includes('restart') || scenario.profileIn?.includes(engine.name) || false;
  const sandboxOptions = { bulkDuplicates: reading, ...scenario.sandbox };
  const world = await createWorld(engine, count, sandboxOptions, hasProfile);
  try {
    const work = scenario.run(world).then((expected) => judge(world, expected));
    const verdict = await within(work, scenario.timeoutMs ?? 180_000, 'the scenario');
    return { ...cell, verdict, seconds: seconds() };
  } catch (error) {
    const said = world.site.errors[0] ? ` | page: ${world.site.errors[0]}` : '';
    return { ...cell, broke: `${(error as Error).message}${said}`, seconds: seconds() };
  } finally {
    await within(world.close(), 60_000, 'the end of a run').catch(() => undefined);
  }
}

function print(cell: Cell): void {
  const { engine, scenario, variant, verdict, cannot, broke, seconds } = cell;
  const said = verdict
    ? verdict.faults.join('; ') || `ok, ${verdict.requests}/${verdict.bound} requests`
    : (broke ?? `cannot: ${cannot}`);
  const copies = verdict?.copies ? `, ${verdict.copies} copies` : '';
  const mark = isBad(cell) ? 'FAILED' : cannot === undefined ? 'ok    ' : 'cannot';
  const name = `${engine} ${scenario} [${variant}]`;
  console.log(`${mark} ${name.padEnd(52)} ${said}${copies} (${seconds.toFixed(1)} s)`);
}

const isWanted = (scenario: Scenario, engine: EngineName): boolean => {
  const only = option('only')?.split(',');
  if (only) return only.some((name) => scenario.name.startsWith(name));
  return !isShort || engine === 'chromium' || scenario.isShort === true;
};

async function main(): Promise<number> {
  const startedAt = Date.now();
  const wanted = (option('engines')?.split(',') ?? engineNames) as EngineName[];
  const cells: Cell[] = [];
  const again = option('again');
  const before: Cell[] = again ? JSON.parse(readFileSync(again, 'utf8')).cells : [];
  const engines: { name: EngineName; version: string; seconds: number }[] = [];
  for (const name of engineNames.filter((each) => wanted.includes(each))) {
    const begin = findEngine(name);
    if (typeof begin === 'string') {
      console.log(`skipped: ${name} is not here. To get it: ${begin}`);
      continue;
    }
    const engineStartedAt = Date.now();
    const engine = await within(begin(), 120_000, `the start of ${name}`);
    await within(checkQuestion(engine), 120_000, 'the check of the question');
    const kept = before.filter((cell) => cell.engine === name && !isBad(cell));
    cells.push(...kept);
    const isKept = (scenario: Scenario, { count, reading }: Variant): boolean =>
      kept.some(
        (cell) => cell.scenario === scenario.name && cell.variant === `${count} ${reading}`,
      );
    const runs = scenarios
      .filter((scenario) => isWanted(scenario, name))
      .flatMap((scenario) => variantsOf(scenario).map((variant) => ({ scenario, variant })))
      .filter(({ scenario, variant }) => !isKept(scenario, variant));
    const work = async (todo: typeof runs): Promise<void> => {
      for (let next = todo.shift(); next && Date.now() < endAt; next = todo.shift()) {
        const cell = await runOne(engine, next.scenario, next.variant);
        cells.push(cell);
        print(cell);
      }
    };
    const beside = runs.filter(({ scenario }) => !scenario.isAlone);
    await Promise.all(Array.from({ length: jobs }, () => work(beside)));
    await work(runs.filter(({ scenario }) => scenario.isAlone));
    await within(engine.end(), 20_000, `the end of ${name}`).catch(() => undefined);
    const seconds = (Date.now() - engineStartedAt) / 1000;
    engines.push({ name, version: engine.version, seconds });
  }
  const order = scenarios.map(({ name }) => name);
  cells.sort((a, b) => order.indexOf(a.scenario) - order.indexOf(b.scenario));
  console.log(`\n${tableOf(cells, engines).join('\n')}\n`);
  const { scenarios: many, runs, lost, doubled, broken } = sumOf(cells);
  const times = engines.map(({ name, seconds }) => `${name} ${seconds.toFixed(0)} s`).join(', ');
  console.log(
    `${many} scenarios, ${runs} runs, ${lost} lost, ${doubled} doubled, ${broken} failed; ${times}`,
  );
  const report = option('report');
  const skipped = engineNames.length - engines.length;
  if (report) {
    const counts = { passed: runs - broken, failed: broken, skipped };
    writeFileSync(report, JSON.stringify({ ...counts, cells, engines }));
  }
  if (process.argv.includes('--readme')) writeReadme(cells, engines);
  console.log(`${((Date.now() - startedAt) / 1000).toFixed(0)} s in all`);
  return runs === 0 || broken > 0 ? 1 : 0;
}

process.exit(
  await main().catch((error) => {
    console.error(error);
    return 1;
  }),
);
