import { describe, expect, it } from 'vitest';
import { judgeIntegrity } from '../../../src/server/doctor/judge-integrity.js';
import type { CorsMode } from '../../../src/server/doctor/read-page.js';
import { integrityOf } from '../../helpers/start-page.js';

const bytes = new TextEncoder().encode('script');
const judge = (integrity: string, cors?: CorsMode, isCrossOrigin = false) =>
  judgeIntegrity({ integrity, cors, isCrossOrigin }, bytes).status;

describe('the integrity of a script', () => {
  it.each(['sha256', 'sha384', 'sha512'])('is right by its %s', (algorithm) => {
    expect(judge(integrityOf('script', algorithm))).toBe('passed');
    expect(judge(integrityOf('other', algorithm))).toBe('failed');
  });

  it('is right when one of several is', () => {
    expect(judge(`${integrityOf('other')} ${integrityOf('script')}?opt`)).toBe('passed');
  });

  it('goes by the strongest hash', () => {
    expect(judge(`${integrityOf('script', 'sha256')} ${integrityOf('other', 'sha512')}`)).toBe(
      'failed',
    );
    expect(judge(`${integrityOf('other', 'sha256')} ${integrityOf('script', 'sha512')}`)).toBe(
      'passed',
    );
  });

  it('is checked by nobody without a known hash', () => {
    expect(judge('md5-AAAA')).toBe('failed');
    expect(judge('')).toBe('skipped');
  });

  it('needs leave to be read from elsewhere', () => {
    expect(judge(integrityOf('script'), undefined, true)).toBe('failed');
    expect(judge(integrityOf('script'), 'same-origin', true)).toBe('passed');
    expect(judge(integrityOf('script'), 'include', true)).toBe('passed');
  });
});
