// Events: any metric, the commerce metrics, and reading them.
import {
  createKlaviyo,
  fulfilledOrder,
  type Order,
  orderedProducts,
  placedOrder,
  viewedProduct,
} from 'klaviyo-storefront/server';
import type { Example } from './example.js';

const order: Order = {
  id: '1001',
  customer: { email: 'ada@lovelace.shop' },
  items: [{ id: '17', name: 'Cup', quantity: 2, price: 12 }],
  total: 24,
  currency: 'EUR',
};

export default async function events({ options, print }: Example): Promise<void> {
  const klaviyo = createKlaviyo(options);
  const ada = { email: 'ada@lovelace.shop', firstName: 'Ada' };

  // Creates or updates the profile too: no other call is needed.
  await klaviyo.events.track(ada, {
    name: 'Tasted Sample',
    properties: { Flavour: 'Plum' },
    uniqueId: 'tasting-1',
  });
  await klaviyo.events.track(ada, viewedProduct({ id: '17', name: 'Cup', price: 12 }));

  // Without a store. See sync-order for orders that must not be lost.
  for (const event of [placedOrder(order), ...orderedProducts(order), fulfilledOrder(order)]) {
    await klaviyo.events.track(order.customer, event);
  }

  // Metrics have ids, and events are filtered by them.
  let placed = '';
  for await (const { id, name } of klaviyo.metrics.list()) if (name === 'Placed Order') placed = id;
  for await (const { at, properties, profile } of klaviyo.events.iterate({
    filter: ({ and, equals, greaterThan }) =>
      and(equals('metricId', placed), greaterThan('at', new Date('2026-01-01'))),
    include: ['profile'],
    sort: '-at',
  })) {
    print(new Date(at).toISOString().slice(0, 4) > '2025', properties.OrderId, profile?.email);
  }
}
