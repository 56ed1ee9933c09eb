import { describe, expect, it } from 'vitest';
import { bulkOf, eventBody, post, startSandbox } from './requests.js';

const list = (response: Response, name: string) =>
  (response.headers.get(name) ?? '').toLowerCase().split(', ').filter(Boolean);

describe('a preflight', () => {
  it('is allowed for POST with the headers Klaviyo documents, and is kept for a while', async () => {
    const sandbox = await startSandbox();
    const response = await fetch(`${sandbox.url}/client/events?company_id=AbC123`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://shop.test',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,revision',
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(list(response, 'access-control-allow-methods')).toContain('post');
    const allowed = list(response, 'access-control-allow-headers');
    expect(allowed).toEqual(expect.arrayContaining(['content-type', 'revision']));
    expect(Number(response.headers.get('access-control-max-age'))).toBeGreaterThan(0);
  });

  it('does not allow a header of the caller own making', async () => {
    const sandbox = await startSandbox();
    const response = await fetch(`${sandbox.url}/client/events`, {
      method: 'OPTIONS',
      headers: { 'access-control-request-headers': 'x-of-my-own' },
    });
    expect(list(response, 'access-control-allow-headers')).not.toContain('x-of-my-own');
  });

  it('is not listed among the requests and meets no fault', async () => {
    const sandbox = await startSandbox();
    sandbox.addFault({ status: 500 });
    const response = await fetch(`${sandbox.url}/client/events`, { method: 'OPTIONS' });
    expect(response.status).toBe(204);
    expect(sandbox.requests()).toEqual([]);
  });
});

describe('an answer', () => {
  it('may be read from any origin, refusals and unknown paths included', async () => {
    const sandbox = await startSandbox();
    const answers = [
      await post(sandbox, 'events', eventBody()),
      await post(sandbox, 'events', {}),
      await fetch(`${sandbox.url}/client/nothing`, { method: 'POST' }),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([202, 400, 404]);
    for (const answer of answers) {
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    }
  });

  it('lets the page read Retry-After and the rate limits, or not, as configured', async () => {
    const sandbox = await startSandbox({
      limits: { 'event-bulk-create': { burst: 1, steady: 1 } },
      now: () => 0,
    });
    await post(sandbox, 'event-bulk-create', bulkOf());
    const exposed = list(
      await post(sandbox, 'event-bulk-create', bulkOf()),
      'access-control-expose-headers',
    );
    expect(exposed).toEqual([
      'retry-after',
      'ratelimit-limit',
      'ratelimit-remaining',
      'ratelimit-reset',
    ]);
    sandbox.configure({ exposeRateLimitHeaders: false });
    const hidden = await post(sandbox, 'event-bulk-create', bulkOf());
    expect(hidden.status).toBe(429);
    expect(hidden.headers.get('retry-after')).toBe('60');
    expect(hidden.headers.get('access-control-expose-headers')).toBeNull();
  });
});
