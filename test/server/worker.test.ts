import { describe, expect, it, onTestFinished } from 'vitest';
import type { SandboxOptions } from '../../src/sandbox/index.js';
import type { KlaviyoOptions } from '../../src/server/exchange.js';
import { createKlaviyoApi } from '../../src/server/klaviyo-api.js';
import type { Fields, Log } from '../../src/server/log.js';
import { createMetrics } from '../../src/server/metrics.js';
import type { Outbox } from '../../src/server/outbox.js';
import { createSqliteOutbox } from '../../src/server/sqlite-outbox.js';
import { createWorker, type WorkerOptions } from '../../src/server/worker.js';
import { createPrivateKlaviyo } from '../helpers/fake-private-klaviyo.js';
import { acceptanceOf, orderOf, privateKey } from './orders.js';

/** A worker on an empty store, beside Klaviyo on a clock that moves when told. */
async function start(
  over: SandboxOptions = {},
  options: WorkerOptions = {},
  asked: Partial<KlaviyoOptions> = {},
) {
  const klaviyo = createPrivateKlaviyo(over);
  const outbox = await createSqliteOutbox({ path: ':memory:', now: klaviyo.clock.now });
  const lines: { level: string; message: string; fields: Fields }[] = [];
  const write = (level: string) => (fields: Fields, message: string) => {
    lines.push({ level, fields, message });
  };
  const log: Log = { info: write('info'), warn: write('warn'), error: write('error') };
  const metrics = createMetrics();
  const api = createKlaviyoApi(klaviyo.env, { privateKey, ...asked });
  const work = (store: Outbox = outbox) =>
    createWorker({ outbox: store, api, env: klaviyo.env, log, metrics, options });
  const worker = work();
  onTestFinished(async () => {
    const stopped = worker.stop(0);
    await clock.advance(20_000);
    await stopped;
    await outbox.close();
  });
  const { clock } = klaviyo;
  return {
    ...{ klaviyo, clock, outbox, worker, work, lines },
    async accept(...ids: string[]) {
      await outbox.accept(ids.map((id) => acceptanceOf(id, { acceptedAt: clock.now() })));
      worker.wake();
      await clock.settle();
    },
    recorded: () => klaviyo.recorded().map(({ uniqueId }) => uniqueId),
    /** Unique ids of each request with its status, in order. */
    sent: () => klaviyo.sent.map(({ uniqueIds, status }) => [uniqueIds.join(), status]),
    messages: () => lines.map(({ message }) => message),
  };
}

const many = (count: number) => Array.from({ length: count }, (_, index) => `order-${index}`);

