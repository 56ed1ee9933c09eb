import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import type { Scope } from '../../../src/sandbox/endpoints.js';
import {
  type CreateKlaviyoOptions,
  createKlaviyo,
  type Klaviyo,
} from '../../../src/server/klaviyo/create-klaviyo.js';
import { ENDPOINTS, type Endpoint } from '../../../src/server/klaviyo/endpoints.js';
import { REVISION } from '../../../src/shared/limits.js';
import { documentedCalls } from '../../helpers/documented-calls.js';
import { outcomeOf, type ScriptedRequest, scriptKlaviyo } from '../../helpers/scripted-klaviyo.js';
import { allOf, startToolkit } from '../../helpers/start-toolkit.js';

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const documented = documentedCalls();

const limitOf = ({ rate: { burst, steady, daily } }: Endpoint): string =>
  `${burst}/s, ${steady}/min${daily === undefined ? '' : `, ${daily}/day`}`;
const tagOf = (endpoint: Endpoint): string =>
  `${endpoint.method} ${endpoint.path} (${REVISION}) · ${endpoint.scopes.join(', ')} · ${limitOf(endpoint)}`;

const byTag = new Map(
  Object.values<Endpoint>(ENDPOINTS)
    .filter(({ variant }) => variant === undefined)
    .map((endpoint) => [tagOf(endpoint), endpoint]),
);

/** Every function of the client, by the path one calls it with. */
function callsOf(value: object, path = ''): string[] {
  return Object.entries(value).flatMap(([name, member]) => {
    const call = path ? `${path}.${name}` : name;
    return typeof member === 'function' ? [call] : callsOf(member as object, call);
  });
}
const ofItsOwn = ['request', 'close'];
const calls = callsOf(scriptKlaviyo().klaviyo).filter((call) => !ofItsOwn.includes(call));

const ada = { email: 'ada@lovelace.shop' };
const report = { statistics: ['opens'], timeframe: 'today', conversionMetricId: 'M1' } as const;
const webhook = {
  name: 'W',
  endpointUrl: 'https://shop.test/hook',
  secret: 's',
  topics: ['event:klaviyo.opened_email'],
} as const;

/** How each is called. */
const doing: Record<string, (klaviyo: Klaviyo) => unknown> = {
  'profiles.upsert': ({ profiles }) => profiles.upsert(ada),
  'profiles.getByEmail': ({ profiles }) => profiles.getByEmail('ada@lovelace.shop'),
  'profiles.getByPhone': ({ profiles }) => profiles.getByPhone('+4915112345678'),
  'profiles.getByExternalId': ({ profiles }) => profiles.getByExternalId('17'),
  'profiles.getById': ({ profiles }) => profiles.getById('P1'),
  'profiles.update': ({ profiles }) => profiles.update('P1', { firstName: null }),
  'profiles.append': ({ profiles }) => profiles.append('P1', { Tags: 'a' }),
  'profiles.unappend': ({ profiles }) => profiles.unappend('P1', { Tags: 'a' }),
  'profiles.unset': ({ profiles }) => profiles.unset('P1', ['Tags']),
  'profiles.iterate': ({ profiles }) => allOf(profiles.iterate()),
  'profiles.upsertAll': ({ profiles }) => profiles.upsertAll([ada]),
  'profiles.getImport': ({ profiles }) => profiles.getImport('J1'),
  'profiles.importErrors': ({ profiles }) => allOf(profiles.importErrors('J1')),
  'subscriptions.subscribe': ({ subscriptions }) =>
    subscriptions.subscribe([{ ...ada, channels: ['email'] }]),
  'subscriptions.unsubscribe': ({ subscriptions }) =>
    subscriptions.unsubscribe([{ ...ada, channels: ['email'] }], { from: 'everything' }),
  'subscriptions.syncStatus': ({ subscriptions }) =>
    subscriptions.syncStatus(ada, { id: '1', status: 'active' }),
  'events.track': ({ events }) => events.track(ada, { name: 'A' }),
  'events.trackAll': ({ events }) => events.trackAll([{ profile: ada, name: 'A' }]),
  'events.iterate': ({ events }) => allOf(events.iterate()),
  'metrics.list': ({ metrics }) => allOf(metrics.list()),
  'lists.create': ({ lists }) => lists.create({ name: 'A' }),
  'lists.list': ({ lists }) => allOf(lists.list()),
  'lists.add': ({ lists }) => lists.add('L1', { ids: ['P1'] }),
  'lists.remove': ({ lists }) => lists.remove('L1', { ids: ['P1'] }),
  'lists.members': ({ lists }) => allOf(lists.members('L1')),
  'segments.list': ({ segments }) => allOf(segments.list()),
  'segments.members': ({ segments }) => allOf(segments.members('S1')),
  'campaigns.list': ({ campaigns }) => allOf(campaigns.list({ channel: 'email' })),
  'campaigns.performance': ({ campaigns }) => campaigns.performance(report),
  'flows.list': ({ flows }) => allOf(flows.list()),
  'flows.get': ({ flows }) => flows.get('F1'),
  'flows.performance': ({ flows }) => flows.performance(report),
  'webhooks.topics': ({ webhooks }) => webhooks.topics(),
  'webhooks.create': ({ webhooks }) => webhooks.create(webhook),
  'webhooks.list': ({ webhooks }) => allOf(webhooks.list()),
  'webhooks.delete': ({ webhooks }) => webhooks.delete('W1'),
};

