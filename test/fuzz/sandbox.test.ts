/** The sandbox's HTTP side answers everything, and goes on. */

import { expect, it } from 'vitest';
import { privateEndpoints } from '../../src/sandbox/endpoints.js';
import fc from '../helpers/fast-check.js';
import { call, eventBody, listOf, post, profileBody, startSandbox } from '../sandbox/requests.js';
import { expectClean, hostile, replay, runsOf, withKeys } from './hostile.js';

const paths = [
  ...['events', 'profiles', 'requests', 'state', 'faults', 'configure', 'faults/1', 'faults/%', ''],
  ...['lists', 'metrics', 'segments', 'campaigns', 'flows', 'webhooks', 'confirm', 'deliveries'],
  ...['__proto__', 'constructor', '../..', 'faults/__proto__', 'configure/'],
];
const keys = [
  ...['status', 'times', 'endpoint', 'delayMs', 'hang', 'metric', 'body', 'headers', 'rateLimits'],
  ...['name', 'channel', 'messages', 'profileIds', 'topic', 'email', 'createdAt', 'definition'],
  ...['companies', 'limits', 'bulkDuplicates', 'now', 'burstWindowMs', '__proto__', 'constructor'],
];
const textOf = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? 'undefined';
  } catch {
    return '{"cut":';
  }
};

it('answers every control call', { timeout: 3_600_000 }, async () => {
  const sandbox = await startSandbox();
  const call = fc.record({
    method: fc.constantFrom('GET', 'POST', 'POST', 'POST', 'DELETE', 'PUT', 'PATCH'),
    path: fc.constantFrom(...paths),
    body: fc.oneof(hostile, withKeys(...keys)),
    isClient: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 10, maxLength: 10 }), async (calls) => {
      for (const { method, path, body: lazy, isClient } of calls) {
        const body = lazy.make();
        if (isClient && method === 'POST') {
          const data = { type: 'event', attributes: body };
          const answer = await post(sandbox, 'events', textOf(path ? body : { data }), {
            signal: AbortSignal.timeout(5000),
          });
          expect(answer.status).toBeLessThan(500);
          await answer.arrayBuffer();
          continue;
        }
        const isRead = method === 'GET';
        const answer = await fetch(`${sandbox.url}/__sandbox/${path}`, {
          method,
          signal: AbortSignal.timeout(5000),
          ...(!isRead && { body: textOf(body) }),
        });
        expect(answer.status).toBeLessThan(500);
        await answer.arrayBuffer();
        // What was set may break a request, as it should.
        sandbox.clearFaults();
        sandbox.configure({ companies: ['AbC123'], rateLimits: false });
      }
      sandbox.reset();
      expect((await post(sandbox, 'events', eventBody())).status).toBe(202);
      expect(sandbox.events().length).toBe(1);
      sandbox.reset();
      expectClean();
    }),
    { numRuns: runsOf(5000, 10), ...replay },
  );
});

const names = [
  ...[
    'filter',
    'sort',
    'include',
    'page[size]',
    'page[cursor]',
    'fields[profile]',
    'fields[event]',
  ],
  ...['additional-fields[profile]', 'fields[__proto__]', 'constructor', 'page_cursor'],
];
const values = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.constantFrom(
    ...['email', '-created', 'lists,segments', '1', '101', 'WyJhIiwxLG51bGwsMV0', '__proto__'],
    ...['equals(email,"a@b.c")', 'equals(__proto__,"a")', 'any(id,[', 'and('.repeat(9000)],
    ...['equals(messages.channel,"email")', 'has(profile)', 'equals(email,"\\', 'not(has(metric))'],
    ...['greater-than(created,9999-12-31T23:59:59Z)', 'less-than(timestamp,-1e999)'],
  ),
);

it('answers every private call', { timeout: 3_600_000 }, async () => {
  const sandbox = await startSandbox({ rateLimits: false });
  const request = fc.record({
    endpoint: fc.constantFrom(...privateEndpoints),
    id: fc.constantFrom('text', '__proto__', '', '%', '../..', 'event-1', 'L00001'),
    query: fc.dictionary(fc.constantFrom(...names), values, { maxKeys: 3, noNullPrototype: true }),
    body: fc.oneof(hostile, withKeys('data', 'type', 'id', 'attributes', 'meta', 'email')),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 10, maxLength: 10 }), async (requests) => {
      for (const { body: lazy, ...one } of requests) {
        const isRead = one.endpoint.startsWith('GET');
        const answer = await call(sandbox, one.endpoint, {
          ...one,
          ...(!isRead && { body: textOf(lazy.make()) }),
        });
        expect(answer.status, JSON.stringify(one)).toBeLessThan(500);
        await answer.arrayBuffer();
      }
      sandbox.reset();
      await call(sandbox, 'POST api/profile-import', { body: profileBody() });
      expect((await listOf(await call(sandbox, 'GET api/profiles'))).data).toHaveLength(1);
      sandbox.reset();
      expectClean();
    }),
    { numRuns: runsOf(5000, 10), ...replay },
  );
});
