// The figures in the README, written by the run they come from.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineName } from './driver.js';
import { type Cell, sumOf } from './table.js';

const mark = {
  from: '<!-- matrix: written by npm run test:matrix -- --readme -->',
  to: '<!-- /matrix -->',
};

export function writeReadme(
  cells: Cell[],
  engines: { name: EngineName; version: string; seconds: number }[],
): void {
  const path = join(process.env.MATRIX_ROOT ?? '.', 'README.md');
  const rows = engines.map(({ name, version }) => {
    const { scenarios, runs, lost, doubled, broken, cannot } = sumOf(
      cells.filter(({ engine }) => engine === name),
    );
    return `| ${name} ${version} | ${scenarios} | ${runs} | ${lost} | ${doubled} | ${broken} | ${cannot} |`;
  });
  const table = [
    mark.from,
    `| ${new Date().toISOString().slice(0, 10)} | scenarios | runs | lost | doubled | broken bounds and other failures | cannot be done there |`,
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    mark.to,
  ].join('\n');
  const text = readFileSync(path, 'utf8');
  const [before = '', after = ''] = [text.split(mark.from)[0], text.split(mark.to)[1]];
  if (!text.includes(mark.from)) throw new Error('The README has no place for the matrix.');
  writeFileSync(path, `${before}${table}${after}`);
}
