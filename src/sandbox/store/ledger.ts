import type { Happening, RecordedRequest } from '../records.js';
import { createEvents } from './events.js';
import { createJobs } from './jobs.js';
import { createLists } from './lists.js';
import { createMetrics } from './metrics.js';
import { createPending } from './pending.js';
import { createProfiles, type Profile } from './profiles.js';

/** Everything the sandbox has recorded, and who is told about it. */
export function createLedger() {
  const events = createEvents();
  const metrics = createMetrics();
  const lists = createLists();
  const jobs = createJobs();
  const pending = createPending();
  const profiles = createProfiles((from, into) => {
    events.move(into.companyId, from.id, into.id);
    lists.replaceMember(from, into);
  });
  let requests: { arrival: number; record: RecordedRequest }[] = [];
  let lastArrival = 0;
  const listeners = new Set<(happening: Happening) => void>();
  const watchers = new Set<() => void>();

  /** @param happening made only when somebody listens: a copy of a profile costs more than recording it */
  function tell(happening: () => Happening): void {
    for (const watcher of watchers) watcher();
    if (listeners.size === 0) return;
    const told = happening();
    for (const listener of listeners) listener(told);
  }

  /** Takes a number on arrival: a request that is answered late is still listed where it came in. */
  function arrive(): number {
    lastArrival += 1;
    return lastArrival;
  }

  function addRequest(arrival: number, record: RecordedRequest): void {
    // Nearly always the last one, so it is looked for from the end: there may be a hundred thousand.
    let position = requests.length;
    while (position > 0 && (requests[position - 1]?.arrival ?? 0) > arrival) position -= 1;
    requests.splice(position, 0, { arrival, record });
    tell(() => ({ kind: 'request', record }));
  }

  return {
    events,
    profiles,
    metrics,
    lists,
    jobs,
    pending,
    arrive,
    addRequest,
    listRequests: (): RecordedRequest[] => requests.map(({ record }) => ({ ...record })),
    get requestCount() {
      return requests.length;
    },
    tell,
    tellProfile: (profile: Profile) =>
      tell(() => ({ kind: 'profile', record: profiles.toRecord(profile) })),
    /** Tells what happens as it happens. Returns its own unsubscribe. */
    onHappening(listener: (happening: Happening) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** Tells that something has happened, not what. Returns its own unsubscribe. */
    onChange(watcher: () => void): () => void {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    clear() {
      events.clear();
      profiles.clear();
      metrics.clear();
      lists.clear();
      jobs.clear();
      pending.clear();
      requests = [];
    },
  };
}

export type Ledger = ReturnType<typeof createLedger>;
