import { expect, it } from 'vitest';
import { maxSpanMs, spanOf, timeframeNames } from '../../../src/sandbox/reports/timeframe.js';

// A Sunday is the 22nd; this is the Wednesday after.
const now = Date.parse('2026-11-25T15:30:00Z');

it.each<[(typeof timeframeNames)[number], string, string]>([
  ['today', '2026-11-25', '2026-11-26'],
  ['yesterday', '2026-11-24', '2026-11-25'],
  ['this_week', '2026-11-22', '2026-11-29'],
  ['last_week', '2026-11-15', '2026-11-22'],
  ['this_month', '2026-11-01', '2026-12-01'],
  ['last_month', '2026-10-01', '2026-11-01'],
  ['this_year', '2026-01-01', '2027-01-01'],
  ['last_year', '2025-01-01', '2026-01-01'],
  ['last_7_days', '2026-11-18', '2026-11-25'],
  ['last_30_days', '2026-10-26', '2026-11-25'],
  ['last_90_days', '2026-08-27', '2026-11-25'],
  ['last_365_days', '2025-11-25', '2026-11-25'],
  ['last_3_months', '2026-08-01', '2026-11-01'],
  ['last_12_months', '2025-11-01', '2026-11-01'],
])('%s is from %s until %s', (name, from, until) => {
  expect(spanOf(name, now)).toEqual({ from: Date.parse(from), until: Date.parse(until) });
});

it('has no name for more than a year', () => {
  const leap = Date.parse('2024-12-31T23:59:59Z');
  for (const name of timeframeNames) {
    const { from, until } = spanOf(name, leap);
    expect(until - from).toBeLessThanOrEqual(maxSpanMs);
  }
});