describe('a worker', () => {
  it('sends an order at once, its first event before its lines, and forgets it', async () => {
    const { accept, clock, recorded, outbox } = await start();
    await accept('1001');
    await clock.advance(1);
    expect(recorded()).toEqual(['1001', '1001_1', '1001_2']);
    expect((await outbox.stats()).waiting).toBe(0);
  });

  it('starts with what an earlier one has left', async () => {
    const { outbox, clock, worker, work, recorded } = await start();
    await worker.stop(0);
    await outbox.accept([acceptanceOf('1001')]);
    const next = work();
    await clock.advance(1);
    expect(recorded()).toHaveLength(3);
    await next.stop(0);
  });

  it('finds what another instance has accepted', async () => {
    const { outbox, clock, recorded } = await start();
    await clock.settle();
    await outbox.accept([acceptanceOf('1001')]);
    await clock.advance(1000);
    expect(recorded()).toHaveLength(3);
  });

  it('sends nothing twice at once, however long it may wait for an answer', async () => {
    const { klaviyo, clock, accept } = await start({}, {}, { requestTimeoutMs: 60_000 });
    // Once it has answered, more than one request may be under way.
    await accept('1001');
    let requests = 0;
    klaviyo.env.fetch = (_, init) => {
      requests += 1;
      return new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      });
    };
    await accept('1002');
    expect(requests).toBe(1);
    await clock.advance(59_000);
    expect(requests).toBe(1);
  });

  it('sends no line while the first event has no answer', async () => {
    const { klaviyo, accept, clock, sent } = await start();
    klaviyo.addFault({ metric: 'Placed Order', status: 500, times: 2 });
    await accept('1001');
    await clock.advance(10_000);
    expect(sent()).toEqual([
      ['1001', 500],
      ['1001', 500],
      ['1001', 202],
      ['1001_1', 202],
      ['1001_2', 202],
    ]);
  });

  it.each([
    ['lost before it was processed', { reset: 'before' }],
    ['lost after it was processed', { reset: 'after' }],
    ['answered 503', { status: 503 }],
    ['answered 429', { status: 429, retryAfterSeconds: 3 }],
  ] as const)('sends again what was %s, and it is recorded once', async (_, fault) => {
    const { klaviyo, accept, clock, recorded } = await start();
    klaviyo.addFault({ ...fault, times: 3 });
    await accept('1001');
    await clock.advance(60_000);
    expect(recorded().sort()).toEqual(['1001', '1001_1', '1001_2']);
  });

  it('stays away as long as Klaviyo asks, whoever else comes', async () => {
    const { klaviyo, accept, clock, sent } = await start();
    klaviyo.addFault({ status: 429, retryAfterSeconds: 30, times: 1 });
    await accept('1001');
    await accept('1002');
    await clock.advance(29_000);
    expect(sent()).toEqual([['1001', 429]]);
    await clock.advance(20_000);
    expect(sent().filter(([, status]) => status === 202)).toHaveLength(6);
  });

  it('stays away though others, sent before it was asked to, arrive after that', async () => {
    const { klaviyo, accept, clock, sent, recorded } = await start();
    await accept('first');
    await clock.advance(1000);
    const { fetch } = klaviyo.env;
    klaviyo.env.fetch = async (...call) => {
      const response = await fetch(...call);
      if (response.ok) await new Promise<void>((resolve) => clock.after(500, resolve));
      return response;
    };
    klaviyo.addFault({ status: 429, retryAfterSeconds: 30, times: 1 });
    await accept(...many(20));
    await clock.advance(29_000);
    expect(sent()).toHaveLength(3 + 10);
    expect(sent().filter(([, status]) => status === 429)).toHaveLength(1);
    await clock.advance(30_000);
    expect(recorded()).toHaveLength(63);
  });

  it('has one request find out, after a restart too, how long to stay away', async () => {
    const { klaviyo, accept, clock, worker, work } = await start();
    klaviyo.addFault({ status: 429, retryAfterSeconds: 1800 });
    await accept(...many(20));
    await clock.advance(1000);
    await worker.stop(0);
    const before = klaviyo.sent.length;
    const next = work();
    await clock.advance(1_700_000);
    expect(klaviyo.sent.length - before).toBe(1);
    await next.stop(0);
  });

  it('sends everything at once when it is restarted with a key that works', async () => {
    const { klaviyo, accept, clock, worker, work, recorded } = await start();
    klaviyo.addFault({ status: 401, times: 1 });
    await accept('1001');
    await clock.advance(1000);
    await worker.stop(0);
    const next = work();
    await clock.advance(1000);
    expect(recorded()).toHaveLength(3);
    await next.stop(0);
  });

  it('backs off from an outage, and lets one request find out that it is over', async () => {
    const { klaviyo, accept, clock, recorded } = await start();
    const outage = klaviyo.addFault({ status: 500 });
    await accept(...many(20));
    await clock.advance(3_600_000);
    // Ten went out together, then one at a time: at most 300 s apart, and not many.
    expect(klaviyo.sent.length).toBeGreaterThan(20);
    expect(klaviyo.sent.length).toBeLessThan(60);
    expect(outage).toBeDefined();
    klaviyo.clearFaults();
    await clock.advance(600_000);
    expect(recorded()).toHaveLength(60);
    expect(new Set(recorded()).size).toBe(60);
  });

  it('does not let one event that breaks Klaviyo hold up the others', async () => {
    const { klaviyo, accept, clock, recorded, outbox } = await start();
    klaviyo.addFault({ metric: 'Placed Order', status: 500, times: 1 });
    await accept('bad');
    await accept(...many(5));
    await clock.advance(30_000);
    expect(recorded()).toHaveLength(18);
    expect((await outbox.stats()).waiting).toBe(0);
  });

  it('gives up what Klaviyo refuses, keeps its words, and goes on with the rest', async () => {
    const { klaviyo, accept, clock, recorded, outbox, lines } = await start();
    klaviyo.addFault({ status: 400, detail: 'Invalid email ada@shop.test-mail.net.', times: 1 });
    await accept('1001', '1002');
    await clock.advance(10_000);
    expect(recorded()).toEqual(['1002', '1002_1', '1002_2']);
    const [whole, line] = await outbox.list({ state: 'given-up' }, 10);
    expect(whole?.reason).toMatch(/^400: .*Invalid email ada@/);
    expect(line?.metric).toBe('Ordered Product');
    expect(JSON.stringify(lines)).not.toContain('ada@');
    expect(lines.find(({ message }) => /given up/.test(message))?.fields).toMatchObject({
      ...{ requestId: 'request-1001', orderId: '1001', status: 400 },
    });
  });

  it('sends an order without the phone number that Klaviyo refuses, where it has an email too', async () => {
    const { klaviyo, clock, outbox, worker, recorded, lines } = await start();
    const { fetch } = klaviyo.env;
    const pointer = '/data/attributes/profile/data/attributes/phone_number';
    const error = {
      status: 400,
      code: 'invalid',
      detail: 'Invalid phone number',
      source: { pointer },
    };
    klaviyo.env.fetch = async (url, init) =>
      String(init?.body).includes('"phone_number"')
        ? new Response(JSON.stringify({ errors: [error] }), { status: 400 })
        : fetch(url, init);
    const phoneNumber = '+4930123456';
    const email = 'ada@shop.test-mail.net';
    await outbox.accept([
      acceptanceOf('1001', {}, orderOf('1001', { customer: { email, phoneNumber } })),
      acceptanceOf('1002', {}, orderOf('1002', { customer: { phoneNumber } })),
    ]);
    worker.wake();
    await clock.advance(10_000);
    expect(recorded()).toEqual(['1001', '1001_1', '1001_2']);
    expect(klaviyo.profiles()).toMatchObject([{ email }]);
    expect((await outbox.stats()).waiting).toBe(0);
    const [whole] = await outbox.list({ state: 'given-up' }, 10);
    expect(whole).toMatchObject({
      orderId: '1002',
      reason: expect.stringContaining('Invalid phone'),
    });
    expect(JSON.stringify(lines)).not.toMatch(/ada@|\+49/);
  });

  it.each([401, 403])(
    'pauses everything when Klaviyo answers %i, says so, and tries again',
    async (status) => {
      const { klaviyo, accept, clock, recorded, worker, messages, outbox } = await start();
      klaviyo.addFault({ status, times: 1 });
      await accept('1001');
      await accept('1002');
      await clock.advance(60_000);
      expect(worker.isDenied()).toBe(true);
      expect(klaviyo.sent).toHaveLength(1);
      expect(messages().join()).toContain('KLAVIYO_PRIVATE_KEY');
      expect((await outbox.stats()).givenUp).toBe(0);
      await clock.advance(15 * 60_000);
      expect(worker.isDenied()).toBe(false);
      expect(recorded()).toHaveLength(6);
    },
  );

  it('gives nothing up for what a proxy or a wrong address answers', async () => {
    const { klaviyo, accept, clock, outbox, recorded } = await start();
    klaviyo.addFault({ html: true, status: 404, times: 2 });
    await accept('1001');
    await clock.advance(3_600_000);
    expect((await outbox.stats()).givenUp).toBe(0);
    expect(recorded()).toHaveLength(3);
  });

  it('keeps within 350 a second and 3500 a minute by itself', { timeout: 60_000 }, async () => {
    const { accept, clock, klaviyo } = await start({}, { backlogFrom: Number.POSITIVE_INFINITY });
    await accept(...many(1500));
    await clock.advance(130_000);
    expect(klaviyo.recorded()).toHaveLength(4500);
    expect(klaviyo.sent.filter(({ status }) => status !== 202)).toEqual([]);
  });

  it('goes on where the clock was set back or forward', async () => {
    const { accept, clock, klaviyo, recorded } = await start();
    klaviyo.addFault({ status: 500, times: 2 });
    await accept('1001');
    clock.jump(-7_200_000);
    await accept('1002');
    await clock.advance(30_000);
    clock.jump(7_200_000);
    await accept('1003');
    await clock.advance(30_000);
    expect(recorded()).toHaveLength(9);
  });
});

