import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../src/sandbox/index.js';
import { serverEnv } from '../../../src/server/env.js';
import {
  diagnose,
  environmentOf,
  nowhere,
  serve,
  startDoctor,
} from '../../helpers/start-doctor.js';
import { startSandbox } from '../../sandbox/requests.js';
import { privateKey } from '../orders.js';

const groups = ['api'] as const;

/** The platform with a clock that is off by so much. */
const skewed = (byMs: number) => ({ ...serverEnv(), now: () => Date.now() + byMs });

/** The platform behind a proxy that takes headers out. */
const without = (...names: string[]) => ({
  ...serverEnv(),
  fetch: (async (url, init) => {
    const response = await fetch(url, init);
    const headers = new Headers(response.headers);
    for (const name of names) headers.delete(name);
    return new Response(await response.arrayBuffer(), { status: response.status, headers });
  }) as typeof fetch,
});

describe('Klaviyo', () => {
  it('is reachable, knows the key and supports the revision', async () => {
    const sandbox = await startSandbox();
    const { results, failures, messageOf } = await diagnose(environmentOf(sandbox.url), { groups });
    expect(failures()).toEqual([]);
    expect(results.every(({ status }) => status === 'passed')).toBe(true);
    expect(messageOf('api')).toBe(`${sandbox.url} answers.`);
    expect(messageOf('revision')).toBe('2026-07-15 is supported until 2028-07-15.');
    expect(messageOf('rate-limits')).toBe('RateLimit-Limit, -Remaining and -Reset.');
    // Nothing was made in the account.
    expect([sandbox.events(), sandbox.profiles()]).toEqual([[], []]);
  });

  it('says 401 to a wrong key, and nothing more is asked of it', async () => {
    const sandbox = await startSandbox();
    const wrong = `pk_${'1'.repeat(34)}`;
    const run = await diagnose(environmentOf(sandbox.url, { KLAVIYO_PRIVATE_KEY: wrong }), {
      groups,
    });
    expect(run.failures()).toEqual(['private-key-accepted']);
    expect(run.messageOf('private-key-accepted')).toContain('refuses the key (401)');
    expect(run.statusOf('scope:events:write')).toBe('skipped');
    expect(run.messageOf('scope:events:write')).toBe(
      'it needs “private key accepted”, which has failed.',
    );
    expect(run.statusOf('rate-limits')).toBe('skipped');
    expect(sandbox.requests()).toHaveLength(1);
  });

  it('is not asked with a key that is none', async () => {
    const sandbox = await startSandbox();
    const run = await diagnose(environmentOf(sandbox.url, { KLAVIYO_PRIVATE_KEY: 'AbC123' }), {
      groups,
    });
    expect(run.failures()).toEqual(['private-key']);
    expect(run.statusOf('api')).toBe('skipped');
    expect(sandbox.requests()).toEqual([]);
  });

  it.each([
    ['2024-10-15', 'has retired revision 2024-10-15 (410)'],
    ['2026-99-99', 'does not know revision 2026-99-99 (400)'],
  ])('does not support revision %s', async (revision, words) => {
    const sandbox = await startSandbox();
    const run = await diagnose(environmentOf(sandbox.url), { groups, revision });
    expect(run.failures()).toEqual(['revision']);
    expect(run.messageOf('revision')).toContain(words);
    expect(run.statusOf('private-key-accepted')).toBe('skipped');
  });

  it.each([
    [120_000, 'ahead of'],
    [-120_000, 'behind'],
  ])('has another time: %d ms', async (byMs, words) => {
    const sandbox = await startSandbox();
    const run = await diagnose(environmentOf(sandbox.url), { groups, env: skewed(byMs) });
    expect(run.statusOf('clock')).toBe('failed');
    expect(run.messageOf('clock')).toMatch(new RegExp(`1[12]\\d s ${words} Klaviyo’s`));
  });

  it('may be off by some seconds', async () => {
    const sandbox = await startSandbox();
    const run = await diagnose(environmentOf(sandbox.url), { groups, env: skewed(30_000) });
    expect(run.statusOf('clock')).toBe('passed');
    expect(run.messageOf('clock')).toContain('which is little enough');
  });

  it.each([
    [['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'], 'without their RateLimit'],
    [['ratelimit-reset'], 'without some of their RateLimit'],
  ])('is heard through what takes out %j', async (names, words) => {
    const sandbox = await startSandbox();
    const run = await diagnose(environmentOf(sandbox.url), { groups, env: without(...names) });
    expect(run.failures()).toEqual(['rate-limits']);
    expect(run.messageOf('rate-limits')).toContain(words);
  });

  it('can not be compared with without a date', async () => {
    const sandbox = await startSandbox();
    const run = await diagnose(environmentOf(sandbox.url), { groups, env: without('date') });
    expect(run.statusOf('clock')).toBe('skipped');
  });

  it.each<[string, Fault, string]>([
    ['is ill', { status: 503 }, 'answers 503. That is Klaviyo’s: try again later'],
    ['is hidden by a page', { html: true }, 'answers 403, and not as Klaviyo does'],
    ['breaks off', { reset: 'before' }, 'does not answer: the connection was broken off'],
  ])('%s', async (_, fault, words) => {
    const sandbox = await startSandbox();
    sandbox.addFault(fault);
    const run = await diagnose(environmentOf(sandbox.url), { groups });
    expect(run.failures()).toEqual(['api']);
    expect(run.messageOf('api')).toContain(words);
  });

  it('is not there', async () => {
    const run = await diagnose(environmentOf(await nowhere()), { groups });
    expect(run.failures()).toEqual(['api']);
    expect(run.messageOf('api')).toContain('nothing listens there');
  });

  it('is somebody else, who redirects: the key does not go there', async () => {
    const asked: (string | undefined)[] = [];
    const other = await serve((request, response) => {
      asked.push(request.headers.authorization);
      response.end();
    });
    const host = await serve((_, response) => response.writeHead(302, { location: other }).end());
    const run = await diagnose(environmentOf(host), { groups });
    expect(run.failures()).toEqual(['api']);
    expect(run.messageOf('api')).toContain('answers 302, and not as Klaviyo does');
    expect(asked).toEqual([]);
  });

  it('hangs, and the check ends in time', async () => {
    const sandbox = await startSandbox();
    sandbox.addFault({ hang: true });
    const { clock, done } = startDoctor(environmentOf(sandbox.url), { groups });
    await sandbox.waitFor(({ requests }) => requests().length === 1);
    await clock.advance(9_999);
    let isOver = false;
    void done.then(() => {
      isOver = true;
    });
    await clock.settle();
    expect(isOver).toBe(false);
    await clock.advance(1);
    const run = await done;
    expect(run.failures()).toEqual(['api']);
    expect(run.messageOf('api')).toContain('no end within 10 s');
    expect(run.results.find(({ id }) => id === 'api')?.durationMs).toBe(10_000);
  });

  it('sends a head and no end of its body, and the check ends in time', async () => {
    let begun = (): void => undefined;
    const hasBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const host = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/vnd.api+json' }).write('{"data":');
      begun();
    });
    const { clock, done } = startDoctor(environmentOf(host), { groups });
    await hasBegun;
    await clock.advance(10_000);
    expect((await done).failures()).toEqual(['api']);
  });

  it('is shown no key in any message', async () => {
    const sandbox = await startSandbox();
    for (const fault of [{ status: 401 }, { status: 403, detail: `No ${privateKey}.` }]) {
      sandbox.clearFaults();
      sandbox.addFault(fault);
      const { results } = await diagnose(environmentOf(sandbox.url), { groups });
      expect(JSON.stringify(results)).not.toContain(privateKey);
    }
  });
});
