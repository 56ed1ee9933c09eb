// `node test/bench/peers/readme.mjs FILE`: puts the short table into the README, from what
// `npm run bench -- --only=peers --out FILE` has written.
import { readFileSync, writeFileSync } from 'node:fs';
import { BUSY_PERCENT, betterThanOurs, textOf } from '../print.mjs';
import { ROUNDS } from './measure.mjs';

const [file = 'test-results/peers.json'] = process.argv.slice(2);
const readme = new URL('../../../README.md', import.meta.url);
const from = '<!-- written by node test/bench/peers/readme.mjs -->';
const until = '<!-- until here -->';

const { machine, parts } = JSON.parse(readFileSync(file, 'utf8'));
const part = parts.find(({ id }) => id === 'peers');
if (!part) throw new Error(`${file} has no peers: npm run bench -- --only=peers --out ${file}`);
const { rows, variants, notes, failures, rounds, ours } = part;
if (!(rounds >= ROUNDS))
  throw new Error(`${file} is of ${rounds} rounds; a table takes ${ROUNDS}.`);

const LOST = /^all of these: lost of ([\d,]+)$/;
const total = rows.map(({ name }) => LOST.exec(name)?.[1]).find(Boolean);
if (!total) throw new Error(`${file} has nobody of whom everything was measured.`);
const columns = [
  ['brotli', /^bytes, brotli$/],
  ['a call', /^track, the call$/],
  ['CPU a call', /^track, everything/],
  ['longest task', /^longest task/],
  ['requests', /^1,000 offline: requests$/],
  ['sent', /^1,000 offline: bytes sent$/],
  [`lost of ${total}`, LOST],
  ['at worst', /^all of these: lost, the worst rounds$/],
  ['again', /^all of these: again$/],
];

const cellOf = (name, pattern) => {
  const row = rows.find((one) => one.of === name && pattern.test(one.name));
  return row ? textOf({ ...row, value: Number(row.value.toPrecision(3)) }) : '-';
};
const lines = variants.map(({ name, version }) => {
  return `| ${[version ? `${name} ${version}` : name, ...columns.map(([, pattern]) => cellOf(name, pattern))].join(' | ')} |`;
});
const busy =
  machine.busyPercentBefore >= BUSY_PERCENT
    ? `, its processors ${machine.busyPercentBefore} % busy with other work: preliminary`
    : '';
const better = betterThanOurs(rows, ours);
const list = (items) => items.map((item) => `- ${item}`);
const details = (title, items) => [
  `<details><summary>${title}</summary>\n`,
  ...list(items),
  '\n</details>',
];
const table = [
  `| | ${columns.map(([head]) => head).join(' | ')} |`,
  `| --- |${' ---: |'.repeat(columns.length)}`,
  ...lines,
  '',
  '`a call` is the call itself, `CPU a call` everything until delivered; a `longest task` of 0 ms is none over 50 ms; `requests` and `sent` are for 1,000 events tracked offline. `lost` and `again` are sums over all scenarios of what did not arrive, and of what arrived once more; most vendors know a copy by its id, and Klaviyo knows ours by it, so that it counts once. `at worst` takes the worst round of each scenario instead of the median.',
  '',
  `${machine.date.slice(0, 10)}, ${machine.cpu}, Chromium ${machine.chromium}${busy}.`,
  '',
  ...(better.length ? details('Where others do better', better) : []),
  ...details('Settings, and how it was measured', [...notes, ...failures]),
].join('\n');

const text = readFileSync(readme, 'utf8');
const start = text.indexOf(from) + from.length;
const end = text.indexOf(until, start);
if (start < from.length || end < 0) throw new Error(`The README has no ${from} ... ${until}.`);
writeFileSync(readme, `${text.slice(0, start)}\n${table}\n${text.slice(end)}`);
