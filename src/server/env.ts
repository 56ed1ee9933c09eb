/** The one door to the platform, as in `browser/env.ts`: a test replaces this value and nothing else. */
export interface ServerEnv {
  /** Epoch ms. For what is stored or shown. */
  now(): number;
  /** Ms since some moment; never set back. For how long something takes. */
  elapsed(): number;
  /** A number in [0, 1). */
  random(): number;
  uuid(): string;
  fetch: typeof fetch;
  /**
   * Calls `task` after `delayMs`; returns its cancellation. Keeps no process alive, unless it `holds` it:
   * somebody awaits what comes after.
   */
  after(delayMs: number, task: () => void, holds?: boolean): () => void;
}

export const serverEnv = (): ServerEnv => ({
  now: Date.now,
  elapsed: () => performance.now(),
  random: Math.random,
  uuid: () => crypto.randomUUID(),
  fetch: (url, init) => fetch(url, init),
  after: (delayMs, task, holds = false) => {
    const timer = setTimeout(task, delayMs);
    // Other runtimes number their timers.
    if (typeof timer === 'object' && !holds) timer.unref();
    return () => clearTimeout(timer);
  },
});
