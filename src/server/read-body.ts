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

function join(parts: Uint8Array[], bytes: number): Bytes {
  const whole = new Uint8Array(bytes);
  let from = 0;
  for (const part of parts) {
    whole.set(part, from);
    from += part.length;
  }
  return whole;
}

/** Of a length nobody has declared, so it may never end. */
async function readStream(
  body: ReadableStream<Uint8Array>,
  late: Promise<'slow'>,
  maxBytes: number,
): Promise<Bytes | 'large' | 'slow'> {
  const reader = body.getReader();
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const next = await Promise.race([reader.read(), late]);
      if (next === 'slow') return next;
      if (next.done) return join(parts, bytes);
      bytes += next.value.length;
      if (bytes > maxBytes) return 'large';
      parts.push(next.value);
    }
  } finally {
    // What is still coming is of no use; that it may already be over is no matter.
    reader.cancel().catch(() => undefined);
  }
}

/** The platform reads no more than was declared, and on Node does it without a stream, at a third of the cost. */
async function readWhole(
  request: Request,
  declaredBytes: number,
  late: Promise<'slow'>,
): Promise<Bytes | 'slow'> {
  const whole = request.arrayBuffer();
  whole.catch(() => undefined);
  const buffer = await Promise.race([whole, late]);
  if (buffer === 'slow') return buffer;
  if (buffer.byteLength === 0 && declaredBytes > 0) throw new BodyReadError();
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
    if (declared !== null) return await readWhole(request, Number(declared), late);
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
