import { describe, expect, it } from 'vitest';
import { readOutcome } from '../../src/shared/outcome.js';
import fc from '../helpers/fast-check.js';

describe('what an answer means', () => {
  it.each([
    [[200, 202, 204], 'delivered'],
    [[429], 'throttled'],
    [[0], 'network'],
    [[408, 500, 502, 503, 504, 520, 524, 527, 599], 'server'],
    [[401, 403, 405, 410], 'denied'],
    [[413], 'tooLarge'],
    [[400, 409, 415, 418, 422, 451], 'rejected'],
  ])('%o is %s', (statuses, kind) => {
    for (const status of statuses) expect(readOutcome(status, null, '').kind).toBe(kind);
  });

  it('400 is rejected when the body names a pointer, denied when it names a parameter', () => {
    const body = (source: object) => JSON.stringify({ errors: [{ detail: 'x', source }] });
    expect(readOutcome(400, null, body({ pointer: '/data' })).kind).toBe('rejected');
    expect(readOutcome(400, null, body({ parameter: 'company_id' })).kind).toBe('denied');
  });

  it('404 is rejected in words of Klaviyo, denied where a path leads nowhere', () => {
    const body = '{"errors":[{"status":404,"code":"not_found"}]}';
    expect(readOutcome(404, null, body).kind).toBe('rejected');
    expect(readOutcome(404, null, 'Not Found').kind).toBe('denied');
    expect(readOutcome(404, null, '{"errors":"Not Found"}').kind).toBe('denied');
  });

  it('a page is not Klaviyo: it delivers nothing and refuses no event', () => {
    const kindOf = (status: number) => readOutcome(status, null, '<h1>Hello</h1>', true).kind;
    for (const status of [200, 202, 400, 404, 409, 415, 422]) expect(kindOf(status)).toBe('denied');
    expect([413, 429, 503].map(kindOf)).toEqual(['tooLarge', 'throttled', 'server']);
  });

  it('comes out of any body, HTML and garbage included', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 599 }),
        fc.string(),
        fc.string(),
        (status, header, body) => {
          const outcome = readOutcome(status, header, body);
          expect(outcome.status).toBe(status);
          expect(outcome.retryAfterMs).toBeGreaterThanOrEqual(0);
          expect(outcome.detail.length).toBeLessThanOrEqual(500);
        },
      ),
    );
  });

  it('is delivered for no status but 2xx', () => {
    for (let status = 200; status < 600; status++) {
      const isFine = status < 300;
      expect(readOutcome(status, null, '').kind === 'delivered').toBe(isFine);
    }
  });
});

describe('how long Klaviyo asks us to stay away', () => {
  const sentence = 'Request was throttled. Expected available in 7 second(s).';
  it.each([
    ['the header', '3', '', 3000],
    ['the body', null, sentence, 7000],
    ['the longer of both, the body', '3', sentence, 7000],
    ['the longer of both, the header', '30', sentence, 30_000],
    ['nothing', null, '', 0],
    ['a header that is no number', 'soon', '', 0],
    ['a date, which Klaviyo does not send', 'Wed, 21 Oct 2026 07:28:00 GMT', sentence, 7000],
    ['an empty header', '', '', 0],
  ])('is read from %s', (_, header, body, expected) => {
    expect(readOutcome(429, header, body).retryAfterMs).toBe(expected);
  });

  it('keeps the words of the answer', () => {
    expect(readOutcome(400, null, 'because').detail).toBe('because');
  });
});
