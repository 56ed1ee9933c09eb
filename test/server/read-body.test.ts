import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { ORDER_MAX_BYTES } from '../../src/server/limits.js';
import { readBody } from '../../src/server/read-body.js';
import { createPrivateKlaviyo } from '../helpers/fake-private-klaviyo.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const requestOf = (body: ReadableStream<Uint8Array>, headers: Record<string, string> = {}) =>
  new Request('http://shop.test/orders', {
    ...{ method: 'POST', headers, body },
    ...({ duplex: 'half' } as object),
  });

it('a body that comes byte by byte takes no more memory than it has bytes', async () => {
  const { env } = createPrivateKlaviyo();
  const count = 200_000;
  let sent = 0;
  let heldBytes = 0;
  collect();
  const beforeBytes = process.memoryUsage().heapUsed;
  const body = new ReadableStream<Uint8Array>({
    pull(to) {
      sent += 1;
      to.enqueue(Uint8Array.of(sent % 251));
      if (sent < count) return;
      collect();
      heldBytes = process.memoryUsage().heapUsed - beforeBytes;
      to.close();
    },
  });
  const bytes = await readBody(requestOf(body), env);
  const whole = Uint8Array.from({ length: count }, (_, index) => (index + 1) % 251);
  expect(Buffer.compare(Buffer.from(bytes), whole)).toBe(0);
  expect(heldBytes).toBeLessThan(10 * count);
});

it('a body that is longer than was declared, as a proxy may make it, is too large all the same', async () => {
  const { env } = createPrivateKlaviyo();
  const body = new Blob(['x'.repeat(ORDER_MAX_BYTES + 1)]).stream();
  const read = await readBody(requestOf(body, { 'content-length': '10' }), env);
  expect(read === 'large').toBe(true);
});
