// `npm run bench`: every measurement there is, as one table and one JSON. Not part of `npm test`: figures depend on
// the machine and on what else it does.
//
// `--only=peers,page` runs some parts, `--out FILE` writes elsewhere than test-results/bench.json, `--compare FILE`
// shows what has changed since that file, `--rounds N` repeats more often.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureChromium } from '../run/browser.mjs';
import { run } from '../run/process.mjs';
import { checkNode, ensureBuild, ensureDependencies } from '../run/setup.mjs';
import { BUSY_PERCENT, textOfChange, textOfPart } from './print.mjs';

/** Imported when it is its turn: a part needs the build, and a browser, and peers. */
const parts = [
  {
    id: 'page',
    title: 'What the tracker costs a page',
    load: async () => (await import('./page-cost/measure.mjs')).measurePage,
  },
  {
    id: 'on-page',
    title: 'A product page on a slow phone, with and without the script tag',
    load: async () => (await import('./on-page/measure.mjs')).measureOnPage,
  },
  {
    id: 'peers',
    title: 'Beside its peers',
    ours: 'klaviyo-storefront',
    load: async () => (await import('./peers/measure.mjs')).measurePeers,
  },
  {
    id: 'scale',
    title: 'At scale, simulated',
    load: async () => (await import('./scale-part.mjs')).measureScale,
  },
  {
    id: 'server',
    title: 'The order endpoint',
    load: async () => (await import('./server.mjs')).measureServer,
  },
  {
    id: 'toolkit',
    title: 'The client of the private API',
    load: async () => (await import('./toolkit.mjs')).measureToolkit,
  },
];

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    out: { type: 'string', default: 'test-results/bench.json' },
    compare: { type: 'string' },
    rounds: { type: 'string' },
  },
});
const log = (line) => console.error(line);
const only = values.only?.split(',') ?? parts.map(({ id }) => id);
const unknown = only.filter((id) => !parts.some((part) => part.id === id));
if (unknown.length) {
  log(`There is no part ${unknown.join(', ')}: ${parts.map(({ id }) => id).join(', ')}.`);
  process.exit(1);
}
const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
  log(`--rounds is ${values.rounds}, and has to be a number like 5.`);
  process.exit(1);
}
const before = values.compare === undefined ? undefined : readBefore(values.compare);
// One part by itself may take its time.
const isBrief = only.length > 1;

/** What an earlier run has written. Read first: nobody wants to hear of it after an hour. */
function readBefore(file) {
  let why = 'it has no machine, or no parts';
  try {
    const content = JSON.parse(readFileSync(file, 'utf8'));
    if (content?.machine && Array.isArray(content.parts)) return content;
  } catch (error) {
    why = error.message;
  }
  log(`--compare is '${file}', and has to be what npm run bench has written: ${why}.`);
  return process.exit(1);
}
const options = {
  // With the time since the start: some parts take long.
  log: (line) => log(`${Math.round(performance.now() / 1000)} s: ${line}`),
  ...{ isBrief, ...(rounds && { rounds }) },
};

checkNode();
await ensureDependencies(log);
await ensureBuild(log);
// The one that starts, which is not always the first on PATH: chromium.mjs looks there.
process.env.CHROMIUM_PATH = await ensureChromium(log);
const { name, version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
);
/** Of the processors, in percent, over two seconds: the load average still tells of what was a minute ago. */
async function measureBusy() {
  const sum = () => {
    const times = cpus().flatMap((cpu) => Object.entries(cpu.times));
    const of = (isWanted) => times.reduce((all, [name, ms]) => all + (isWanted(name) ? ms : 0), 0);
    return { all: of(() => true), idle: of((name) => name === 'idle') };
  };
  const before = sum();
  await sleep(2000);
  const now = sum();
  return Math.round(100 * (1 - (now.idle - before.idle) / (now.all - before.all)));
}
const busyPercentBefore = await measureBusy();
const { launch } = await import('./chromium.mjs');
const browser = await launch();
/** Of which tree: figures of another one are no news. */
const described = await run('git', ['describe', '--always', '--dirty'], {
  cwd: fileURLToPath(new URL('../..', import.meta.url)),
});
const machine = {
  package: `${name} ${version}`,
  commit: described.code === 0 ? described.output.trim() : 'no clone',
  date: new Date().toISOString(),
  cpu: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown CPU'}`,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  node: process.versions.node,
  chromium: browser.version(),
  platform: process.platform,
  busyPercentBefore,
};
await browser.close();
console.log(`${machine.package}, ${machine.date.slice(0, 10)}`);
console.log(`${machine.cpu}, ${machine.memoryGb} GB, ${machine.platform}`);
console.log(`Node ${machine.node}, Chromium ${machine.chromium}`);
console.log(`Processors busy before it: ${busyPercentBefore} %`);
if (busyPercentBefore >= BUSY_PERCENT) {
  console.log('The machine has other work: figures say little');
}

const out = resolve(values.out);
mkdirSync(dirname(out), { recursive: true });
const done = [];
for (const { id, title, ours, load } of parts.filter((part) => only.includes(part.id))) {
  const startedAt = performance.now();
  let found;
  try {
    found = await (await load())(options);
  } catch (error) {
    // Said, and no reason to throw away what the others have found.
    log(error.stack);
    found = { rows: [], failures: [`NOT MEASURED: ${error.message}`] };
  }
  const part = { id, title, ours, ...found, tookS: (performance.now() - startedAt) / 1000 };
  done.push(part);
  console.log(textOfPart(part));
  // Each time: what comes next may take an hour, and fail.
  writeFileSync(out, `${JSON.stringify({ machine, isBrief, parts: done }, undefined, 2)}\n`);
}
console.log(`\nWritten to ${out}`);
if (before) console.log(textOfChange({ machine, isBrief, parts: done }, before));
// A browser or a server that a failure has left open is not waited for.
process.exit(done.some(({ failures }) => failures?.length) ? 1 : 0);
