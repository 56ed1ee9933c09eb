// The figures in the README, written by the run they come from: a row for each engine that ran all of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EngineName, engineNames } from './driver.js';
import { nameOf } from './plan.js';
import { type Cell, sumOf } from './table.js';

const from = '<!-- written by npm run test:matrix -- --readme -->';
const to = '<!-- until here -->';
const head =
  '| engine | day | scenarios | runs | lost | doubled | other failures | cannot be done there |';

export interface Ran {
  name: EngineName;
  version: string;
  /** All there is to run in it, by name. */
  all: string[];
}

/** Its row. Where something of it was not run: why there is none. */
export function rowOf({ name, version, all }: Ran, cells: Cell[], day: string) {
  const own = cells.filter((cell) => cell.engine === name);
  const ran = new Set(own.map(nameOf));
  const missing = all.filter((each) => !ran.has(each));
  if (missing[0]) {
    return {
      why: `${missing.length} of its ${all.length} runs are missing, such as ${missing[0]}`,
    };
  }
  const { scenarios, runs, lost, doubled, broken, cannot, repeated } = sumOf(own);
  const times = repeated ? `${runs} (${repeated} repeated after a failure)` : runs;
  const figures = [scenarios, times, lost, doubled, broken, cannot].join(' | ');
  return { row: `| ${name} ${version} | ${day} | ${figures} |` };
}

/** The README with the rows; those of engines that have none stay as they are. */
export function withRows(text: string, rows: Map<EngineName, string>): string {
  const [before, rest = ''] = text.split(from);
  const [old = '', ...others] = rest.split(to);
  if (!others[0]) throw new Error('The README has no place for the matrix.');
  const lines = engineNames.map(
    (name) => rows.get(name) ?? old.split('\n').find((line) => line.startsWith(`| ${name} `)),
  );
  const rule = head.replace(/[^|]+/g, ' --- ');
  const table = [from, head, rule, ...lines.filter(Boolean), to].join('\n');
  // Other tables end the same way.
  return `${before}${table}${others.join(to)}`;
}

/** Says of each engine that ran whether its row was written, and if not why. */
export function writeReadme(root: string, cells: Cell[], engines: Ran[]): string[] {
  const path = join(root, 'README.md');
  const day = new Date().toISOString().slice(0, 10);
  const rows = new Map<EngineName, string>();
  const said = engines.map((engine) => {
    const { row, why } = rowOf(engine, cells, day);
    if (row) rows.set(engine.name, row);
    return row ? `README: ${row}` : `README: no row for ${engine.name}: ${why}`;
  });
  writeFileSync(path, withRows(readFileSync(path, 'utf8'), rows));
  return said;
}
