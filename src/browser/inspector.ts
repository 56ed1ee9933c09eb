/** A snapshot for QA. */
import type { Identity } from './identity.js';
import type { Journal } from './journal.js';
import type { Consent, Settings } from './options.js';
import type { Queue } from './queue.js';
import { SINGLE } from './queued-event.js';
import type { Pause, Throttle } from './throttle.js';

/** What `client.inspect()` resolves to. Holds nothing personal. */
export interface Inspection {
  companyId: string;
  consent: Consent;
  identity: 'none' | 'anonymous' | 'identified';
  /** Where events are stored: `memory` where neither IndexedDB nor localStorage takes them. */
  storage: 'indexeddb' | 'localstorage' | 'memory';
  /** Every event stored by any tab, in the order of tracking. */
  queue: {
    uniqueId: string;
    /** Absent for a profile update. */
    metric?: string | undefined;
    /** Epoch ms. */
    createdAt: number;
    attempts: number;
    /** Waits until the visitor is identified. */
    held: boolean;
    /** The frozen batch it belongs to; absent for what goes out on its own. */
    batch?: string | undefined;
  }[];
  /** Of the queue. What has failed five times waits in a pause of its own, which is not shown. */
  pause: Pause | undefined;
  /** Since this client was created. */
  counters: { queued: number; delivered: number; dropped: number };
}

export const inspect = async (parts: {
  settings: Settings;
  state: () => Consent;
  identity: Identity;
  queue: Queue;
  journal: Journal;
  throttle: Throttle;
  counters: Inspection['counters'];
}): Promise<Inspection> => {
  const { settings, identity, queue, journal, throttle, counters } = parts;
  const consent = parts.state();
  const isGranted = consent === 'granted';
  const records = isGranted ? await journal.list() : [];
  const isKnown = identity.isIdentified() ? 'identified' : 'anonymous';
  return {
    companyId: settings.companyId,
    consent,
    identity: isGranted ? isKnown : 'none',
    storage: queue.kind(),
    queue: records.map(({ uniqueId, metric, createdAt, attempts, batch, anonymousId, who }) => ({
      uniqueId,
      metric,
      createdAt,
      attempts,
      held: settings.anonymous === 'hold' && !attempts && !identity.resolve(anonymousId, who),
      batch: batch === SINGLE ? undefined : batch,
    })),
    pause: throttle.pause(),
    counters: { ...counters },
  };
};
