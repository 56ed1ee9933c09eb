import { describe, expect, it } from 'vitest';
import { diagnose, environmentOf, startDoctor } from '../../helpers/start-doctor.js';
import { startSandbox } from '../../sandbox/requests.js';
import { privateKey } from '../orders.js';

const live = 'me@lovelace.shop';
const groups = ['live'] as const;

describe('a test profile and test events', () => {
  it('are sent through both APIs, arrive, and start no flow', async () => {
    const sandbox = await startSandbox();
    const { results, failures, statusOf } = await diagnose(environmentOf(sandbox.url), {
      groups,
      live,
    });
    expect(failures()).toEqual([]);
    const mine = results.filter(({ group }) => group === 'live');
    expect(mine.map(({ status }) => status)).toEqual(mine.map(() => 'passed'));
    expect(mine).toHaveLength(7);
    expect(statusOf('live-client-event-found')).toBe('passed');
    expect(sandbox.profiles()).toMatchObject([{ email: live }]);
    const seen = sandbox
      .events()
      .map(({ metric, backfill, properties }) => [...[metric, backfill, properties.Through]]);
    expect(seen).toEqual([
      ['klaviyo-storefront doctor', true, 'client'],
      ['klaviyo-storefront doctor', true, 'private'],
    ]);
    expect(JSON.stringify(results)).not.toContain(live);
  });

  it('are not sent without an address', async () => {
    const sandbox = await startSandbox();
    const { results } = await diagnose(environmentOf(sandbox.url), { groups });
    expect(results).toHaveLength(7);
    for (const { status, message } of results) {
      expect(status).toBe('skipped');
      expect(message).toContain('--live and an address of your own');
    }
    expect(sandbox.requests()).toEqual([]);
  });

  it('do not go to an account that is not there', async () => {
    const sandbox = await startSandbox();
    const run = await diagnose(environmentOf(sandbox.url, { KLAVIYO_PUBLIC_KEY: 'XyZ789' }), {
      groups,
      live,
    });
    expect(run.failures()).toEqual(['live-client-profile', 'live-client-event']);
    expect(run.messageOf('live-client-event')).toContain('knows no account of KLAVIYO_PUBLIC_KEY');
    expect(run.statusOf('live-client-event-found')).toBe('skipped');
    expect(run.statusOf('live-private-event-found')).toBe('passed');
  });

  it('are not found when the keys are of two accounts', async () => {
    const sandbox = await startSandbox({
      companies: ['AbC123', 'XyZ789'],
      privateKeys: { [privateKey]: 'XyZ789' },
    });
    const { finish, clock } = startDoctor(environmentOf(sandbox.url), { groups, live });
    const startedAt = clock.now();
    const run = await finish();
    expect(run.failures()).toEqual(['live-client-event-found']);
    expect(run.messageOf('live-client-event-found')).toBe(
      'no end within 90 s: it was accepted, and is not there. Are the two keys of one account?',
    );
    expect(run.statusOf('live-private-event-found')).toBe('passed');
    expect(clock.now() - startedAt).toBeGreaterThanOrEqual(90_000);
  });

  it('may take a while to be found', async () => {
    const sandbox = await startSandbox();
    let looks = 0;
    // Klaviyo has accepted them, and its API does not have them yet.
    const { finish } = startDoctor(environmentOf(sandbox.url), { groups, live }, (url) => {
      const isLook = url.pathname === '/api/events' && url.searchParams.has('filter');
      if (!isLook) return undefined;
      looks += 1;
      return looks < 5 ? Response.json({ data: [], links: { next: null } }) : undefined;
    });
    const run = await finish();
    expect(run.failures()).toEqual([]);
    expect(looks).toBe(6);
    const { durationMs } = run.results.find(({ id }) => id === 'live-client-event-found') ?? {};
    expect(durationMs).toBeGreaterThanOrEqual(7500);
  });

  it('are refused by a key that may not, and what is found needs what was sent', async () => {
    const sandbox = await startSandbox({
      privateKeys: {
        [privateKey]: { companyId: 'AbC123', scopes: ['events:write', 'profiles:write'] },
      },
    });
    const run = await diagnose(environmentOf(sandbox.url), { groups, live });
    expect(run.failures()).toEqual([]);
    expect(run.statusOf('live-private-event')).toBe('passed');
    expect(run.statusOf('live-profile-found')).toBe('skipped');
    expect(run.messageOf('live-profile-found')).toContain('scope profiles:read');
  });

  it.each([
    ['events', 'live-client-event', 400, 'Klaviyo answers 400'],
    ['profiles', 'live-client-profile', 429, 'limit is used up'],
    ['POST api/profile-import', 'live-private-profile', 409, 'POST /api/profile-import: 409'],
  ] as const)('are refused at %s, and %s says so', async (endpoint, id, status, words) => {
    const sandbox = await startSandbox();
    const run = await diagnose(environmentOf(sandbox.url), {
      ...{ groups, live },
      onResult: (result) => {
        if (result.id !== 'scope:webhooks:write' && result.id !== 'scope:profiles:read') return;
        sandbox.clearFaults();
        sandbox.addFault({ endpoint, status, detail: `${live} is not good.` });
      },
    });
    expect(run.failures()).toEqual([id]);
    expect(run.messageOf(id)).toContain(words);
    expect(JSON.stringify(run.results)).not.toContain(live);
  });
});
