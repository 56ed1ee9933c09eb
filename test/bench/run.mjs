// `npm run bench`: what the built tracker costs a page, in real Chromium. Not part of `npm test`: figures
// depend on the machine and on what else it does.
import { existsSync, readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { chromium } from '@playwright/test';
import { chromiumArgs, findChromium } from '../run/browser.mjs';
import { startBenchPage } from './page.mjs';

const rounds = 7;
const calls = 1000;

const readJson = (path) =>
  JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const us = (ms) => `${((ms * 1000) / calls).toFixed(1)} µs a call`;
const percent = (part, whole) => `${((part / whole) * 100).toFixed(1)} %`;
const verdict = (isMet, aim) => `${isMet ? 'met ' : 'MISSED'} (aim: ${aim})`;

if (!existsSync(new URL('../../dist/script.js', import.meta.url))) {
  console.error('There is no dist yet: npm run build, then this again.');
  process.exit(1);
}

const executablePath = findChromium();
const browser = await chromium.launch({
  ...(executablePath ? { executablePath } : {}),
  args: chromiumArgs,
});
const bench = await startBenchPage(browser);

// One round that does not count: caches, the JIT, the database.
await bench.measureTrack(calls);
await bench.measureFetch(calls);
const tracked = [];
const fetched = [];
for (let round = 0; round < rounds; round++) {
  // Alternating, so that a slow moment of the machine meets both.
  tracked.push(await bench.measureTrack(calls));
  fetched.push(await bench.measureFetch(calls));
}
const backlog = await bench.deliverBacklog(calls);
const version = browser.version();
await bench.close();
await browser.close();

const inCall = median(tracked.map((round) => round.inCallMs));
const inTask = median(tracked.map((round) => round.inTaskMs));
const fetchInCall = median(fetched.map((round) => round.inCallMs));
const mainThread = median(tracked.map((round) => round.mainThreadMs));
const fetchMainThread = median(fetched.map((round) => round.mainThreadMs));
// The browser tells of tasks over 50 ms only; the others count as 0.
const longTasks = tracked.map((round) => round.longestTaskMs);
const longest = median(longTasks);
const worst = Math.max(...longTasks);

const rows = [
  ['track(), the call itself', us(inCall), verdict(inCall / calls <= 0.0125, 'about 10 µs')],
  ['track(), with the write it starts', us(inTask), ''],
  ['track(), everything until delivered', us(mainThread), ''],
  ['fetch() per event, the call itself', us(fetchInCall), ''],
  ['fetch() per event, everything', us(fetchMainThread), ''],
  [
    'the calls, track() to fetch()',
    percent(inCall, fetchInCall),
    verdict(inCall <= 0.02 * fetchInCall, '2 % or less'),
  ],
  ['everything, track() to fetch()', percent(mainThread, fetchMainThread), ''],
  [
    'longest task from first call to delivery',
    `${longest ? `${longest.toFixed(0)} ms` : 'none over 50 ms'}${worst ? ` (worst round ${worst.toFixed(0)} ms)` : ''}`,
    verdict(longest <= 50, 'none over 50 ms'),
  ],
  [
    `${calls} offline events delivered in`,
    `${backlog.requests} requests, ${backlog.recorded} recorded`,
    verdict(backlog.requests <= 2 && backlog.recorded === calls, 'at most 2'),
  ],
];

const { name, version: packageVersion } = readJson('package.json');
const gigabytes = Math.round(totalmem() / 2 ** 30);
console.log(`${name} ${packageVersion}, ${new Date().toISOString().slice(0, 10)}`);
console.log(`${cpus().length} x ${cpus()[0]?.model ?? 'unknown CPU'}, ${gigabytes} GB`);
console.log(`Node ${process.versions.node}, Chromium ${version}, ${process.platform}`);
console.log(`Load average ${loadavg()[0]?.toFixed(1)}: figures from a busy machine say little`);
console.log(`${calls} calls in one task, medians of ${rounds} rounds\n`);
for (const [what, figure, aim] of rows) {
  console.log(`${what.padEnd(42)}${figure.padEnd(44)}${aim}`.trimEnd());
}
