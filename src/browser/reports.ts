/** What the client tells its listeners. */

/** Why an event was given up. There are no other reasons. */
export type DropReason =
  /** Klaviyo refused it; `detail` holds its words. */
  | 'rejected'
  /** Older than `maxAgeMs`. */
  | 'expired'
  /** The queue was full; the oldest goes first. */
  | 'evicted'
  /** It could not be a Klaviyo event; `detail` says why. */
  | 'invalid'
  /** The visitor refused. */
  | 'consent';

/**
 * Why nothing is being sent for now: no answer, a 429, a 5xx, or `denied` (401, 403 or 410: the company
 * id, the API host or an access rule is wrong).
 */
export type PauseReason = 'network' | 'throttled' | 'server' | 'denied';

/** Names an event, or a profile update, which has no `metric`. */
export interface EventReport {
  uniqueId: string;
  metric?: string | undefined;
}

/** What an event is called in reports, and nothing else of it. */
export const nameOf = ({ uniqueId, metric }: EventReport): EventReport => ({ uniqueId, metric });

/** Events of `client.on`, each with what its listener gets. */
export interface Reports {
  /** Stored: it will outlive the page, unless `inspect().storage` is `memory`. */
  queued: EventReport;
  /** Klaviyo answered 2xx. */
  delivered: EventReport;
  dropped: EventReport & { reason: DropReason; detail?: string | undefined };
  /** Nothing is sent until `untilAt` (epoch ms), in any tab. Said again when it becomes longer. */
  paused: { untilAt: number; reason: PauseReason };
  /** A flush ended: how many it delivered, how many wait. */
  flushed: { delivered: number; remaining: number };
}

export type Listener<N extends keyof Reports> = (report: Reports[N]) => void;
export type Report = <N extends keyof Reports>(name: N, report: Reports[N]) => void;

export const createReports = () => {
  let listeners: [string, (report: never) => void][] = [];
  const counters = { queued: 0, delivered: 0, dropped: 0 };
  return {
    counters,
    on: <N extends keyof Reports>(name: N, listener: Listener<N>): (() => void) => {
      const entry: [string, (report: never) => void] = [name, listener];
      listeners = [...listeners, entry];
      return () => {
        listeners = listeners.filter((other) => other !== entry);
      };
    },
    report: (<N extends keyof Reports>(name: N, report: Reports[N]) => {
      if (name in counters) counters[name as keyof typeof counters]++;
      for (const [wanted, listener] of listeners) {
        try {
          if (wanted === name) listener(report as never);
        } catch (error) {
          // The page's own mistake: shown as one, without silencing the other listeners.
          reportError(error);
        }
      }
    }) as Report,
  };
};
