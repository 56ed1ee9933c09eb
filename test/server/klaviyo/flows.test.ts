import { describe, expect, it } from 'vitest';
import { allOf, startToolkit } from '../../helpers/start-toolkit.js';

async function withFlows() {
  const world = await startToolkit();
  const { sandbox } = world;
  const results = [{ at: Date.now() - 86_400_000, statistics: { recipients: 40, clicks: 12 } }];
  const ids = {
    welcome: sandbox.addFlow({
      ...{ name: 'Welcome', triggerType: 'Added to List' },
      messages: [{ id: 'm-1', name: 'First mail', results }],
    }),
    cart: sandbox.addFlow({ name: 'Cart', status: 'draft', archived: true }),
  };
  return { ...world, ids, conversionMetricId: sandbox.addMetric({ name: 'Placed Order' }) };
}

describe('flows', () => {
  it('are listed, filtered and sorted', async () => {
    const { klaviyo, ids } = await withFlows();
    const all = await allOf(klaviyo.flows.list({ sort: 'name' }));
    expect(all.map(({ name }) => name)).toEqual(['Cart', 'Welcome']);
    expect(all[1]).toMatchObject({
      ...{ id: ids.welcome, name: 'Welcome', status: 'live', isArchived: false },
      triggerType: 'Added to List',
    });
    const namesOf = async (options: Parameters<typeof klaviyo.flows.list>[0]) =>
      (await allOf(klaviyo.flows.list(options))).map(({ name }) => name);
    expect(await namesOf({ filter: ({ equals }) => equals('status', 'live') })).toEqual([
      'Welcome',
    ]);
    expect(await namesOf({ filter: ({ endsWith }) => endsWith('name', 'rt') })).toEqual(['Cart']);
    expect(
      await namesOf({ filter: ({ equals }) => equals('triggerType', 'Added to List') }),
    ).toEqual(['Welcome']);
    expect(await namesOf({ filter: ({ equals }) => equals('isArchived', true) })).toEqual(['Cart']);
    expect(await namesOf({ filter: ({ lessThan }) => lessThan('createdAt', 0) })).toEqual([]);
  });

  it('are got by id', async () => {
    const { klaviyo, ids } = await withFlows();
    expect(await klaviyo.flows.get(ids.cart)).toMatchObject({ name: 'Cart', status: 'draft' });
    expect(await klaviyo.flows.get('nothing')).toBeUndefined();
  });

  it('have a performance', async () => {
    const { klaviyo, ids, conversionMetricId } = await withFlows();
    const rows = await klaviyo.flows.performance({
      ...{ statistics: ['recipients', 'clicks'], timeframe: 'last_7_days', conversionMetricId },
      flowIds: [ids.welcome],
    });
    expect(rows).toEqual([
      {
        ...{ flowId: ids.welcome, messageId: 'm-1', channel: 'email' },
        statistics: { recipients: 40, clicks: 12 },
      },
    ]);
  });
});
