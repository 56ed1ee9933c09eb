import { inspect } from 'node:util';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { ENDPOINTS } from '../../../src/server/klaviyo/endpoints.js';
import { type Failure, KlaviyoApiError } from '../../../src/server/klaviyo/klaviyo-error.js';
import { readOutcome } from '../../../src/shared/outcome.js';
import {
  errorsBody,
  outcomeOf,
  privateKey,
  scriptKlaviyo,
} from '../../helpers/scripted-klaviyo.js';

const email = 'ada+secret@lovelace.shop';

const errorOf = (status: number, body: unknown = '', over: Partial<Failure> = {}) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return new KlaviyoApiError({
    ...{ endpoint: ENDPOINTS.importProfile, outcome: readOutcome(status, 0, text), text },
    ...{ attempts: 1, isOutcomeUnknown: false },
    ...over,
  });
};

describe('the error of a call', () => {
  it('has Klaviyo’s codes, pointers, request id and words', () => {
    const body = errorsBody(
      {
        code: 'invalid',
        detail: `${email} is none`,
        source: { pointer: '/data/attributes/email' },
      },
      { code: 'invalid', detail: 'no', source: { parameter: 'filter' } },
    );
    const error = errorOf(400, body, { klaviyoRequestId: 'r-7' });
    expect(error).toMatchObject({
      ...{ name: 'KlaviyoApiError', status: 400, codes: ['invalid'], klaviyoRequestId: 'r-7' },
      ...{ pointers: ['/data/attributes/email', 'filter'], endpoint: 'POST /api/profile-import' },
    });
    expect(error.details).toEqual([
      {
        ...{ code: 'invalid', title: 'Invalid', detail: `${email} is none` },
        pointer: '/data/attributes/email',
      },
      { code: 'invalid', title: 'Invalid', detail: 'no', parameter: 'filter' },
    ]);
    expect(error.message).toBe(
      'POST /api/profile-import: 400 (invalid at /data/attributes/email, filter). See details: each says what is wrong, and where. Klaviyo’s request id is r-7.',
    );
  });

  it('shows nobody’s address and no key, however it is printed', async () => {
    const world = scriptKlaviyo(({ text }) => ({
      status: 400,
      body: errorsBody({
        ...{ code: email, title: email, detail: `${text} ${privateKey}` },
        source: { pointer: `/data/attributes/properties/${email}` },
      }),
    }));
    const outcome = await outcomeOf(world.klaviyo.profiles.upsert({ email }));
    const { error } = outcome as { error: KlaviyoApiError };
    expect(error.details[0]?.detail).toContain(email);
    const lines: string[] = [];
    const write = (line: string) => void lines.push(line);
    pino({}, { write }).error({ err: error }, 'failed');
    const logged = lines.join();
    expect(logged).toContain('KlaviyoApiError');
    const shapes = [inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), logged];
    for (const shown of [...shapes, String(error), `${error.stack}`]) {
      expect(shown).not.toContain('ada+secret');
      expect(shown).not.toContain(privateKey);
    }
  });

  it('knows the profile that is in the way', () => {
    const duplicate = { code: 'duplicate_profile', meta: { duplicate_profile_id: '01GDDK' } };
    expect(errorOf(409, errorsBody(duplicate)).duplicateProfileId).toBe('01GDDK');
    expect(errorOf(409, errorsBody({})).duplicateProfileId).toBeUndefined();
  });

  it.each<[number, RegExp]>([
    [0, /no answer.* Is the network there/],
    [401, /Is privateKey right/],
    [403, /scopes profiles:write/],
    [404, /is not there/],
    [409, /in conflict/],
    [410, /update klaviyo-storefront/],
    [413, /Send less/],
    [503, /try again later/],
  ])('says what to do about %i', (status, words) => {
    expect(errorOf(status, errorsBody({ code: 'x' })).message).toMatch(words);
  });

  it('says when the limit is renewed, and how often it was tried', () => {
    const limited = { ...readOutcome(429), retryAfterMs: 12_300 };
    const { message } = errorOf(429, '', { outcome: limited, attempts: 5 });
    expect(message).toMatch(/again in 13 s\. Tried 5 times\.$/);
  });

  it.each([
    '<html>Just a moment</html>',
    'null',
    '[]',
    '{"errors":"none"}',
    '{"errors":[null,7]}',
    '',
  ])('takes any body: %s', (text) => {
    const error = errorOf(403, text);
    expect(error.details).toEqual([]);
    expect(error.message).toMatch(/Not Klaviyo’s words/);
  });

  it('keeps what caused it', () => {
    const cause = new TypeError('fetch failed');
    expect(errorOf(0, '', { cause }).cause).toBe(cause);
  });
});
