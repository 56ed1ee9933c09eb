// A process of its own for `npm run bench:server`: the built order endpoint, with a store or without one.
// node order-server.mjs <sqlite file | none> <secret> <Klaviyo's address | none>
import { createAdaptorServer } from '@hono/node-server';
import { createOrderHandler, createSqliteOutbox } from 'klaviyo-storefront/server';

const [database, secret, apiHost] = process.argv.slice(2);

/** Forgets at once what it accepts: what is left is HTTP, signature, schema and mapping. */
const noStore = {
  accept: async (acceptances) =>
    acceptances.map(({ receipt, acceptedAt }) => ({ kind: 'accepted', receipt, acceptedAt })),
  close: async () => undefined,
};

const outbox =
  database === 'none'
    ? noStore
    : await createSqliteOutbox({ path: database, maxWaiting: 10_000_000 });
const handler = createOrderHandler({
  outbox,
  klaviyo: {
    privateKey: `pk_${'0'.repeat(34)}`,
    ...(apiHost !== 'none' && { apiHost }),
  },
  signingSecrets: [secret],
  ...(apiHost === 'none' && { worker: false }),
});
const server = createAdaptorServer({ fetch: handler });
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', () => process.send({ rssMb: process.memoryUsage.rss() / 1e6 }));
