// A process of its own for the benchmarks: what importing something costs, in ms (and MB of memory).
// node cold-start.mjs handler | node cold-start.mjs sdk <folder of klaviyo-api>
// node cold-start.mjs import-own <folder it is installed in> | node cold-start.mjs import-sdk <the same>
import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

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

const privateKey = `pk_${'0'.repeat(34)}`;

async function importOwn() {
  const file = `${folder}/node_modules/klaviyo-storefront/dist/server/index.js`;
  const { createKlaviyo } = await import(pathToFileURL(file).href);
  createKlaviyo({ privateKey });
}

function importSdk() {
  const { ApiKeySession, ProfilesApi } = createRequire(`${folder}/`)('klaviyo-api');
  new ProfilesApi(new ApiKeySession(privateKey));
}

if (what === 'sdk') createRequire(`${folder}/`)('klaviyo-api');
else if (what === 'import-own') await importOwn();
else if (what === 'import-sdk') importSdk();
else await firstAnswer();
const tookMs = performance.now() - startedAt;
const memory = what.startsWith('import-') ? ` ${process.memoryUsage().rss / 1e6}` : '';
console.log(`${tookMs}${memory}`);
