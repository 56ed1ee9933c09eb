import { describe, expect, it } from 'vitest';
import { scriptKlaviyo } from '../../helpers/scripted-klaviyo.js';
import { allOf, startToolkit } from '../../helpers/start-toolkit.js';

describe('metrics', () => {
  it('are what has been tracked', async () => {
    const { klaviyo } = await startToolkit();
    const ada = { email: 'ada@lovelace.shop' };
    for (const name of ['Tasted Sample', 'Booked Tasting', 'Tasted Sample']) {
      await klaviyo.events.track(ada, { name });
    }
    const found = await allOf(klaviyo.metrics.list());
    expect(found.map(({ name }) => name).sort()).toEqual(['Booked Tasting', 'Tasted Sample']);
    for (const { createdAt, integration } of found) {
      expect(createdAt).toBeGreaterThan(Date.now() - 60_000);
      expect(integration?.name).toBe('API');
    }
    const names = await allOf(klaviyo.metrics.list({ fields: ['name'] }));
    expect(Object.keys(names[0] ?? {})).toEqual(['id', 'name']);
  });

  it('are filtered by what they come from', async () => {
    const { klaviyo } = await startToolkit();
    await klaviyo.events.track({ email: 'ada@lovelace.shop' }, { name: 'Tasted Sample' });
    const of = (name: string) =>
      allOf(klaviyo.metrics.list({ filter: ({ equals }) => equals('integrationName', name) }));
    expect(await of('API')).toHaveLength(1);
    expect(await of('Shopify')).toEqual([]);
  });

  it.each([
    [{ id: 'I', name: 'Shopify', category: 'eCommerce' }, 'eCommerce'],
    [{ id: 'I', name: 'Shopify', category: { id: 'c', name: 'eCommerce' } }, 'eCommerce'],
    [{ name: 7, category: null }, undefined],
    [null, undefined],
  ])('have an integration, whatever it looks like: %j', async (integration, category) => {
    const attributes = { name: 'Placed Order', created: '2026-01-01T00:00:00', integration };
    const { klaviyo } = scriptKlaviyo(() => ({
      body: { data: [{ type: 'metric', id: 'M1', attributes }] },
    }));
    const [metric] = await allOf(klaviyo.metrics.list());
    // Klaviyo's moments without an offset are UTC.
    expect(metric).toMatchObject({ id: 'M1', createdAt: Date.UTC(2026, 0, 1) });
    expect(metric?.integration?.category).toBe(category);
  });
});
