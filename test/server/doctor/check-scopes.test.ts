import { describe, expect, it } from 'vitest';
import { type Scope, scopes } from '../../../src/sandbox/endpoints.js';
import { diagnose, environmentOf } from '../../helpers/start-doctor.js';
import { startSandbox } from '../../sandbox/requests.js';
import { privateKey } from '../orders.js';

async function look(own: Scope[], over: Record<string, string> = {}) {
  const sandbox = await startSandbox({
    privateKeys: { [privateKey]: { companyId: 'AbC123', scopes: own } },
  });
  const run = await diagnose(environmentOf(sandbox.url, over), { groups: ['api'] });
  return { ...run, sandbox };
}

describe('the scopes of the key', () => {
  it('are enough when the order endpoint can send events', async () => {
    const { failures, statusOf, messageOf } = await look(['events:write']);
    expect(failures()).toEqual([]);
    expect(messageOf('scope:events:write')).toContain('It is for serve, syncOrder, events.track');
    expect(statusOf('scope:lists:write')).toBe('skipped');
    expect(messageOf('scope:lists:write')).toMatch(
      /^the key lacks it, and KLAVIYO_SCOPES does not ask for it\. It is for lists\.create, /,
    );
  });

  it('are too few when one is missing that is needed, and it says for what', async () => {
    const { failures, messageOf } = await look(['profiles:read', 'events:read']);
    expect(failures()).toEqual(['scope:events:write']);
    expect(messageOf('scope:events:write')).toMatch(/^the key lacks it\. It is for serve, /);
  });

  it.each(scopes)('are told one by one: without %s', async (scope) => {
    const { failures, sandbox } = await look(
      scopes.filter((other) => other !== scope),
      { KLAVIYO_SCOPES: 'all' },
    );
    const hidden = ['lists:write', 'profiles:write'].includes(scope);
    expect(failures()).toEqual(
      // What subscribing needs shows only when the other two are there.
      hidden ? [`scope:${scope}`, 'scope:subscriptions:write'] : [`scope:${scope}`],
    );
    expect([sandbox.events(), sandbox.profiles()]).toEqual([[], []]);
  });

  it('are also for looking people up before they leave or join a list', async () => {
    const { messageOf } = await look(['events:write'], {
      KLAVIYO_SCOPES: 'events:write, profiles:read, lists:read',
    });
    expect(messageOf('scope:lists:read')).toContain('subscriptions.unsubscribe from a list');
    for (const use of ['subscriptions.unsubscribe from a list', 'lists.add by emails']) {
      expect(messageOf('scope:profiles:read')).toContain(use);
    }
  });

  it('are those that KLAVIYO_SCOPES names', async () => {
    const { failures, statusOf } = await look(['events:write'], {
      KLAVIYO_SCOPES: 'events:write, profiles:read',
    });
    expect(failures()).toEqual(['scope:profiles:read']);
    expect(statusOf('scope:events:read')).toBe('skipped');
  });

  it('do not show while the limit is used up', async () => {
    const sandbox = await startSandbox();
    sandbox.addFault({ endpoint: 'api/events', status: 429 });
    sandbox.addFault({ endpoint: 'GET api/lists', status: 429 });
    const run = await diagnose(environmentOf(sandbox.url), { groups: ['api'] });
    expect(run.failures()).toEqual(['scope:events:write']);
    expect(run.messageOf('scope:events:write')).toContain('Klaviyo answers 429');
    expect(run.statusOf('scope:lists:read')).toBe('skipped');
  });

  it('ask for reading in ways that the endpoints take', async () => {
    const { sandbox } = await look([...scopes]);
    const answers = sandbox.requests().map(({ method, path, status }) => [method, path, status]);
    expect(answers).toHaveLength(14);
    for (const [method, path, status] of answers) {
      const expected = method === 'GET' ? [200] : [400, 404];
      expect(expected, `${method} ${path}`).toContain(status);
    }
  });
});
