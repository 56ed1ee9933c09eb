// An order in one durable call: profile, Placed Order and a line for each product, once each.
import { createKlaviyo, createSqliteOutbox } from 'klaviyo-storefront/server';
import type { Example } from './example.js';

export default async function syncOrder({ options, sandbox, print }: Example): Promise<void> {
  // A file in a shop, and PostgreSQL for several servers.
  const outbox = await createSqliteOutbox({ path: ':memory:' });
  const klaviyo = createKlaviyo({ ...options, outbox });

  // Klaviyo is down, and nothing is lost.
  sandbox.addFault({ status: 503, times: 1 });
  const { receipt, isNew } = await klaviyo.syncOrder(
    'placed',
    {
      id: '1001',
      customer: { email: 'ada@lovelace.shop', firstName: 'Ada' },
      items: [
        { id: '17', name: 'Cup', quantity: 2, price: 12 },
        { id: '18', name: 'Plate', quantity: 1, price: 8 },
      ],
      total: 32,
      currency: 'EUR',
    },
    { profile: { properties: { Tier: 'gold' } } },
  );
  print('kept', receipt.length, isNew);

  // Later. Who it is of is known.
  await klaviyo.syncOrder('fulfilled', { id: '1001', total: 32, currency: 'EUR' });

  await sandbox.waitFor(({ events }) => events().length === 4, 30_000);
  for (const { metric, uniqueId } of sandbox.events()) print(metric, uniqueId);
  await klaviyo.close();
  await outbox.close();
}