describe('a backlog', () => {
  const bulk = (start: { klaviyo: ReturnType<typeof createPrivateKlaviyo> }) =>
    start.klaviyo.sent.filter(({ endpoint }) => endpoint === 'api/event-bulk-create-jobs');

  it('goes out in bulk, whole orders first', async () => {
    const started = await start();
    await started.accept(...many(1200));
    await started.clock.advance(5000);
    expect(started.recorded()).toHaveLength(3600);
    expect(new Set(started.recorded()).size).toBe(3600);
    expect(bulk(started).length).toBeGreaterThan(2);
    expect(bulk(started).length).toBeLessThan(8);
  });

  it.each(['fail', 'refuse', 'discard'] as const)(
    'is recorded once each, whatever is lost, when a repeated unique_id makes Klaviyo %s',
    async (bulkDuplicates) => {
      const started = await start({ bulkDuplicates });
      const { klaviyo, clock, accept, recorded, outbox } = started;
      for (const fault of [{ reset: 'after' }, { reset: 'before' }, { status: 503 }] as const) {
        klaviyo.addFault({ endpoint: 'api/event-bulk-create-jobs', times: 1, ...fault });
      }
      klaviyo.addFault({ endpoint: 'api/events', reset: 'after', times: 5 });
      await accept(...many(400));
      await clock.advance(600_000);
      expect(recorded()).toHaveLength(1200);
      expect(new Set(recorded()).size).toBe(1200);
      expect(await outbox.stats()).toMatchObject({ waiting: 0, givenUp: 0 });
    },
  );

  it('that is refused shows its culprit alone', async () => {
    const started = await start();
    const { klaviyo, clock, accept, outbox, recorded } = started;
    const refused = acceptanceOf(
      'bad',
      {},
      orderOf('bad', { customer: { email: 'bad@shop.test' } }),
    );
    // Valid to us, and refused there.
    const events = refused.events.map((event) => ({
      ...event,
      profile: event.profile.replace('bad@shop.test', 'no address'),
    }));
    await outbox.accept([{ ...refused, events }]);
    await accept(...many(150));
    await clock.advance(120_000);
    expect(recorded()).toHaveLength(450);
    expect(await outbox.stats()).toMatchObject({ waiting: 0, givenUp: 3 });
    expect(bulk(started).some(({ status }) => status === 400)).toBe(true);
    expect(klaviyo.sent.filter(({ uniqueIds }) => uniqueIds.join() === 'bad')).toHaveLength(1);
  });

  it.each([
    ['breaks Klaviyo', { status: 500 }],
    ['breaks the connection', { reset: 'before' }],
    ['is processed without an answer', { reset: 'after' }],
  ] as const)('that %s five times is sent one by one', async (_, fault) => {
    const started = await start();
    started.klaviyo.addFault({ endpoint: 'api/event-bulk-create-jobs', ...fault });
    await started.accept(...many(120));
    await started.clock.advance(3_600_000);
    expect(new Set(started.recorded()).size).toBe(360);
    expect(started.recorded()).toHaveLength(360);
    expect(bulk(started).length).toBeLessThan(20);
  });
});

