import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../src/server/doctor/ask.js';
import { judgeRevision } from '../../../src/server/doctor/judge-revision.js';

const now = Date.parse('2026-11-22T10:00:00Z');
const answerOf = (over: Partial<Answer> = {}): Answer => ({
  ...{ status: 200, headers: new Headers(), bytes: new Uint8Array(), text: '{"data":[]}' },
  ...{ url: 'https://a.klaviyo.com', sentAt: now, receivedAt: now, failure: '' },
  ...over,
});
const judge = (revision: string, over: Partial<Answer> = {}) =>
  judgeRevision(revision, answerOf(over), now);

describe('a revision', () => {
  it('is supported for two years, and deprecated in the second', () => {
    expect(judge('2026-07-15').message).toBe('2026-07-15 is supported until 2028-07-15.');
    expect(judge('2025-11-22').message).toBe(
      '2025-11-22 is supported until 2027-11-22, and deprecated: update before that day.',
    );
    expect(judge('2024-11-23').status).toBe('passed');
    expect(judge('2024-11-22')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('was supported until 2026-11-22'),
    });
  });

  it('ends when Klaviyo says so', () => {
    const headers = new Headers({
      sunset: 'Mon, 01 Mar 2027 00:00:00 GMT',
      deprecation: '@1772323200',
    });
    expect(judge('2026-07-15', { headers }).message).toBe(
      '2026-07-15 is supported until 2027-03-01, and deprecated: update before that day.',
    );
    const past = new Headers({ sunset: 'Sun, 01 Mar 2026 00:00:00 GMT' });
    expect(judge('2026-07-15', { headers: past }).status).toBe('failed');
  });

  it('is refused by Klaviyo', () => {
    expect(judge('2026-07-15', { status: 410 }).message).toContain('has retired');
    const text = '{"errors":[{"source":{"parameter":"revision"}}]}';
    expect(judge('2026-07-15', { status: 400, text }).message).toContain('does not know');
    // Of another parameter it says nothing.
    const other = '{"errors":[{"source":{"parameter":"filter"}}]}';
    expect(judge('2026-07-15', { status: 400, text: other }).status).toBe('passed');
  });

  it('has to be a date', () => {
    expect(judge('2026-99-99')).toMatchObject({ status: 'failed' });
  });
});
