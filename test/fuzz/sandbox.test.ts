/** The sandbox's HTTP side answers everything, and goes on. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventBody, post, startSandbox } from '../sandbox/requests.js';
import { expectClean, hostile, replay, runsOf, withKeys } from './hostile.js';

const paths = [
  ...['events', 'profiles', 'requests', 'state', 'faults', 'configure', 'faults/1', 'faults/%', ''],
  ...['__proto__', 'constructor', '../..', 'faults/__proto__', 'configure/'],
];
const keys = [
  ...['status', 'times', 'endpoint', 'delayMs', 'hang', 'metric', 'body', 'headers', 'rateLimits'],
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
