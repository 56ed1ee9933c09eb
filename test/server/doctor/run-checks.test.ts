import { describe, expect, it } from 'vitest';
import { type Check, failed, passed, skipped } from '../../../src/server/doctor/check.js';
import {
  type CheckResult,
  runChecks,
  selectChecks,
} from '../../../src/server/doctor/run-checks.js';
import { serverEnv } from '../../../src/server/env.js';
import { createClock } from '../../helpers/manual-clock.js';

const check = (id: string, run: Check['run'], over: Partial<Check> = {}): Check => ({
  ...{ id, group: 'api', title: `the ${id}`, run },
  ...over,
});

function start(checks: Check[], hide = (text: string) => text) {
  const clock = createClock(0);
  const env = { ...serverEnv(), now: clock.now, elapsed: clock.now, after: clock.after };
  const heard: string[] = [];
  const onResult = ({ id }: CheckResult) => heard.push(id);
  return { clock, heard, done: runChecks(checks, { env, hide, onResult }) };
}

describe('a run', () => {
  it('tells of each check as it ends, in order', async () => {
    const { done, heard } = start([
      check('first', () => passed('good.')),
      check('second', async () => failed('bad.')),
    ]);
    expect((await done).map(({ status, message }) => [status, message])).toEqual([
      ['passed', 'good.'],
      ['failed', 'bad.'],
    ]);
    expect(heard).toEqual(['first', 'second']);
  });

  it('skips what needs something else, and says what', async () => {
    const neverRun = () => {
      throw new Error('It has been run.');
    };
    const { done } = start([
      check('a', () => failed('bad.')),
      check('b', neverRun, { needs: ['a'] }),
      check('c', neverRun, { needs: ['b'] }),
      check('d', () => skipped('not set.')),
      check('e', neverRun, { needs: ['d'] }),
    ]);
    expect((await done).map(({ id, message }) => [id, message])).toEqual([
      ['a', 'bad.'],
      ['b', 'it needs “the a”, which has failed.'],
      ['c', 'it needs “the b”, which was skipped.'],
      ['d', 'not set.'],
      ['e', 'it needs “the d”, which was skipped.'],
    ]);
  });

  it('ends a check that does not end, breaks off what it does, and goes on', async () => {
    let isBrokenOff = false;
    const hang: Check['run'] = (signal) =>
      new Promise(() => {
        signal.addEventListener('abort', () => {
          isBrokenOff = true;
        });
      });
    const { done, clock } = start([
      check('a', hang, { timeoutMs: 3000, late: 'it is late.' }),
      check('b', () => passed('good.')),
    ]);
    await clock.advance(2999);
    expect(isBrokenOff).toBe(false);
    await clock.advance(1);
    expect(isBrokenOff).toBe(true);
    const results = await done;
    expect(results[0]).toMatchObject({
      status: 'failed',
      message: 'no end within 3 s: it is late.',
      durationMs: 3000,
    });
    expect(results[1]).toMatchObject({ status: 'passed', durationMs: 0 });
  });

  it('takes a defect of a check for a failure, and shows nothing of its words', async () => {
    const { done } = start([
      check('a', () => {
        throw new TypeError('pk_secret');
      }),
      check('b', () => Promise.reject(new RangeError('pk_secret'))),
    ]);
    expect((await done).map(({ message }) => message)).toEqual([
      'a defect of the doctor (TypeError): report it.',
      'a defect of the doctor (RangeError): report it.',
    ]);
  });

  it('hides what nobody is to read', async () => {
    const { done } = start([check('a', () => failed('pk_1 is bad.'))], (text) =>
      text.replace('pk_1', '*'),
    );
    expect((await done)[0]?.message).toBe('* is bad.');
  });
});

describe('a selection', () => {
  it('has the groups, and what they need, in the same order', () => {
    const run = () => passed('');
    const checks = [
      check('key', run, { group: 'keys' }),
      check('other', run, { group: 'keys' }),
      check('scope', run, { needs: ['key'] }),
      check('live', run, { group: 'live', needs: ['scope'] }),
    ];
    expect(selectChecks(checks, ['live']).map(({ id }) => id)).toEqual(['key', 'scope', 'live']);
    expect(selectChecks(checks, ['keys']).map(({ id }) => id)).toEqual(['key', 'other']);
  });
});
