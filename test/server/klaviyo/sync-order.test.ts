import { describe, expect, it, onTestFinished } from 'vitest';
import type { SandboxOptions } from '../../../src/sandbox/index.js';
import { createKlaviyo } from '../../../src/server/klaviyo/create-klaviyo.js';
import { SyncOrderError } from '../../../src/server/klaviyo/sync-order.js';
import type { Order } from '../../../src/server/order.js';
import { createSqliteOutbox, type SqliteOutboxOptions } from '../../../src/server/sqlite-outbox.js';
import type { WorkerOptions } from '../../../src/server/worker.js';
import { createPrivateKlaviyo } from '../../helpers/fake-private-klaviyo.js';
import { orderOf, privateKey } from '../orders.js';

async function start(
  worker: WorkerOptions | false = {},
  sandbox: SandboxOptions = {},
  store: Partial<SqliteOutboxOptions> = {},
) {
  const { env, clock, ...fake } = createPrivateKlaviyo(sandbox);
  const outbox = await createSqliteOutbox({ path: ':memory:', now: clock.now, ...store });
  const klaviyo = createKlaviyo({ privateKey, env, outbox, worker });
  onTestFinished(async () => {
    const closed = klaviyo.close();
    await clock.advance(20_000);
    await closed;
    await outbox.close();
  });
  return { klaviyo, clock, outbox, ...fake };
}

const codeOf = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SyncOrderError);
  return (error as SyncOrderError).code;
};

describe('syncOrder', () => {
  it('records profile, order and lines, once each', async () => {
    const { klaviyo, clock, recorded, profiles } = await start();
    const order = orderOf('1001');
    const synced = await klaviyo.syncOrder('placed', order, {
      profile: { locale: 'de-DE', properties: { Tier: 'gold' } },
    });
    expect(synced).toMatchObject({ isNew: true, acceptedAt: clock.now() });
    await clock.advance(2000);
    expect(recorded().map(({ metric, uniqueId }) => `${metric} ${uniqueId}`)).toEqual([
      'Placed Order 1001',
      'Ordered Product 1001_1',
      'Ordered Product 1001_2',
    ]);
    expect(profiles()).toHaveLength(1);
    expect(profiles()[0]).toMatchObject({
      email: 'ada@shop.test-mail.net',
      attributes: { first_name: 'Ada', locale: 'de-DE' },
      properties: { Tier: 'gold' },
    });
  });

  it('gives the same order the same receipt, and sends nothing again', async () => {
    const { klaviyo, clock, sent } = await start();
    const first = await klaviyo.syncOrder('placed', orderOf('1001'));
    await clock.advance(2000);
    const count = sent.length;
    const again = await klaviyo.syncOrder('placed', orderOf('1001'));
    await clock.advance(2000);
    expect(again).toEqual({ ...first, isNew: false });
    expect(sent).toHaveLength(count);
  });

  it('resolves while Klaviyo is down, and records when it is back', async () => {
    const { klaviyo, clock, recorded, addFault, outbox } = await start();
    addFault({ status: 503, times: 4 });
    await klaviyo.syncOrder('placed', orderOf('1001'));
    await clock.advance(1000);
    expect(recorded()).toEqual([]);
    expect((await outbox.stats()).waiting).toBe(3);
    await clock.advance(120_000);
    expect(recorded()).toHaveLength(3);
  });

  it('knows at a change who has placed the order', async () => {
    const { klaviyo, clock, recorded } = await start();
    await klaviyo.syncOrder('placed', orderOf('1001'));
    const change = { id: '1001', total: 43.5, currency: 'EUR' };
    await klaviyo.syncOrder('fulfilled', change);
    await klaviyo.syncOrder('refunded', { ...change, refund: { id: 'r1', amount: 5 } });
    await clock.advance(5000);
    const events = recorded().map(({ metric, uniqueId, profileId }) => [
      metric,
      uniqueId,
      profileId,
    ]);
    const owner = events[0]?.[2];
    expect(events).toEqual(
      expect.arrayContaining([
        ['Fulfilled Order', '1001', owner],
        ['Refunded Order', '1001_r1', owner],
      ]),
    );
  });

  it('leaves the delivery to another process when it is told to', async () => {
    const { klaviyo, clock, sent, outbox } = await start(false);
    await klaviyo.syncOrder('placed', orderOf('1001'));
    await clock.advance(60_000);
    expect(sent).toEqual([]);
    expect((await outbox.stats()).waiting).toBe(3);
  });

  it('rejects what is no order, naming the fields', async () => {
    const { klaviyo, outbox } = await start();
    const order = { ...orderOf('1001'), total: '43.50', currency: 'euro' } as unknown as Order;
    const promise = klaviyo.syncOrder('placed', order);
    await expect(promise).rejects.toMatchObject({
      code: 'invalid',
      problems: [{ field: 'total' }, { field: 'currency' }],
    });
    await expect(promise).rejects.toThrow(/total must be a number in major units/);
    expect((await outbox.stats()).waiting).toBe(0);
  });

  it('rejects other content under a known id, a change of nobody’s order, and a full outbox', async () => {
    const { klaviyo } = await start(false, {}, { maxWaiting: 3 });
    await klaviyo.syncOrder('placed', orderOf('1001'));
    const other = orderOf('1001', { total: 1 });
    expect(await codeOf(klaviyo.syncOrder('placed', other))).toBe('conflict');
    // What is said of the customer is part of it.
    const told = klaviyo.syncOrder('placed', orderOf('1001'), { profile: { title: 'Dr' } });
    expect(await codeOf(told)).toBe('conflict');
    const change = { id: '9', total: 1, currency: 'EUR' };
    expect(await codeOf(klaviyo.syncOrder('canceled', change))).toBe('unknown-customer');
    expect(await codeOf(klaviyo.syncOrder('placed', orderOf('1002')))).toBe('full');
  });
});
