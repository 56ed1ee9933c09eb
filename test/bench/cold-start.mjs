// A process of its own for `npm run bench:server`: what importing something costs, in ms.
// node cold-start.mjs handler | node cold-start.mjs sdk <folder of klaviyo-api>
import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';

const [what, folder] = process.argv.slice(2);
const startedAt = performance.now();

async function firstAnswer() {
  const { createOrderHandler, createSqliteOutbox } = await import('klaviyo-storefront/server');
  const key = Buffer.alloc(32, 7);
  const handler = createOrderHandler({
    outbox: await createSqliteOutbox({ path: ':memory:' }),
    klaviyo: { privateKey: `pk_${'0'.repeat(34)}` },
    signingSecrets: [`whsec_${key.toString('base64')}`],
    worker: false,
  });
  const body = JSON.stringify({
    ...{ id: '1001', customer: { email: 'ada@lovelace.shop' }, total: 24, currency: 'EUR' },
    items: [{ id: '17', name: 'Cup', quantity: 1, price: 24 }],
  });
  const timestamp = String(Math.floor(Date.now() / 1000));
  const mac = createHmac('sha256', key).update(`msg_1.${timestamp}.${body}`).digest('base64');
  const headers = {
    ...{ 'content-type': 'application/json', 'webhook-id': 'msg_1' },
    ...{ 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${mac}` },
  };
  const request = new Request('http://shop.test/orders', { method: 'POST', headers, body });
  const { status } = await handler(request);
  if (status !== 202) throw new Error(`The first answer was ${status}.`);
}

if (what === 'sdk') createRequire(`${folder}/`)('klaviyo-api');
else await firstAnswer();
console.log(performance.now() - startedAt);
