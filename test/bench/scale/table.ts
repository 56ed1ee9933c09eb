/** Figures as text. */
import type { Figures } from './figures.js';

const percent = (part: number | undefined, digits = 1): string =>
  part === undefined ? '-' : `${(part * 100).toFixed(digits)} %`;
const minutes = (ms: number): string => (ms ? `${(ms / 60_000).toFixed(1)} min` : '0');

const ROWS: [name: string, of: (figures: Figures) => string][] = [
  ['events of known visitors', ({ tracked }) => `${tracked}`],
  ['recorded', ({ recorded, tracked }) => percent(recorded / tracked, 2)],
  ['  by the end of the strain', ({ recordedShareAtEnd }) => percent(recordedShareAtEnd)],
  ['  an hour later', ({ recordedShareHourLater }) => percent(recordedShareHourLater)],
  [
    'waiting on devices that never came back',
    ({ waiting, tracked }) => percent(waiting / tracked, 2),
  ],
  [
    'dropped, and why',
    ({ dropped }) =>
      Object.entries(dropped)
        .map(([reason, count]) => `${count} ${reason}`)
        .join(', ') || '0',
  ],
  ['lost', ({ lost, tracked }) => (lost ? percent(lost / tracked, 2) : '0')],
  ['copies sent again', ({ duplicates }) => `${duplicates}`],
  ['backlog gone after', ({ backlogMs }) => minutes(backlogMs)],
  ['minutes of backlog', ({ backlogMinutes }) => `${backlogMinutes}`],
  ['  goodput, of the limit', ({ goodputShare }) => percent(goodputShare)],
  ['  events a minute', ({ eventsPerMinute }) => eventsPerMinute?.toFixed(0) ?? '-'],
  ['  answered 429', ({ throttledShareInBacklog }) => percent(throttledShareInBacklog)],
  ['answered 429, in all', ({ throttledShare }) => percent(throttledShare, 2)],
  ['requests a known visitor', ({ requestsPerVisitor }) => requestsPerVisitor.toFixed(2)],
  ['requests/s over 10 s, most before', ({ peakBefore }) => peakBefore.toFixed(0)],
  ['  most after', ({ peakAfter }) => peakAfter.toFixed(0)],
  ['  most in any one second', ({ peakSecond }) => `${peakSecond}`],
];

export const tableOf = (columns: [title: string, figures: Figures][]): string => {
  const cells = [
    ['', ...columns.map(([title]) => title)],
    ...ROWS.map(([name, of]) => [name, ...columns.map(([, figures]) => of(figures))]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => (column ? cell.padStart(widths[column]!) : cell.padEnd(widths[0]!)))
        .join('  '),
    )
    .join('\n');
};
