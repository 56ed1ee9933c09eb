// The result of a run: a table of engine by scenario, and its sums.
import type { EngineName } from './driver.js';
import type { Verdict } from './judge.js';

export interface Cell {
  engine: EngineName;
  scenario: string;
  /** Such as `600 fail`: how many events, in which reading of the bulk duplicate rule. */
  variant: string;
  /** Absent where the engine cannot, or where the scenario broke off. */
  verdict?: Verdict;
  cannot?: string;
  broke?: string;
  seconds: number;
  /** How often it had failed before, and was run again by `--again`. */
  repeats?: number;
}

/** A run that was wanted and never begun. */
export type NotBegun = Pick<Cell, 'engine' | 'scenario' | 'variant'>;

export const isBad = ({ verdict, broke }: Cell): boolean =>
  broke !== undefined || (verdict?.faults.length ?? 0) > 0;

const wordOf = (cells: Cell[], notBegun: number): string => {
  if (cells.length + notBegun === 0) return '-';
  const cannot = cells.find((cell) => cell.cannot)?.cannot;
  if (cannot) return `cannot: ${cannot}`;
  const sum = (key: 'lost' | 'doubled') =>
    cells.reduce((total, { verdict }) => total + (verdict?.[key] ?? 0), 0);
  const words = [
    sum('lost') > 0 && `LOST ${sum('lost')}`,
    sum('doubled') > 0 && `DOUBLED ${sum('doubled')}`,
    cells.some(({ verdict }) => verdict && verdict.requests > verdict.bound) && 'bound',
    notBegun > 0 && `NOT BEGUN ${notBegun}`,
  ].filter(Boolean);
  if (words.length > 0) return words.join(' ');
  const bad = cells.filter(isBad).length;
  return bad > 0 ? `FAILED ${bad} of ${cells.length}` : 'ok';
};

/** Engine by scenario, as lines. */
export function tableOf(
  cells: Cell[],
  engines: { name: EngineName; version: string }[],
  notBegun: NotBegun[] = [],
): string[] {
  const scenarios = [...new Set([...cells, ...notBegun].map(({ scenario }) => scenario))];
  const rows = scenarios.map((scenario) => {
    const own = cells.filter((cell) => cell.scenario === scenario);
    const others = notBegun.filter((run) => run.scenario === scenario);
    const variants = new Set([...own, ...others].map(({ variant }) => variant)).size;
    const words = engines.map(({ name }) =>
      wordOf(
        own.filter(({ engine }) => engine === name),
        others.filter(({ engine }) => engine === name).length,
      ),
    );
    return [scenario, `${variants}`, ...words];
  });
  const head = [
    'scenario',
    'variants',
    ...engines.map(({ name, version }) => `${name} ${version}`),
  ];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: string[]) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [head, ...rows].map(line);
}

export interface Sum {
  scenarios: number;
  runs: number;
  lost: number;
  doubled: number;
  broken: number;
  cannot: number;
  /** Runs that had failed and were run again. */
  repeated: number;
}

export function sumOf(cells: Cell[]): Sum {
  const ran = cells.filter(({ cannot }) => cannot === undefined);
  const total = (key: 'lost' | 'doubled') =>
    ran.reduce((sum, { verdict }) => sum + (verdict?.[key] ?? 0), 0);
  return {
    scenarios: new Set(ran.map(({ scenario }) => scenario)).size,
    runs: ran.length,
    lost: total('lost'),
    doubled: total('doubled'),
    broken: ran.filter(isBad).length,
    cannot: new Set(cells.filter(({ cannot }) => cannot).map(({ scenario }) => scenario)).size,
    repeated: ran.filter(({ repeats }) => repeats).length,
  };
}
