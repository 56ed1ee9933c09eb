/**
 * Hears of a signal's end with one listener for each signal, however many wait for it: from the eleventh on Node warns
 * of a leak, and a signal for a thousand calls is none.
 */
const stopsOf = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `stop` once, when the signal says so. Returns its cancellation. */
export function onAbort(signal: AbortSignal | undefined, stop: () => void): () => void {
  if (!signal) return () => undefined;
  const stops = stopsOf.get(signal) ?? new Set();
  if (!stopsOf.has(signal)) {
    stopsOf.set(signal, stops);
    const end = () => {
      for (const each of stops) each();
    };
    signal.addEventListener('abort', end, { once: true });
  }
  stops.add(stop);
  return () => {
    stops.delete(stop);
  };
}
