// `npm run test:matrix`: every scenario in every engine that is here, and the table of what came of it.
// --engines=chromium,firefox,webkit --only=<name,...> --short --jobs=2 --readme --report=<file>
// --minutes=<n>: begins no run after that, and fails if there were any left; `--again` goes on with them.
// --again=<file>: of that report only what failed or was not begun; the rest of it stays, if it is of the
// same build of the same matrix.
// With CI=true an engine that is not here is a failure, unless ALLOW_MISSING_ENGINES=1 says otherwise.
import { writeFileSync } from 'node:fs';
import { type Engine, type EngineName, engineNames, within } from './driver.js';
import { findEngine } from './engines.js';
import { judge } from './judge.js';
import { allRuns, nameOf, type Run, runsOf } from './plan.js';
import { writeReadme } from './readme.js';
import {
  digestsOf,
  type EngineReport,
  type Report,
  readReport,
  repeated,
  takeOver,
  whyNotTheSame,
} from './report.js';
import { scenarios } from './scenarios/index.js';
import { checkQuestion } from './self-check.js';
import { type Cell, isBad, type NotBegun, sumOf, tableOf } from './table.js';
import { createWorld } from './world.js';

const option = (name: string): string | undefined =>
  process.argv.find((each) => each.startsWith(`--${name}=`))?.slice(name.length + 3);
/** `npm test` sets none: the short form is begun to its end, and stopped as a whole if it hangs. */
const endAt = Date.now() + Number(option('minutes') ?? Number.POSITIVE_INFINITY) * 60_000;
/** Most of a run is waiting. */
const jobs = Number(option('jobs') ?? 2);
const selection = {
  isShort: process.argv.includes('--short'),
  only: option('only')?.split(','),
};
const root = process.env.MATRIX_ROOT ?? '.';
const { CI = 'false', ALLOW_MISSING_ENGINES } = process.env;
const needsAll = CI === 'true' && !ALLOW_MISSING_ENGINES;

async function runOne(engine: Engine, run: Run): Promise<Cell> {
  const startedAt = Date.now();
  const { scenario, count, reading, variant } = run;
  const cell = { engine: engine.name, scenario: scenario.name, variant };
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

interface Outcome extends EngineReport {
  cells: Cell[];
  notBegun: NotBegun[];
}

/** All that is wanted of an engine; what an earlier report has of it is not run again. */
async function runAll(engine: Engine, kept: Cell[], failed: Map<string, Cell>) {
  const cells = [...kept];
  const isThere = new Set(kept.map(nameOf));
  const runs = runsOf(scenarios, engine.name, selection).filter((run) => !isThere.has(nameOf(run)));
  const notBegun: NotBegun[] = [];
  const left = new Map(failed);
  const work = async (todo: Run[]): Promise<void> => {
    for (let next = todo.shift(); next; next = todo.shift()) {
      const name = nameOf(next);
      if (!(Date.now() < endAt)) {
        const { scenario, variant } = next;
        if (!left.has(name)) {
          notBegun.push({ engine: engine.name, scenario: scenario.name, variant });
        }
        continue;
      }
      const cell = repeated(await runOne(engine, next), left.get(name));
      left.delete(name);
      cells.push(cell);
      print(cell);
    }
  };
  const beside = runs.filter(({ scenario }) => !scenario.isAlone);
  await Promise.all(Array.from({ length: jobs }, () => work(beside)));
  await work(runs.filter(({ scenario }) => scenario.isAlone));
  // What failed and did not get its turn has still failed.
  return { cells: [...cells, ...left.values()], notBegun };
}

async function main(): Promise<number> {
  const startedAt = Date.now();
  const wanted = (option('engines')?.split(',') ?? engineNames) as EngineName[];
  const digests = digestsOf(root);
  const again = option('again');
  const before = again ? readReport(again) : undefined;
  const outcomes: Outcome[] = [];
  const missing: EngineName[] = [];
  for (const name of engineNames.filter((each) => wanted.includes(each))) {
    const begin = findEngine(name);
    if (typeof begin === 'string') {
      missing.push(name);
      console.log(`skipped: ${name} is not here. To get it: ${begin}`);
      continue;
    }
    const engineStartedAt = Date.now();
    const engine = await within(begin(), 120_000, `the start of ${name}`);
    await within(checkQuestion(engine), 120_000, 'the check of the question');
    const { version } = engine;
    const whyNot = before && whyNotTheSame(before, digests, { name, version });
    if (whyNot) console.log(`${again} is not taken over for ${name}: ${whyNot}`);
    const { kept, failed } = takeOver(whyNot ? [] : (before?.cells ?? []), name, nameOf);
    const ran = await runAll(engine, kept, failed);
    await within(engine.end(), 20_000, `the end of ${name}`).catch(() => undefined);
    const seconds = (Date.now() - engineStartedAt) / 1000;
    outcomes.push({ name, version, seconds, ...ran });
  }
  const order = scenarios.map(({ name }) => name);
  const inOrder = <T extends { scenario: string }>(list: T[]): T[] =>
    list.sort((a, b) => order.indexOf(a.scenario) - order.indexOf(b.scenario));
  const cells = inOrder(outcomes.flatMap((outcome) => outcome.cells));
  const notBegun = inOrder(outcomes.flatMap((outcome) => outcome.notBegun));
  const engines = outcomes.map(({ name, version, seconds }) => ({ name, version, seconds }));
  console.log(`\n${tableOf(cells, engines, notBegun).join('\n')}\n`);
  const sum = sumOf(cells);
  const { scenarios: many, runs, lost, doubled, broken } = sum;
  const times = engines.map(({ name, seconds }) => `${name} ${seconds.toFixed(0)} s`).join(', ');
  console.log(
    `${many} scenarios, ${runs} runs, ${lost} lost, ${doubled} doubled, ${broken} failed; ${times}`,
  );
  if (sum.repeated) console.log(`${sum.repeated} had failed before, and were run again`);
  if (notBegun[0]) {
    console.log(`FAILED: ${notBegun.length} not begun within --minutes; --again goes on with them`);
  }
  const lacks = needsAll ? missing : [];
  if (lacks[0]) {
    const way = 'with CI=true all have to be here, or ALLOW_MISSING_ENGINES=1 says otherwise';
    console.log(`FAILED: ${lacks.join(' and ')} not here; ${way}`);
  }
  const failed = broken + notBegun.length + lacks.length;
  const report = option('report');
  if (report) {
    const skipped = engineNames.length - engines.length - lacks.length;
    const counts = { passed: runs - broken, failed, skipped, notBegun: notBegun.length };
    const content: Report = { ...counts, digests, cells, engines };
    writeFileSync(report, JSON.stringify(content));
  }
  if (process.argv.includes('--readme')) {
    const isSame = JSON.stringify(digestsOf(root)) === JSON.stringify(digests);
    const ran = engines.map((each) => ({ ...each, all: allRuns(scenarios, each.name) }));
    const said = isSame
      ? writeReadme(root, cells, ran)
      : ['README: no rows: dist or e2e/matrix has changed while this ran'];
    console.log(said.join('\n'));
  }
  console.log(`${((Date.now() - startedAt) / 1000).toFixed(0)} s in all`);
  return runs === 0 || failed > 0 ? 1 : 0;
}

process.exit(
  await main().catch((error) => {
    console.error(error);
    return 1;
  }),
);
