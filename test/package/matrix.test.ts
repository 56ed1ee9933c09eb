/// <reference path="../../e2e/support/on-page.ts" />
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allRuns, nameOf, runsOf } from '../../e2e/matrix/plan.js';
import { rowOf, withRows } from '../../e2e/matrix/readme.js';
import { digestsOf, repeated, takeOver, whyNotTheSame } from '../../e2e/matrix/report.js';
import type { Scenario } from '../../e2e/matrix/scenario.js';
import { type Cell, tableOf } from '../../e2e/matrix/table.js';

const engine = 'firefox' as const;
const run = () => Promise.resolve({ bound: 1 });
const scenarios: Scenario[] = [
  { name: 'offline', item: 1, what: '', counts: [1, 40], isShort: true, run },
  { name: 'tabs', item: 7, what: '', counts: [1], run },
];
const verdict = { lost: 0, doubled: 0, requests: 1, bound: 1, copies: 0, faults: [] };
const cellOf = (scenario: string, variant: string, rest: Partial<Cell> = { verdict }): Cell => ({
  ...{ engine, scenario, variant, seconds: 1 },
  ...rest,
});
const all = allRuns(scenarios, engine);
const whole = [
  cellOf('offline', '1 fail'),
  cellOf('offline', '40 fail'),
  cellOf('offline', '40 discard'),
  cellOf('tabs', '1 fail', { cannot: 'no tabs' }),
];
const ran = { name: engine, version: '153', all };

describe('the plan', () => {
  it('has every scenario in every variant', () => {
    expect(all).toEqual(whole.map(nameOf));
  });

  it('is one variant of some in the short form, and of those asked for by --only all', () => {
    const names = (isShort: boolean, only?: string[]) =>
      runsOf(scenarios, engine, { isShort, only }).map(nameOf);
    expect(names(true)).toEqual(['offline 40 fail']);
    expect(names(false, ['tab'])).toEqual(['tabs 1 fail']);
  });
});

describe('a row of the README', () => {
  it('is there when the engine has run all of it', () => {
    expect(rowOf(ran, whole, '2026-11-26').row).toBe(
      '| firefox 153 | 2026-11-26 | 1 | 3 | 0 | 0 | 0 | 1 |',
    );
  });

  it.each(whole.map((cell, index) => ({ name: nameOf(cell), index })))(
    'is not there without $name',
    ({ index, name }) => {
      const { row, why } = rowOf(ran, whole.toSpliced(index, 1), '2026-11-26');
      expect(row).toBeUndefined();
      expect(why).toBe(`1 of its 4 runs are missing, such as ${name}`);
    },
  );

  it('says how many runs had failed and were run again', () => {
    const [first, ...others] = whole;
    const cells = [{ ...first!, repeats: 1 }, ...others];
    expect(rowOf(ran, cells, '2026-11-26').row).toContain('| 3 (1 repeated after a failure) |');
  });

  it('replaces that of its engine and no other', () => {
    const marks = ['<!-- written by npm run test:matrix -- --readme -->', '<!-- until here -->'];
    const text = `a\n${marks[0]}\n| x |\n| --- |\n| chromium 1 | old |\n| firefox 1 | old |\n${marks[1]}\nb`;
    const lines = withRows(text, new Map([[engine, '| firefox 2 | new |']])).split('\n');
    expect(lines.slice(-4)).toEqual(['| chromium 1 | old |', '| firefox 2 | new |', marks[1], 'b']);
    expect(() => withRows('no table', new Map())).toThrow('no place');
  });
});

describe('--again', () => {
  const digests = { dist: 'a', matrix: 'b' };
  const report = {
    ...{ passed: 0, failed: 0, skipped: 0, notBegun: 0, digests, cells: [] },
    engines: [{ name: engine, version: '153', seconds: 1 }],
  };

  it('takes over what went well, and counts how often the rest has failed', () => {
    const cells = [whole[0]!, cellOf('tabs', '1 fail', { broke: 'it hung', repeats: 1 })];
    const { kept, failed } = takeOver(cells, engine, nameOf);
    expect(kept).toEqual([whole[0]]);
    expect([...failed]).toEqual([['tabs 1 fail', cells[1]]]);
    expect(repeated(whole[3]!, failed.get('tabs 1 fail'))).toEqual({ ...whole[3], repeats: 2 });
    expect(repeated(whole[0]!, undefined)).toEqual(whole[0]);
  });

  it.each([
    ['another build', { ...digests, dist: 'c' }, '153', 'another build of dist'],
    ['another matrix', { ...digests, matrix: 'c' }, '153', 'e2e/matrix has changed'],
    ['another version of the engine', digests, '154', 'firefox 153'],
  ])('takes nothing over from %s', (_, now, version, why) => {
    expect(whyNotTheSame(report, now, { name: engine, version })).toContain(why);
  });

  it('takes over from the same build of the same matrix, and from no report of old', () => {
    expect(whyNotTheSame(report, digests, { name: engine, version: '153' })).toBeUndefined();
    const { digests: _, ...old } = report;
    const why = whyNotTheSame(old as typeof report, digests, { name: engine, version: '153' });
    expect(why).toContain('another build');
  });

  it('knows a build by its scripts and a matrix by its sources', () => {
    const folder = mkdtempSync(join(tmpdir(), 'matrix-digests-'));
    try {
      mkdirSync(join(folder, 'dist/server'), { recursive: true });
      mkdirSync(join(folder, 'e2e/matrix/scenarios'), { recursive: true });
      writeFileSync(join(folder, 'dist/server/index.js'), '1');
      writeFileSync(join(folder, 'e2e/matrix/scenarios/tabs.ts'), '1');
      const before = digestsOf(folder);
      writeFileSync(join(folder, 'dist/server/index.d.ts'), 'declarations are made later');
      expect(digestsOf(folder)).toEqual(before);
      writeFileSync(join(folder, 'dist/server/index.js'), '2');
      expect(digestsOf(folder).dist).not.toBe(before.dist);
      expect(digestsOf(folder).matrix).toBe(before.matrix);
      writeFileSync(join(folder, 'e2e/matrix/scenarios/tabs.ts'), '2');
      expect(digestsOf(folder).matrix).not.toBe(before.matrix);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

it('says in the table what was not begun', () => {
  const notBegun = [{ engine, scenario: 'offline', variant: '600 fail' }];
  const [, row] = tableOf([whole[0]!], [ran], notBegun);
  expect(row).toMatch(/^offline +2 +NOT BEGUN 1$/);
});
