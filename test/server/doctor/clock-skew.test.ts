import { describe, expect, it } from 'vitest';
import { judgeClock } from '../../../src/server/doctor/clock-skew.js';

const at = Date.parse('2026-11-22T10:00:00Z');

/** What is found when the other clock says ten, and this one so much more. */
function judge(sentMs: number, receivedMs: number, date = 'Sun, 22 Nov 2026 10:00:00 GMT') {
  return judgeClock(
    {
      ...{ status: 200, headers: new Headers({ date }), bytes: new Uint8Array(), text: '' },
      ...{
        url: 'https://a.klaviyo.com',
        sentAt: at + sentMs,
        receivedAt: at + receivedMs,
        failure: '',
      },
    },
    'Klaviyo’s',
  );
}

describe('a clock', () => {
  it.each([
    [0, 200],
    // The date is some moment of the exchange, and may be almost a second old.
    [-5000, 5000],
    [900, 990],
    [-200, 0],
  ])('is right, from %d to %d ms', (sent, received) => {
    expect(judge(sent, received)).toEqual({ status: 'passed', message: 'as Klaviyo’s.' });
  });

  it('may be a minute off, and no more', () => {
    expect(judge(61_000, 61_100).message).toBe('60 s ahead of Klaviyo’s, which is little enough.');
    expect(judge(61_001, 61_100).status).toBe('failed');
    expect(judge(-60_100, -60_000).status).toBe('passed');
    expect(judge(-60_100, -60_001)).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('60 s behind Klaviyo’s. Set it by NTP'),
    });
  });

  it('is not compared with a date that is none', () => {
    expect(judge(0, 0, 'soon').status).toBe('skipped');
  });
});
