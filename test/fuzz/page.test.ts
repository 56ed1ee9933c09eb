// @vitest-environment happy-dom
/** Promise line 7 at the page's side: calls of the global and the client, and what pages record before it. */

import { types } from 'node:util';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import type { Client } from '../../src/browser/create-client.js';
import { installGlobal } from '../../src/browser/klaviyo-global.js';
import { createOrigin, type Origin } from '../helpers/fake-env.js';
import fc from '../helpers/fast-check.js';
import { COMPANY, start } from '../helpers/start-client.js';
import {
  expectClean,
  expectNothingPersonal,
  hostile,
  replay,
  runsOf,
  withKeys,
} from './hostile.js';

type Call = (...args: unknown[]) => unknown;
const page = window as unknown as Record<string, unknown>;
const CALLS = 100;
const said: unknown[] = [];
const rejections: unknown[] = [];

/** A call's promise that is rejected belongs to the run that made it: its seed and path are printed. */
const watch = (result: unknown): void => {
  if (types.isPromise(result)) result.catch((error) => rejections.push(error));
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.stubGlobal('reportError', () => undefined);
  said.length = 0;
  rejections.length = 0;
  for (const name of ['log', 'warn', 'error', 'info', 'debug'] as const) {
    vi.spyOn(console, name).mockImplementation((...args: unknown[]) => void said.push(...args));
  }
});

afterAll(() => void vi.useRealTimers());

const profileKeys = [
  ...['email', 'phoneNumber', 'externalId', 'id', 'kx', 'anonymousId', 'firstName', 'location'],
  ...['properties', 'append', 'unset', '$email', '$phone_number', '$id', '$append', '$city', 'zip'],
];
const eventKeys = ['name', 'properties', 'value', 'valueCurrency', 'time', 'uniqueId', '$value'];
const argument = fc.oneof(
  { weight: 3, arbitrary: hostile },
  { weight: 1, arbitrary: withKeys(...profileKeys) },
  { weight: 1, arbitrary: withKeys(...eventKeys, '$event_id', 'ItemId', 'Metadata') },
);
const methods = [
  ...['identify', 'track', 'trackViewedItem', 'account', 'cookieDomain', 'isIdentified', 'push'],
  ...['openForm', 'constructor', 'toString'],
];
const call = fc.record({
  how: fc.constantFrom('method', 'entry', 'raw', 'client'),
  method: fc.constantFrom(...methods),
  args: fc.array(argument, { maxLength: 3 }),
});

/** The next good event, and what there is of it at Klaviyo. */
const expectNextDelivered = async (origin: Origin, client: Client): Promise<void> => {
  void client.identify({ email: 'ada@shop.example' });
  void client.track('Good', { n: 1 });
  await origin.advance(120_000);
  expect(origin.klaviyo.metrics()).toContain('Good');
  expect(origin.klaviyo.requests.filter(({ refusal }) => refusal)).toEqual([]);
  expect([...origin.errors, ...rejections]).toEqual([]);
  expectNothingPersonal([...said, ...origin.warnings]);
  expectClean();
};

it('takes every call of the global and of the client', { timeout: 3_600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { minLength: CALLS, maxLength: CALLS }),
      fc.array(hostile, { maxLength: 3 }),
      async (calls, recorded) => {
        const origin = createOrigin();
        const { client, tab } = start(origin, { anonymous: 'send', debug: true });
        page.klaviyo = undefined;
        page._learnq = recorded.map(({ make }) => make());
        page._klOnsite = [];
        installGlobal(() => client, COMPANY, tab.env);
        const klaviyo = page.klaviyo as unknown as Record<string, Call>;
        for (const { how, method, args: lazy } of calls) {
          const args = lazy.map(({ make }) => make());
          if (how === 'method') watch(klaviyo[method]?.(...args));
          if (how === 'entry') watch(klaviyo.push?.([method, ...args]));
          if (how === 'raw') watch(klaviyo.push?.(...args));
          if (how !== 'client') continue;
          if (method === 'track') watch(client.track(...(args as [never])));
          else if (method === 'account') watch(client.consent(args[0] as never));
          else watch(client.identify(args[0] as never));
        }
        await origin.advance(5000);
        vi.runOnlyPendingTimers();
        void client.consent('granted');
        await expectNextDelivered(origin, client);
        vi.clearAllTimers();
      },
    ),
    { numRuns: runsOf(60_000, CALLS), ...replay },
  );
});