describe('a stop', () => {
  it('waits for what is under way', async () => {
    const { klaviyo, clock, outbox, worker } = await start();
    let answer = (_: Response): void => undefined;
    klaviyo.env.fetch = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    await outbox.accept([acceptanceOf('1001')]);
    worker.wake();
    await clock.settle();
    let isStopped = false;
    const stopped = worker.stop().then(() => {
      isStopped = true;
    });
    await clock.settle();
    expect(isStopped).toBe(false);
    answer(new Response(null, { status: 202 }));
    await stopped;
    expect((await outbox.stats()).waiting).toBe(2);
  });

  it('breaks off what Klaviyo has not answered in time, and leaves it for the next one', async () => {
    const { klaviyo, clock, outbox, worker, work, recorded } = await start();
    const { fetch } = klaviyo.env;
    klaviyo.env.fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      });
    await outbox.accept([acceptanceOf('1001')]);
    worker.wake();
    await clock.settle();
    const stopped = worker.stop(5000);
    await clock.advance(5000);
    await stopped;
    expect((await outbox.stats()).waiting).toBe(3);
    // Not leased any more: it does not have to wait for that.
    klaviyo.env.fetch = fetch;
    const next = work();
    await clock.advance(5000);
    expect(recorded()).toHaveLength(3);
    await next.stop(0);
  });

  it('does not wait for ever, not even for the store', async () => {
    const { klaviyo, clock, outbox, worker, work } = await start();
    await worker.stop(0);
    klaviyo.env.fetch = () => new Promise(() => undefined);
    await outbox.accept([acceptanceOf('1001')]);
    const next = work();
    await clock.settle();
    let isStopped = false;
    const stopped = next.stop(5000).then(() => {
      isStopped = true;
    });
    await clock.advance(5000);
    expect(isStopped).toBe(false);
    await clock.advance(2000);
    await stopped;
    expect((await outbox.stats()).waiting).toBe(3);
  });

  it('gives back what a claim brings that was under way', async () => {
    const { outbox, clock, worker, work, klaviyo } = await start();
    await worker.stop(0);
    await outbox.accept([acceptanceOf('1001')]);
    let give = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      give = resolve;
    });
    const slow: Outbox = {
      ...outbox,
      async claim(wish) {
        const claim = await outbox.claim(wish);
        await held;
        return claim;
      },
    };
    const next = work(slow);
    await clock.settle();
    const stopped = next.stop();
    give();
    await stopped;
    expect(klaviyo.sent).toEqual([]);
    const [entry] = await outbox.list({}, 1);
    expect(entry).toMatchObject({ attempts: 0, dueAt: clock.now() });
  });
});

describe('a store that does not answer', () => {
  it('is asked again, more and more seldom, and then all goes out', async () => {
    const { outbox, clock, klaviyo, worker, work, recorded, messages } = await start();
    await worker.stop(0);
    await outbox.accept([acceptanceOf('1001')]);
    let calls = 0;
    const broken: Outbox = {
      ...outbox,
      claim(wish) {
        calls += 1;
        if (calls <= 5) throw new Error('disk I/O error at /secret/path');
        return outbox.claim(wish);
      },
    };
    const next = work(broken);
    await clock.advance(20_000);
    expect(klaviyo.sent).toEqual([]);
    await clock.advance(60_000);
    expect(recorded()).toHaveLength(3);
    expect(messages()).toContain('the store does not answer');
    await next.stop(0);
  });
});
