// The figures in the README, written by the run they come from: a row for each engine that ran all of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EngineName, engineNames } from './driver.js';
import { type Cell, sumOf } from './table.js';

const from = '<!-- written by npm run test:matrix -- --readme -->';
const to = '<!-- until here -->';
const head =
  '| engine | day | scenarios | runs | lost | doubled | other failures | cannot be done there |';

export function writeReadme(cells: Cell[], engines: { name: EngineName; version: string }[]): void {
  const path = join(process.env.MATRIX_ROOT ?? '.', 'README.md');
  const text = readFileSync(path, 'utf8');
  const [before, rest = ''] = text.split(from);
  const [old = '', ...others] = rest.split(to);
  if (!others[0]) throw new Error('The README has no place for the matrix.');
  const day = new Date().toISOString().slice(0, 10);
  const rows = engineNames.map((name) => {
    const engine = engines.find((each) => each.name === name);
    if (!engine) return old.split('\n').find((line) => line.startsWith(`| ${name} `)) ?? '';
    const own = cells.filter((cell) => cell.engine === name);
    const { scenarios, runs, lost, doubled, broken, cannot } = sumOf(own);
    const figures = [scenarios, runs, lost, doubled, broken, cannot].join(' | ');
    return `| ${name} ${engine.version} | ${day} | ${figures} |`;
  });
  const rule = head.replace(/[^|]+/g, ' --- ');
  const table = [from, head, rule, ...rows.filter(Boolean), to].join('\n');
  // Other tables end the same way.
  writeFileSync(path, `${before}${table}${others.join(to)}`);
}
