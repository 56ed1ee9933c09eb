/**
 * The pause that Klaviyo asked for, or that our own backoff set. In localStorage, so that it holds in
 * every tab and on the next page.
 */
import { backoffMs } from '../shared/backoff.js';
import { DENIED_PAUSE_MS, PAUSE_MAX_MS } from '../shared/limits.js';
import type { Env } from './env.js';
import type { PauseReason } from './reports.js';

export interface Pause {
  untilAt: number;
  reason: PauseReason;
  /** Failures in a row. */
  failures: number;
}

interface Stored extends Pause {
  setAt: number;
}

export const createThrottle = (env: Env, storageKey: string) => {
  // Where nothing can be stored the pause still holds in this page.
  let memory: Stored | undefined;

  const read = (): Stored | undefined => {
    const stored = env.local.read<Stored>(storageKey);
    // Whatever else is stored there is no pause.
    if ([stored?.untilAt, stored?.setAt, stored?.failures].every(Number.isFinite)) memory = stored!;
    return memory;
  };
  const clear = (): void => {
    memory = undefined;
    env.local.remove(storageKey);
  };
  const pause = (): Stored | undefined => {
    const stored = read();
    const now = env.now();
    // Before setAt: the device clock was put back. Waiting for the old one to come round could take years.
    return stored &&
      now < stored.untilAt &&
      now >= stored.setAt &&
      stored.untilAt - stored.setAt <= PAUSE_MAX_MS
      ? stored
      : undefined;
  };

  return {
    /** The pause in force, or undefined. */
    pause: pause as () => Pause | undefined,
    /**
     * Sets a pause after a failure. A 429 of 5 s with ten requests under way is one failure.
     * @param attempts failures in a row that an event knows of
     */
    fail: (reason: PauseReason, retryAfterMs: number, attempts = 0): Pause => {
      const current = pause();
      const now = env.now();
      const failures = Math.max(attempts, (memory?.failures ?? 0) + (current ? 0 : 1));
      memory = {
        untilAt: Math.max(
          now + backoffMs(failures, env.random()),
          // Spread over as long again: see CONCURRENCY in limits.ts.
          now + retryAfterMs * (1 + env.random()),
          reason === 'denied' ? now + DENIED_PAUSE_MS : 0,
          current?.untilAt ?? 0,
        ),
        // Only our own backoff may be cut short, so a lost connection does not rename another pause.
        reason: current && reason === 'network' ? current.reason : reason,
        setAt: now,
        failures,
      };
      env.local.write(storageKey, memory);
      return memory;
    },
    /** After a delivery. One that was under way when a pause began does not end it. */
    succeed: (): void => {
      if (!pause()) clear();
    },
    /** Back online: ends our own backoff, never a pause that Klaviyo asked for. */
    online: (): void => {
      if (read()?.reason === 'network') clear();
    },
    /** Of the latest pause, if nothing has been delivered since, in any tab. */
    reason: () => read()?.reason,
  };
};

export type Throttle = ReturnType<typeof createThrottle>;
