// @vitest-environment node
import { expect, it } from 'vitest';
import { createReports } from '../../src/browser/reports.js';

it('tells each listener what it asked for, until it leaves', () => {
  const { on, report } = createReports();
  const got: string[] = [];
  const off = on('queued', ({ uniqueId }) => got.push(`first ${uniqueId}`));
  on('queued', ({ uniqueId }) => got.push(`second ${uniqueId}`));
  on('delivered', () => got.push('another'));
  report('queued', { uniqueId: 'a' });
  off();
  off();
  report('queued', { uniqueId: 'b' });
  expect(got).toEqual(['first a', 'second a', 'second b']);
});

it('keeps two subscriptions of one listener apart', () => {
  const { on, report } = createReports();
  let count = 0;
  const listener = () => {
    count++;
  };
  const off = on('queued', listener);
  on('queued', listener);
  off();
  report('queued', { uniqueId: 'a' });
  expect(count).toBe(1);
});

it('lets a listener leave, or another come, while it is told', () => {
  const { on, report } = createReports();
  const got: string[] = [];
  const off = on('queued', () => {
    got.push('once');
    off();
    on('queued', () => got.push('late'));
  });
  on('queued', () => got.push('other'));
  report('queued', { uniqueId: 'a' });
  expect(got).toEqual(['once', 'other']);
  report('queued', { uniqueId: 'b' });
  expect(got).toEqual(['once', 'other', 'other', 'late']);
});

it('counts', () => {
  const { report, counters } = createReports();
  report('queued', { uniqueId: 'a' });
  report('queued', { uniqueId: 'b' });
  report('delivered', { uniqueId: 'a' });
  report('dropped', { uniqueId: 'b', reason: 'expired' });
  report('flushed', { delivered: 1, remaining: 0 });
  expect(counters).toEqual({ queued: 2, delivered: 1, dropped: 1 });
});
