// What a run leaves for `--again`, and what may be taken over from it.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineName } from './driver.js';
import { type Cell, isBad } from './table.js';

export interface EngineReport {
  name: EngineName;
  version: string;
  /** Of its runs, together. */
  seconds: number;
}

/** What was tried, and by what: two reports with the same digests are about the same thing. */
export interface Digests {
  /** Of the scripts in dist. */
  dist: string;
  /** Of the scenarios, the drivers and the question. */
  matrix: string;
}

export interface Report {
  /** As `npm test` counts: `failed` has what was not begun too. */
  passed: number;
  failed: number;
  /** Engines. */
  skipped: number;
  /** How many runs were never begun. */
  notBegun: number;
  digests: Digests;
  cells: Cell[];
  engines: EngineReport[];
}

const isScript = (path: string): boolean => /\.(js|mjs)$/.test(path);
const isSource = (path: string): boolean => /\.ts$/.test(path);

function digestOf(folder: string, isPart: (path: string) => boolean): string {
  const hash = createHash('sha256');
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const path of paths.filter(isPart).sort()) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(folder, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

export const digestsOf = (root: string): Digests => ({
  dist: digestOf(join(root, 'dist'), isScript),
  matrix: digestOf(join(root, 'e2e/matrix'), isSource),
});

export const readReport = (path: string): Report => JSON.parse(readFileSync(path, 'utf8'));

/**
 * Why nothing of an earlier report may stand beside what is run now; undefined when it may.
 * @param version of the engine that is here now
 */
export function whyNotTheSame(
  before: Report,
  now: Digests,
  { name, version }: { name: EngineName; version: string },
): string | undefined {
  if (before.digests?.dist !== now.dist) return 'it is of another build of dist';
  if (before.digests.matrix !== now.matrix) return 'e2e/matrix has changed since';
  const there = before.engines.find((engine) => engine.name === name);
  if (there && there.version !== version) return `it is of ${name} ${there.version}`;
  return undefined;
}

/** An engine's earlier results: what stays, and by name what failed and is run again. */
export function takeOver(cells: Cell[], name: EngineName, nameOf: (cell: Cell) => string) {
  const own = cells.filter((cell) => cell.engine === name);
  const failed = new Map(own.filter(isBad).map((cell) => [nameOf(cell), cell]));
  return { kept: own.filter((cell) => !isBad(cell)), failed };
}

/** A run's result, which says how often the same run had failed before. */
export const repeated = (cell: Cell, before: Cell | undefined): Cell =>
  before ? { ...cell, repeats: (before.repeats ?? 0) + 1 } : cell;
