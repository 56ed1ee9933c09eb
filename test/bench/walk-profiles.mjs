// A process of its own for `npm run bench:toolkit`: walks 100,000 profiles and says what memory it took.
// node --expose-gc walk-profiles.mjs
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { createKlaviyo } from 'klaviyo-storefront/server';
import { fastClock } from './fast-clock.mjs';

const TOTAL = 100_000;

// In a thread of its own, so that its memory is not ours: pages of a hundred profiles of one kilobyte.
const server = new Worker(
  `const { createServer } = require('node:http');
  const { parentPort } = require('node:worker_threads');
  const profile = (n) => ({
    type: 'profile', id: 'P' + n,
    attributes: {
      email: 'p' + n + '@lovelace.shop', first_name: 'Ada', last_name: 'Lovelace',
      created: '2026-01-01T00:00:00+00:00', updated: '2026-01-01T00:00:00+00:00',
      properties: { Notes: String(n).padEnd(900, 'x') },
    },
  });
  createServer((request, response) => {
    const from = Number(new URL(request.url, 'http://x').searchParams.get('page[cursor]') ?? 0);
    const data = Array.from({ length: 100 }, (_, n) => profile(from + n));
    const next = from + 100 < ${TOTAL} ? 'http://x/api/profiles?page%5Bcursor%5D=' + (from + 100) : null;
    response.setHeader('content-type', 'application/vnd.api+json');
    response.end(JSON.stringify({ data, links: { next } }));
  }).listen(0, '127.0.0.1', function () { parentPort.postMessage(this.address().port); });`,
  { eval: true },
);
const [port] = await once(server, 'message');
const apiHost = `http://127.0.0.1:${port}`;
const { env } = fastClock(100);
const klaviyo = createKlaviyo({ privateKey: `pk_${'0'.repeat(34)}`, apiHost, env });

const heapsMb = [];
let count = 0;
for await (const { id } of klaviyo.profiles.iterate()) {
  if (id === undefined) throw new Error('A profile has an id.');
  count += 1;
  if (count % 10_000 === 0) {
    globalThis.gc();
    heapsMb.push(process.memoryUsage().heapUsed / 1e6);
  }
}
console.log(JSON.stringify({ count, heapsMb }));
await server.terminate();
