// Orders over kept-alive sockets, signed and written down before the clock starts: the client shares this
// machine with the server, so it does as little as it can.
import { createHmac } from 'node:crypto';
import { connect } from 'node:net';

const key = Buffer.alloc(32, 7);
export const secret = `whsec_${key.toString('base64')}`;

const item = (id) => ({
  ...{ id: `${id}`, sku: `SKU-${id}`, name: `Product ${id}`, quantity: 1, price: 19.99 },
  ...{ url: `https://shop.test/p/${id}`, imageUrl: `https://shop.test/p/${id}.jpg` },
});

/** One request of an order of two lines: three events. */
export function requestOf(id) {
  const body = JSON.stringify({
    ...{ id, total: 39.98, currency: 'EUR', items: [item(17), item(18)] },
    customer: { email: `${id}@shop.test-mail.net`, firstName: 'Ada' },
  });
  const timestamp = String(Math.floor(Date.now() / 1000));
  const mac = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return Buffer.from(
    'POST /orders HTTP/1.1\r\nhost: shop.test\r\ncontent-type: application/json\r\n' +
      `webhook-id: ${id}\r\nwebhook-timestamp: ${timestamp}\r\nwebhook-signature: v1,${mac}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** Sends them all, one at a time on each connection; resolves with the ms it took. */
export async function sendAll(port, requests, connections) {
  let next = 0;
  const startedAt = performance.now();
  const lane = () =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      const send = () => {
        const request = requests[next++];
        if (request) socket.write(request);
        else socket.end(resolve);
      };
      socket.setNoDelay(true);
      socket.on('connect', send);
      socket.on('error', reject);
      let heard = '';
      socket.on('data', (bytes) => {
        heard += bytes.toString('latin1');
        // Head and body come together or not; the body of a receipt ends in }.
        if (!heard.endsWith('}')) return;
        if (!heard.startsWith('HTTP/1.1 202')) return reject(new Error(heard.slice(0, 200)));
        heard = '';
        send();
      });
    });
  await Promise.all(Array.from({ length: connections }, lane));
  return performance.now() - startedAt;
}