/** What it has asked for, by the endpoint's own path. */
async function askedBy(run: (klaviyo: Klaviyo) => unknown): Promise<string[]> {
  const { klaviyo, requests } = scriptKlaviyo();
  await outcomeOf(Promise.resolve(run(klaviyo)));
  const shape = ({ method, path }: ScriptedRequest): string =>
    `${method} ${path.replace(/^(\/api\/[^/]+\/)[^/]+/, '$1{id}')}`;
  return requests.map(shape);
}

describe('the documentation of a call', () => {
  it('is there for every function of the client, and for no other', () => {
    const known = documented.filter(({ tags }) => tags.length > 0).map(({ call }) => call);
    expect([...new Set(known)].sort()).toEqual([...calls].sort());
    expect([...Object.keys(doing), 'syncOrder'].sort()).toEqual([...calls].sort());
  });

  it.each(documented.filter(({ tags }) => tags.length > 0))(
    'has endpoint, revision, scopes and limits as they are: $call',
    ({ text, tags, lookups }) => {
      expect(text.length).toBeGreaterThan(20);
      for (const tag of [...tags, ...lookups]) expect([...byTag.keys()]).toContain(tag);
    },
  );

  it.each(Object.keys(doing))('names the endpoint that is called: %s', async (call) => {
    const tags = documented.find((each) => each.call === call)?.tags ?? [];
    const named = tags.map((tag) => tag.split(' (')[0]);
    expect(await askedBy(doing[call] as (klaviyo: Klaviyo) => unknown)).toEqual(named);
  });

  const looking: Record<string, (klaviyo: Klaviyo) => unknown> = {
    'subscriptions.unsubscribe': ({ subscriptions }) =>
      subscriptions.unsubscribe([{ ...ada, channels: ['email'] }], { from: { listId: 'L1' } }),
    'lists.add': ({ lists }) => lists.add('L1', { emails: [ada.email] }),
    'lists.remove': ({ lists }) => lists.remove('L1', { emails: [ada.email] }),
  };

  it('names what is asked to look people up', async () => {
    const known = documented.filter(({ lookups }) => lookups.length > 0);
    expect(known.map(({ call }) => call).sort()).toEqual(Object.keys(looking).sort());
    for (const { call, lookups } of known) {
      // Nobody is found, and so nothing is done.
      expect(await askedBy(looking[call] as (klaviyo: Klaviyo) => unknown)).toEqual(
        lookups.map((tag) => tag.split(' (')[0]),
      );
    }
  });

  it('leaves no endpoint of the table unused', () => {
    const used = new Set(documented.flatMap(({ tags }) => tags));
    expect([...byTag.keys()].filter((tag) => !used.has(tag))).toEqual([]);
  });
});

