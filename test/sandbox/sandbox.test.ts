import { describe, expect, it } from 'vitest';
import { createSandbox, type SandboxOptions } from '../../src/sandbox/index.js';
import { createClock, eventBody, post, startSandbox } from './requests.js';

describe('createSandbox', () => {
  it('listens on a free port of this machine', async () => {
    const one = await startSandbox();
    const two = await startSandbox();
    expect(one.url).toBe(`http://127.0.0.1:${one.port}`);
    expect(one.port).not.toBe(two.port);
  });

  it('rejects when the port is taken', async () => {
    const { port } = await startSandbox();
    await expect(createSandbox({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it.each([
    [{ burstWindow: 5 }, /no sandbox option 'burstWindow'/],
    [{ bulkDuplicates: 'ignore' }, /'bulkDuplicates' must be/],
    [{ companies: 'AbC123' }, /'companies' must be a list/],
    [{ steadyWindowMs: 0 }, /'steadyWindowMs' must be/],
    [{ limits: { orders: { burst: 1, steady: 1 } } }, /'limits' must be/],
    [{ limits: { events: { burst: 1 } } }, /'limits' must be/],
    [{ limits: { 'GET api/profiles': { burst: 1, steady: 1, daily: 0 } } }, /'limits' must be/],
    // What no timer takes, and what no header could say in digits.
    [{ burstWindowMs: 1e308 }, /'burstWindowMs' must be milliseconds, from 1 to 2147483647/],
    [{ dailyWindowMs: 5e-324 }, /'dailyWindowMs' must be/],
    [{ webhookRetryDelaysMs: [2 ** 31] }, /'webhookRetryDelaysMs' must be/],
    [{ limits: { events: { burst: 0.5, steady: 1 } } }, /'limits' must be/],
    [{ limits: { events: { burst: 1, steady: 1e308 } } }, /'limits' must be/],
    [{ privateKeys: { pk_a: '' } }, /'privateKeys' must be/],
    [{ privateKeys: { pk_a: { scopes: [] } } }, /'privateKeys' must be/],
    [{ privateKeys: { pk_a: { companyId: 'A', scopes: ['profile:read'] } } }, /profiles:read/],
  ])('rejects %o', async (options, message) => {
    await expect(createSandbox(options as SandboxOptions)).rejects.toThrow(message);
  });
});

describe('the list of requests', () => {
  it('says when, where from, how large and with what outcome', async () => {
    const clock = createClock();
    const sandbox = await startSandbox({ now: clock.now });
    const body = JSON.stringify(eventBody({ unique_id: 'é' }));
    await post(sandbox, 'events', body, {
      headers: { origin: 'https://shop.test', 'user-agent': 'Tracker' },
    });
    await post(sandbox, 'events', body, { query: '?company_id=Nobody' });
    expect(sandbox.requests()).toMatchObject([
      {
        at: clock.now(),
        method: 'POST',
        endpoint: 'events',
        path: '/client/events',
        companyId: 'AbC123',
        status: 202,
        events: 1,
        bytes: Buffer.byteLength(body),
        uniqueIds: ['é'],
        userAgent: 'Tracker',
        origin: 'https://shop.test',
      },
      {
        companyId: 'Nobody',
        status: 400,
        events: 1,
        error: 'The company id provided is invalid. (company_id)',
      },
    ]);
  });

  it('gives copies, so that a reader changes nothing', async () => {
    const sandbox = await startSandbox();
    await post(sandbox, 'events', eventBody());
    for (const list of [sandbox.events, sandbox.profiles, sandbox.requests]) {
      list().length = 0;
      for (const record of list()) Object.assign(record, { companyId: 'changed' });
      expect(list()).toMatchObject([{ companyId: 'AbC123' }]);
    }
  });
});

describe('configure', () => {
  it('changes options from the next request on and leaves the others', async () => {
    const sandbox = await startSandbox({
      limits: { events: { burst: 1, steady: 1 } },
      now: () => 0,
    });
    const status = async () => (await post(sandbox, 'events', eventBody())).status;
    expect([await status(), await status()]).toEqual([202, 429]);
    sandbox.configure({ limits: { profiles: { burst: 5, steady: 5 } } });
    expect(await status()).toBe(429);
    sandbox.configure({ rateLimits: false });
    expect(await status()).toBe(202);
    sandbox.configure({ companies: ['XyZ789'] });
    expect(await status()).toBe(400);
  });

  it('throws on an unknown option', async () => {
    const sandbox = await startSandbox();
    expect(() => sandbox.configure({ ratelimits: false } as SandboxOptions)).toThrow(TypeError);
  });
});

describe('reset', () => {
  it('forgets records, faults and used up limits, and keeps options', async () => {
    const sandbox = await startSandbox({
      limits: { events: { burst: 1, steady: 1 } },
      now: () => 0,
    });
    await post(sandbox, 'events', eventBody({ unique_id: 'a' }));
    sandbox.addFault({ status: 500 });
    sandbox.reset();
    expect([sandbox.events(), sandbox.profiles(), sandbox.requests()]).toEqual([[], [], []]);
    expect((await post(sandbox, 'events', eventBody({ unique_id: 'a' }))).status).toBe(202);
    expect(sandbox.events()).toHaveLength(1);
    expect((await post(sandbox, 'events', eventBody({ unique_id: 'a' }))).status).toBe(429);
  });
});

describe('waitFor', () => {
  it('resolves at once when the predicate holds already', async () => {
    const sandbox = await startSandbox();
    await sandbox.waitFor(() => true);
  });

  it('resolves when what was waited for has arrived', async () => {
    const sandbox = await startSandbox();
    const arrived = sandbox.waitFor(({ events }) => events().length === 2);
    await post(sandbox, 'events', eventBody({ unique_id: 'a' }));
    await post(sandbox, 'events', eventBody({ unique_id: 'b' }));
    await arrived;
    expect(sandbox.events()).toHaveLength(2);
  });

  it('rejects after its timeout and says what has arrived', async () => {
    const sandbox = await startSandbox();
    await post(sandbox, 'events', eventBody({}, 'Viewed Product'));
    await expect(sandbox.waitFor(() => false, 1)).rejects.toThrow(
      /after 1 ms[\s\S]*1 events: Viewed Product[\s\S]*POST \/client\/events -> 202, 1 events/,
    );
  });

  it('rejects with the predicate error', async () => {
    const sandbox = await startSandbox();
    const broken = () => {
      throw new Error('broken predicate');
    };
    await expect(sandbox.waitFor(broken)).rejects.toThrow('broken predicate');
  });
});

describe('close', () => {
  it('ends hanging requests, open streams and waits', async () => {
    const sandbox = await startSandbox();
    sandbox.addFault({ hang: true });
    const hanging = post(sandbox, 'events', eventBody()).catch(() => 'broken off');
    const stream = await fetch(`${sandbox.url}/__sandbox/stream`);
    await sandbox.waitFor(() => sandbox.requests().length === 1);
    const waiting = sandbox.waitFor(() => false).catch((error: Error) => error.message);
    await Promise.all([sandbox.close(), sandbox.close()]);
    expect(await hanging).toBe('broken off');
    expect(await waiting).toMatch(/^The sandbox was closed/);
    await stream.text().catch(() => 'broken off');
    await expect(fetch(sandbox.url)).rejects.toThrow();
  });
});
