/**
 * The gate every call passes: what the visitor allows is what the shop says, unless the browser itself
 * has refused.
 */
import { PENDING_MAX } from '../shared/limits.js';
import type { Env } from './env.js';
import type { Consent, Settings } from './options.js';
import type { EventReport, Report } from './reports.js';

export const createConsent = (env: Env, settings: Settings, report: Report) => {
  let state: Consent = 'pending';
  const waiting: [metric: string | undefined, decide: (isEvicted?: boolean) => void][] = [];

  return {
    state: () => state,
    isGranted: () => state === 'granted',
    /** Returns what it comes to if that is a change; calls that wait are made by `settle`. */
    set: (wanted: Consent): Consent | undefined => {
      const before = state;
      // Neither a yes nor a no.
      if (!['granted', 'denied', 'pending'].includes(wanted)) return undefined;
      const isRefused = (settings.respectGpc && env.gpc()) || /\b__kla_off=true/.test(env.cookie());
      state = isRefused ? 'denied' : wanted;
      // Another tab may have been granted since: a refusal is always one.
      return state === before && wanted !== 'denied' ? undefined : state;
    },
    /**
     * Makes a call now, when consent is granted, or never. Resolves to its result. One without a name
     * is nothing that could be dropped.
     */
    admit: (
      name: EventReport,
      call: () => Promise<string | undefined> | undefined,
    ): Promise<string | undefined> =>
      new Promise((resolve) => {
        const decide = (isEvicted?: boolean): void => {
          if (state === 'granted') resolve(call());
          else {
            if (name.uniqueId) {
              report('dropped', { ...name, reason: isEvicted ? 'evicted' : 'consent' });
            }
            resolve(undefined);
          }
        };
        if (state !== 'pending') decide();
        else if (waiting.push([name.metric, decide]) > PENDING_MAX) {
          // The oldest event, and not who the visitor is.
          const at = waiting.findIndex(([metric]) => metric);
          waiting.splice(Math.max(at, 0), 1)[0]![1](true);
        }
      }),
    /** Makes the calls that have waited, or refuses them. */
    settle: (): void => {
      for (const [, decide] of waiting.splice(0)) decide();
    },
  };
};

export type ConsentGate = ReturnType<typeof createConsent>;
