import { describe, expect, it } from 'vitest';
import { startToolkit } from '../../helpers/start-toolkit.js';

const ada = { email: 'ada@lovelace.shop', properties: { Tier: 'gold' } };
const time = Date.parse('2026-06-01T10:00:00Z');

describe('syncStatus', () => {
  it('is one metric with the status as a property, and a property of the profile', async () => {
    const { klaviyo, sandbox } = await startToolkit();
    const uniqueId = await klaviyo.subscriptions.syncStatus(ada, {
      ...{ id: 'sub-1', status: 'paused', previousStatus: 'active', plan: 'Monthly tea', time },
      ...{ price: 24, currency: 'EUR', nextChargeAt: time + 86_400_000, reason: 'Holiday' },
      properties: { Box: 'large' },
    });
    expect(uniqueId).toBe(`sub-1_paused_${time / 1000}`);
    expect(sandbox.events()).toMatchObject([
      {
        ...{ metric: 'Subscription Updated', uniqueId, value: 24, valueCurrency: 'EUR' },
        time: new Date(time).toISOString(),
        properties: {
          ...{ SubscriptionID: 'sub-1', Status: 'paused', PreviousStatus: 'active' },
          ...{ Plan: 'Monthly tea', Price: 24, Reason: 'Holiday', Box: 'large' },
          NextChargeAt: '2026-06-02T10:00:00.000Z',
        },
      },
    ]);
    const profile = await klaviyo.profiles.getByEmail(ada.email);
    expect(profile?.properties).toEqual({ Tier: 'gold', 'Subscription Status': 'paused' });
  });

  it('tells the same change once, and another again', async () => {
    const { klaviyo, sandbox } = await startToolkit();
    const { syncStatus } = klaviyo.subscriptions;
    const change = { id: 'sub-1', status: 'active', time };
    await syncStatus(ada, change);
    await syncStatus(ada, change);
    await syncStatus(ada, { ...change, status: 'canceled', time: time + 1000 });
    await syncStatus(ada, { ...change, time: time + 2000 }, { profileProperty: 'Tea Club' });
    expect(sandbox.events().map(({ properties }) => properties.Status)).toEqual([
      ...['active', 'canceled', 'active'],
    ]);
    const profile = await klaviyo.profiles.getByEmail(ada.email);
    expect(profile?.properties).toMatchObject({
      ...{ 'Subscription Status': 'canceled', 'Tea Club': 'active' },
    });
  });

  it('has no value where there is no price', async () => {
    const { klaviyo, sandbox } = await startToolkit();
    await klaviyo.subscriptions.syncStatus(ada, { id: '1', status: 'active', currency: 'EUR' });
    expect(sandbox.events()[0]?.value).toBeUndefined();
  });
});
