// `node test/bench/peers/readme.mjs FILE`: puts the short table into the README, from what `npm run bench` has written.
import { readFileSync, writeFileSync } from 'node:fs';
import { textOf } from '../print.mjs';

const [file = 'test-results/bench.json'] = process.argv.slice(2);
const readme = new URL('../../../README.md', import.meta.url);
const from = '<!-- written by node test/bench/peers/readme.mjs -->';
const until = '<!-- until here -->';

const { machine, parts } = JSON.parse(readFileSync(file, 'utf8'));
const { rows, variants, notes, failures } = parts.find(({ id }) => id === 'peers');
const columns = [
  ['brotli', /^bytes, brotli$/],
  ['a call', /^track, the call$/],
  ['CPU a call', /^track, everything/],
  ['longest task', /^longest task/],
  ['requests', /^1,000 offline: requests$/],
  ['sent', /^1,000 offline: bytes sent$/],
  ['lost', /^all of these: lost of/],
  ['again', /^all of these: again$/],
];

const cellOf = (name, pattern) => {
  const row = rows.find((one) => one.of === name && pattern.test(one.name));
  return row ? textOf({ ...row, value: Number(row.value.toPrecision(3)) }) : '-';
};
const lines = variants.map(({ name, version }) => {
  return `| ${[version ? `${name} ${version}` : name, ...columns.map(([, pattern]) => cellOf(name, pattern))].join(' | ')} |`;
});
const total = /of ([\d,]+)$/.exec(rows.find(({ name }) => columns[6][1].test(name)).name)[1];
const heads = columns.map(([head]) => (head === 'lost' ? `lost of ${total}` : head));
const load =
  machine.loadBefore >= 2 ? `, load average ${machine.loadBefore.toFixed(0)}: preliminary` : '';
const table = [
  `| | ${heads.join(' | ')} |`,
  `| --- |${' ---: |'.repeat(columns.length)}`,
  ...lines,
  '',
  '`lost` and `again` are the sums of what did not arrive and of what arrived once more; most vendors know a copy by its id.',
  `${machine.date.slice(0, 10)}, ${machine.cpu}, Chromium ${machine.chromium}${load}.`,
  ...notes.filter((note) => note.startsWith('Medians')),
  ...failures,
].join('\n');

const text = readFileSync(readme, 'utf8');
const start = text.indexOf(from) + from.length;
const end = text.indexOf(until, start);
if (start < from.length || end < 0) throw new Error(`The README has no ${from} ... ${until}.`);
writeFileSync(readme, `${text.slice(0, start)}\n${table}\n${text.slice(end)}`);
