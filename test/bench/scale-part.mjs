// `npm run bench -- --only=scale`: the figures of `npm run bench:scale` that have an aim, at a tenth of its size.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../run/process.mjs';

const script = fileURLToPath(new URL('scale.mjs', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

/** @param {{ share?: number; log: (line: string) => void }} options `share`: of the visitors and of the limits */
export async function measureScale({ share = 0.1, log }) {
  const folder = mkdtempSync(join(tmpdir(), 'klaviyo-storefront-bench-'));
  const file = join(folder, 'scale.json');
  try {
    log(`Scale: ${share} of it.`);
    const args = [script, '--share', `${share}`, '--json', file];
    const { code, output } = await run(process.execPath, args, { cwd: root });
    if (code !== 0) throw new Error(`npm run bench:scale failed:\n${output.trim()}`);
    const { results, seed } = JSON.parse(readFileSync(file, 'utf8'));
    const notes = [`seed ${seed}, ${share} of visitors and limits`, ...unjudged(results)];
    return { rows: rowsOf(results), notes };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What was given up for being too old was not given up by mistake; whatever else was dropped is as good as lost. */
const goneOf = ({ lost, dropped = {} }) =>
  Object.entries(dropped).reduce((sum, [why, n]) => sum + (why === 'expired' ? 0 : n), lost);

/** Issue 6 has these aims; the outage's peaks are those of ten seconds each. */
const figures = [
  ['lost or dropped', '', goneOf, 'none', (value) => value === 0],
  ['waiting on devices', '%', ({ waiting, tracked }) => (waiting / tracked) * 100],
  ['goodput, of the limit', '%', ({ goodputShare }) => goodputShare * 100, '90 %', (v) => v >= 90],
  ['answered 429', '%', ({ throttledShare }) => throttledShare * 100, '10 %', (v) => v <= 10],
  ['requests a known visitor', '', ({ requestsPerVisitor }) => requestsPerVisitor],
  ['backlog gone after', 'min', ({ backlogMs }) => backlogMs / 60_000],
];
const peaks = [
  ['most requests before', '/s', ({ peakBefore }) => peakBefore],
  [
    'most requests after',
    '/s',
    ({ peakAfter }) => peakAfter,
    'no second peak',
    (value, { peakBefore }) => value <= peakBefore,
  ],
];

/** An aim whose figure there is not is neither met nor missed, and that is said. */
export const unjudged = (results) =>
  Object.entries(results).flatMap(([scenario, { ours }]) =>
    figures
      .filter(([, , of, aim]) => aim && !Number.isFinite(of(ours)))
      .map(([name]) => `${scenario}: ${name}: not judged, there was no whole minute of backlog`),
  );

export function rowsOf(results) {
  const rows = [];
  for (const [scenario, strategies] of Object.entries(results)) {
    const ofThis = scenario === 'outage' ? [...figures, ...peaks] : figures;
    for (const [name, unit, of, aim, judge] of ofThis) {
      for (const [strategy, found] of Object.entries(strategies)) {
        const value = of(found);
        if (!Number.isFinite(value)) continue; // no whole minute of backlog: see unjudged()
        const judged = aim && strategy === 'ours' ? { aim, isMet: judge(value, found) } : {};
        rows.push({ name: `${scenario}: ${name}`, of: strategy, value, unit, ...judged });
      }
    }
  }
  return rows;
}
