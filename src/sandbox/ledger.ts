import { createEvents } from './events.js';
import { createProfiles } from './profiles.js';
import type { Happening, RecordedProfile, RecordedRequest } from './records.js';

/** Everything the sandbox has recorded, and who is told about it. */
export function createLedger() {
  const events = createEvents();
  const profiles = createProfiles(events.move);
  let requests: { arrival: number; record: RecordedRequest }[] = [];
  let lastArrival = 0;
  const listeners = new Set<(happening: Happening) => void>();

  function tell(happening: Happening): void {
    for (const listener of listeners) listener(happening);
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
    tell({ kind: 'request', record });
  }

  return {
    events,
    profiles,
    arrive,
    addRequest,
    listRequests: (): RecordedRequest[] => requests.map(({ record }) => ({ ...record })),
    tell,
    tellProfile: (profile: RecordedProfile) =>
      tell({ kind: 'profile', record: structuredClone(profile) }),
    /** Returns its own unsubscribe. */
    onHappening(listener: (happening: Happening) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    clear() {
      events.clear();
      profiles.clear();
      requests = [];
    },
  };
}

export type Ledger = ReturnType<typeof createLedger>;
