/** The sandbox's HTTP side answers everything, and goes on. */

import { expect, it } from 'vitest';
import { documentedLimits, privateEndpoints } from '../../src/sandbox/endpoints.js';
import type { Fault, Sandbox, SandboxOptions } from '../../src/sandbox/index.js';
import fc from '../helpers/fast-check.js';
import { call, eventBody, listOf, post, profileBody, startSandbox } from '../sandbox/requests.js';
import { expectClean, hostile, replay, runsOf, withKeys, withOdd } from './hostile.js';

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

/** Longer than a request is waited for here. */
const LONG_MS = 1000;
const durations = [0, 0.1, 5e-324, 1, 5, 2 ** 31 - 1, 2 ** 31, 2 ** 53, 1e308, -1];
const flags = [true, false];
const faults = withOdd({
  endpoint: ['events', 'events', 'profiles', '__proto__'],
  metric: ['Viewed Product', '', '__proto__'],
  times: [1, 2, 2 ** 53, 1e308, 0, 0.5],
  status: [200, 204, 301, 304, 400, 404, 429, 429, 500, 599, 199, 600, 200.5],
  detail: ['', '\ud800', '\u2028ü', 'x'.repeat(5000)],
  retryAfterSeconds: [0, 1, 2 ** 53, 1e21, 1e308, 0.5],
  ...{ exposeRetryAfter: flags, html: flags, hang: flags, truncateBody: flags },
  ...{ withoutCors: flags, reset: ['before', 'after', 'never'] },
  ...{ slowBodyMs: durations, delayMs: durations },
});
const windows = [...durations, 1e-300];
const settings = withOdd({
  ...{ burstWindowMs: windows, steadyWindowMs: windows, dailyWindowMs: windows },
  limits: [
    ...[0.5, 5e-324, 1, 2 ** 53, 1e308].flatMap((limit) => [
      { events: { burst: limit, steady: 1000 } },
      { events: { burst: 1000, steady: limit, daily: limit } },
    ]),
    ...[{}, { events: { burst: 1 } }, { nothing: { burst: 1, steady: 1 } }],
  ],
  ...{ companies: [[], ['AbC123', ''], [1]], rateLimits: flags, exposeRateLimitHeaders: flags },
  bulkDuplicates: ['discard', 'refuse', 'fail', 'none'],
  ...{ webhookRetryDelaysMs: [[], durations], webhookClockOffsetMs: [1e308, -1e308, 0.5] },
});
/** What `settings` change. */
const usual: Partial<SandboxOptions> = {
  ...{
    companies: ['AbC123'],
    rateLimits: true,
    exposeRateLimitHeaders: true,
    limits: documentedLimits,
  },
  ...{ burstWindowMs: 1000, steadyWindowMs: 60_000, dailyWindowMs: 86_400_000 },
  ...{ webhookRetryDelaysMs: [1000], webhookClockOffsetMs: 0, bulkDuplicates: 'fail' },
};

/** How a request to `events` ends that meets the fault; undefined: as it would without. */
const endOf = (fault: Fault): 'late' | 'broken' | number | undefined => {
  const { endpoint = 'events', metric = 'Viewed Product', delayMs = 0, slowBodyMs = 0 } = fault;
  if (endpoint !== 'events' || metric !== 'Viewed Product') return undefined;
  if (delayMs > LONG_MS) return 'late';
  if (fault.hang || fault.reset) return 'broken';
  const status = fault.status ?? (fault.html ? 403 : undefined);
  // These have no body that could be cut or late.
  if (status === 204 || status === 304) return status;
  if (fault.truncateBody) return 'broken';
  return slowBodyMs > LONG_MS ? 'late' : status;
};

/** One request under what has been accepted: nothing that is set may hang or break the sandbox itself. */
const expectAsSet = async (sandbox: Sandbox, fault: Fault): Promise<void> => {
  const expected = endOf(fault);
  const signal = AbortSignal.timeout(expected === 'late' ? 20 : 5000);
  const before = sandbox.requests().length;
  const ended = post(sandbox, 'events', eventBody(), { signal }).then(
    async (answer) => {
      for (const name of [
        'retry-after',
        'ratelimit-limit',
        'ratelimit-remaining',
        'ratelimit-reset',
      ]) {
        expect(answer.headers.get(name) ?? '0', name).toMatch(/^\d+$/);
      }
      const isRead = await answer.arrayBuffer().then(
        () => true,
        () => false,
      );
      return isRead ? answer.status : signal.aborted ? 'late' : 'broken';
    },
    () => (signal.aborted ? 'late' : 'broken'),
  );
  if (fault.hang && expected === 'broken') {
    await sandbox.waitFor((one) => one.requests()[before]?.status === 'hang');
    sandbox.clearFaults();
  }
  const end = await ended;
  if (expected === undefined) expect(Number(end)).toBeLessThan(500);
  else expect(end, JSON.stringify(fault).slice(0, 500)).toBe(expected);
};

it('answers every control call, and every request as it was told', {
  timeout: 3_600_000,
}, async () => {
  const sandbox = await startSandbox();
  const anything = fc.record({
    method: fc.constantFrom('GET', 'POST', 'POST', 'POST', 'DELETE', 'PUT', 'PATCH'),
    path: fc.constantFrom(...paths),
    body: fc.oneof(hostile, withKeys(...keys)),
    isClient: fc.boolean(),
  });
  const told = fc
    .oneof(
      faults.map((body) => ({ path: 'faults', body })),
      settings.map((body) => ({ path: 'configure', body })),
    )
    .map((one) => ({ ...one, method: 'POST', isClient: false }));
  const control = fc.oneof({ weight: 7, arbitrary: anything }, { weight: 1, arbitrary: told });
  await fc.assert(
    fc.asyncProperty(fc.array(control, { minLength: 10, maxLength: 10 }), async (calls) => {
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
        const text = textOf(body);
        const answer = await fetch(`${sandbox.url}/__sandbox/${path}`, {
          method,
          signal: AbortSignal.timeout(5000),
          ...(!isRead && { body: text }),
        });
        expect(answer.status).toBeLessThan(500);
        await answer.arrayBuffer();
        if (answer.status === 201 && path === 'faults') {
          await expectAsSet(sandbox, JSON.parse(text) as Fault);
        }
        if (answer.status === 201 && path.startsWith('configure')) await expectAsSet(sandbox, {});
        sandbox.clearFaults();
        sandbox.configure(usual);
      }
      sandbox.reset();
      expect((await post(sandbox, 'events', eventBody())).status).toBe(202);
      expect(sandbox.events().length).toBe(1);
      sandbox.reset();
      expectClean();
    }),
    { numRuns: runsOf(3000, 10), ...replay },
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
    { numRuns: runsOf(3000, 10), ...replay },
  );
});