describe('the table in the README', () => {
  const lines = readme.split('\n');
  const head = lines.findIndex((line) => /^\| task \| call \| scopes \| limit \|$/.test(line));
  const table = lines.slice(head + 2, lines.indexOf('', head));
  const rows = table.map((line) => {
    const cells = line.replace(/^\| | \|$/g, '').split(' | ');
    const [task = '', called = '', scopes = '', limit = ''] = cells;
    const spans = [...called.matchAll(/`([\w.]+)/g)].map(([, span]) => span ?? '');
    return { line, task, called: spans, scopes, limit };
  });

  it('is there', () => {
    expect(head).toBeGreaterThan(0);
    expect(rows.length).toBeGreaterThan(20);
    for (const { line, called } of rows) expect(called.length, line).toBeGreaterThan(0);
  });

  it('has every function once', () => {
    expect(rows.flatMap(({ called }) => called).sort()).toEqual([...calls].sort());
  });

  it.each(rows)('says what the code does: $task', ({ called, scopes, limit }) => {
    for (const call of called) {
      const tags = documented.find((each) => each.call === call)?.tags ?? [];
      const endpoints = tags
        .map((tag) => byTag.get(tag))
        .filter((endpoint) => endpoint !== undefined);
      expect(endpoints.length, call).toBe(tags.length);
      const [first] = endpoints;
      expect(scopes, call).toBe(first?.scopes.join(', '));
      expect(limit, call).toBe(endpoints.map(limitOf).join('; '));
    }
  });
});

describe('the private API in the README', () => {
  const [, section = ''] = /^## The private API\n(.*?)^## /ms.exec(readme) ?? [];

  it('begins with code that runs as it stands', async () => {
    const [, code = ''] = /```ts\n(.*?)```/s.exec(section) ?? [];
    const { sandbox, env } = await startToolkit();
    const shown: unknown[] = [];
    const { outputText } = ts.transpileModule(code.replace(/^import .*$/m, ''), {
      compilerOptions: { target: ts.ScriptTarget.ES2022 },
    });
    const AsyncFunction = (async () => undefined).constructor as FunctionConstructor;
    const run = new AsyncFunction('createKlaviyo', 'process', 'console', outputText);
    await run(
      (options: CreateKlaviyoOptions) => createKlaviyo({ ...options, apiHost: sandbox.url, env }),
      { env: { KLAVIYO_PRIVATE_KEY: `pk_${'0'.repeat(34)}` } },
      { log: (value: unknown) => shown.push(value) },
    );
    expect(shown).toEqual(['ada@lovelace.shop']);
  });

  it('names the scopes that looking people up takes besides', async () => {
    const scopesAfter = async (...more: Scope[]) => {
      const scopes: Scope[] = ['lists:write', 'profiles:write', 'subscriptions:write', ...more];
      const key = `pk_${'1'.repeat(34)}`;
      const privateKeys = { [key]: { companyId: 'AbC123', scopes } };
      const { sandbox, klaviyo } = await startToolkit(
        { companies: ['AbC123'], privateKeys },
        { privateKey: key },
      );
      const listId = sandbox.addList({ name: 'News' });
      const people = [{ ...ada, channels: ['email'] as const }];
      const leave = klaviyo.subscriptions.unsubscribe(people, { from: { listId } });
      const join = klaviyo.lists.add(listId, { emails: [ada.email] });
      const done = await Promise.all([outcomeOf(leave), outcomeOf(join)]);
      return done.map((each) => 'value' in each);
    };
    expect(await scopesAfter()).toEqual([false, false]);
    expect(await scopesAfter('profiles:read')).toEqual([false, true]);
    expect(await scopesAfter('lists:read', 'profiles:read')).toEqual([true, true]);
    expect(section).toContain('`unsubscribe` from a list lists:read and profiles:read');
    expect(section).toContain('`lists.remove` by `emails` profiles:read');
  });
});
