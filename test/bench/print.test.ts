import { describe, expect, it } from 'vitest';
import { textOfChange, textOfPart } from './print.mjs';
import { median } from './rows.mjs';

const machine = { date: '2026-11-01', node: '20.0.0', cpu: '2 x Z80' };
const part = (rows: object[], more = {}) =>
  ({ id: 'peers', title: 'Beside', tookS: 1, rows, ...more }) as Parameters<typeof textOfPart>[0];
const linesOf = (text: string) => text.split('\n').map((line) => line.replace(/ {2,}/g, ' | '));

describe('figures as text', () => {
  it('takes the middle of odd rounds, and the mean of the two middles of even ones', () => {
    expect([median([3, 1, 2]), median([10, 1, 4, 3])]).toEqual([2, 3.5]);
  });

  it('says which aims are missed, who is better, and what could not be measured', () => {
    const rows = [
      { name: 'requests', of: 'ours', value: 3, unit: '', aim: 'fewest', isMet: false },
      { name: 'requests', of: 'theirs', value: 2, unit: '' },
    ];
    const failures = ['NOT MEASURED theirs, sizes: no network'];
    const lines = linesOf(textOfPart(part(rows, { ours: 'ours', failures })));
    expect(lines).toContain('requests | 3 | 2 | MISSED (aim: fewest)');
    expect(lines.slice(-3)).toEqual([
      'Better than ours:',
      ' | requests: ours 3; theirs 2',
      'NOT MEASURED theirs, sizes: no network',
    ]);
  });

  it('shows what has changed since another run, and that it was another machine', () => {
    const row = { name: 'lost', of: 'ours', unit: '', aim: 'none' };
    const before = {
      machine: { ...machine, node: '18.0.0' },
      parts: [
        part([
          { ...row, value: 0, isMet: true },
          { name: 'cost', value: 8, unit: 'ms' },
          { name: 'old', of: 'ours', value: 1, unit: '' },
        ]),
      ],
    };
    const now = {
      machine,
      parts: [
        part([
          { ...row, value: 2, isMet: false },
          { name: 'cost', value: 4, unit: 'ms' },
          { name: 'fresh', value: 1, unit: '' },
        ]),
      ],
    };
    const lines = linesOf(textOfChange({ ...now, isBrief: true }, { ...before, isBrief: false }));
    expect(lines.slice(1)).toEqual([
      'Change since 2026-11-01',
      'node: 18.0.0 then, 20.0.0 now',
      'taken as: a part by itself then, one of several parts now',
      '',
      'peers',
      'lost (ours) | 0 | 2 | from 0, now MISSED (aim: none)',
      'cost | 8 ms | 4 ms | x 0.50',
      'fresh | - | 1 | new',
      'old (ours) | 1 | - | gone',
    ]);
  });

  it('says where a change is within what the rounds of both had, and what is measured otherwise now', () => {
    const run = (value: number, range: number[], notes: string[]) => ({
      ...{ machine, isBrief: false },
      parts: [part([{ name: 'cost', value, unit: 'ms', range }], { notes })],
    });
    const before = run(4, [3, 6], ['theirs 1.0', 'Medians of 5 rounds.']);
    const now = run(5, [4, 7], ['theirs 2.0', 'Medians of 5 rounds.']);
    const lines = linesOf(textOfChange(now, before));
    expect(lines.slice(-2)).toEqual([
      'cost | 4 ms | 5 ms | x 1.25, within the rounds of both',
      'not so then: theirs 2.0',
    ]);
    expect(textOfChange(run(7, [6, 8], []), before)).not.toContain('within');
  });
});
