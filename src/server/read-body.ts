import type { ServerEnv } from './env.js';
import { BODY_TIMEOUT_MS, ORDER_MAX_BYTES } from './limits.js';

type Bytes = Uint8Array<ArrayBuffer>;

function join(parts: Uint8Array[], bytes: number): Bytes {
  const whole = new Uint8Array(bytes);
  let from = 0;
  for (const part of parts) {
    whole.set(part, from);
    from += part.length;
  }
  return whole;
}

/** The body's bytes, or why there are none: `large`, `slow`, or `broken` off by its sender. */
export async function readBody(
  request: Request,
  env: ServerEnv,
  maxBytes = ORDER_MAX_BYTES,
): Promise<Bytes | 'large' | 'slow' | 'broken'> {
  if (Number(request.headers.get('content-length')) > maxBytes) return 'large';
  if (!request.body) return new Uint8Array(0);
  const reader = request.body.getReader();
  let cancelTimer = (): void => undefined;
  const late = new Promise<'slow'>((resolve) => {
    cancelTimer = env.after(BODY_TIMEOUT_MS, () => resolve('slow'));
  });
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
  } catch {
    return 'broken';
  } finally {
    cancelTimer();
    // What is still coming is of no use; that it may already be over is no matter.
    reader.cancel().catch(() => undefined);
  }
}
