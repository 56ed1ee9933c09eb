import type { ServerEnv } from './env.js';
import { BODY_TIMEOUT_MS, ORDER_MAX_BYTES } from './limits.js';

type Bytes = Uint8Array<ArrayBuffer>;

/** Somebody else has read the body. The message is for the log: the sender can't do anything about it. */
export class BodyReadError extends Error {
  override readonly name = 'BodyReadError';
  constructor() {
    super('the body was read before it came here: mount the handler before any body parser');
  }
}

// What a body is gathered in, at first. Its pieces are not kept: a sender may make each of a single byte, and
// then they take hundreds of times what they hold.
const FIRST_BYTES = 16_384;

/** Of a length nobody has declared, so it may never end. */
async function readStream(
  body: ReadableStream<Uint8Array>,
  late: Promise<'slow'>,
  maxBytes: number,
): Promise<Bytes | 'large' | 'slow'> {
  const reader = body.getReader();
  // What is still coming is of no use; that it may already be over is no matter.
  const cancel = () => void reader.cancel().catch(() => undefined);
  let isLate = false;
  // Once for all pieces. It ends the read that waits.
  void late.then(() => {
    isLate = true;
    cancel();
  });
  let whole = new Uint8Array(FIRST_BYTES);
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (isLate) return 'slow';
    if (done) return whole.subarray(0, bytes);
    const from = bytes;
    bytes += value.length;
    if (bytes > maxBytes) {
      cancel();
      return 'large';
    }
    if (bytes > whole.length) {
      const larger = new Uint8Array(Math.max(bytes, 2 * whole.length));
      larger.set(whole.subarray(0, from));
      whole = larger;
    }
    whole.set(value, from);
  }
}

/** The platform reads no more than was declared, and on Node does it without a stream, at a third of the cost. */
async function readWhole(
  request: Request,
  declaredBytes: number,
  late: Promise<'slow'>,
  maxBytes: number,
): Promise<Bytes | 'large' | 'slow'> {
  const whole = request.arrayBuffer();
  whole.catch(() => undefined);
  const buffer = await Promise.race([whole, late]);
  if (buffer === 'slow') return buffer;
  if (buffer.byteLength === 0 && declaredBytes > 0) throw new BodyReadError();
  // What stands between may have unpacked it, and left the length as it was.
  if (buffer.byteLength > maxBytes) return 'large';
  return new Uint8Array(buffer);
}

/** The body's bytes, or why there are none: `large`, `slow`, or `broken` off by its sender. */
export async function readBody(
  request: Request,
  env: ServerEnv,
  maxBytes = ORDER_MAX_BYTES,
): Promise<Bytes | 'large' | 'slow' | 'broken'> {
  const declared = request.headers.get('content-length');
  if (Number(declared) > maxBytes) return 'large';
  if (request.bodyUsed) throw new BodyReadError();
  let cancelTimer = (): void => undefined;
  const late = new Promise<'slow'>((resolve) => {
    cancelTimer = env.after(BODY_TIMEOUT_MS, () => resolve('slow'));
  });
  try {
    if (declared !== null) return await readWhole(request, Number(declared), late, maxBytes);
    return request.body ? await readStream(request.body, late, maxBytes) : new Uint8Array(0);
  } catch (error) {
    // The one that platforms throw for a body that is used up.
    const isUsed = error instanceof TypeError && /unusable|already read/i.test(error.message);
    if (isUsed || error instanceof BodyReadError) throw new BodyReadError();
    return 'broken';
  } finally {
    cancelTimer();
  }
}
