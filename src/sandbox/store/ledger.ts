import type { Happening, RecordedDelivery, RecordedRequest } from '../records.js';
import { createCampaigns } from './campaigns.js';
import { createEvents, type StoredEvent } from './events.js';
import { createFlows } from './flows.js';
import { createJobs } from './jobs.js';
import { createLists } from './lists.js';
import { createMetrics, type Metric } from './metrics.js';
import { createPending } from './pending.js';
import { createProfiles, type Profile } from './profiles.js';
import { createSegments } from './segments.js';
import { createWebhooks } from './webhooks.js';

/** Everything the sandbox has recorded, and who is told about it. */
export function createLedger() {
  const events = createEvents();
  const metrics = createMetrics();
  const lists = createLists();
  const segments = createSegments();
  const campaigns = createCampaigns();
  const flows = createFlows();
  const webhooks = createWebhooks();
  const jobs = createJobs();
  const pending = createPending();
  const profiles = createProfiles((from, into) => {
    events.move(into.companyId, from.id, into.id);
    lists.replaceMember(from, into);
    segments.replaceMember(from, into);
  });
  let requests: { arrival: number; record: RecordedRequest }[] = [];
  let deliveries: RecordedDelivery[] = [];
  let lastArrival = 0;
  const listeners = new Set<(happening: Happening) => void>();
  const watchers = new Set<() => void>();
  const eventListeners = new Set<(event: StoredEvent, metric: Metric) => void>();

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

  /** Notes that an event was recorded. */
  function tellEvent(event: StoredEvent, metric: Metric): void {
    tell(() => ({ kind: 'event', record: { ...event.record } }));
    for (const listener of eventListeners) listener(event, metric);
  }

  function addDelivery(delivery: RecordedDelivery): void {
    deliveries.push(delivery);
    tell(() => ({ kind: 'delivery', record: { ...delivery } }));
  }

  return {
    events,
    profiles,
    metrics,
    lists,
    segments,
    campaigns,
    flows,
    webhooks,
    jobs,
    pending,
    arrive,
    addRequest,
    listRequests: (): RecordedRequest[] => requests.map(({ record }) => ({ ...record })),
    get requestCount() {
      return requests.length;
    },
    addDelivery,
    listDeliveries: (): RecordedDelivery[] => deliveries.map((delivery) => ({ ...delivery })),
    tell,
    tellEvent,
    tellProfile: (profile: Profile) =>
      tell(() => ({ kind: 'profile', record: profiles.toRecord(profile) })),
    /** Tells what happens as it happens. Returns its own unsubscribe. */
    onHappening(listener: (happening: Happening) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** Tells of each event that is recorded, as it is kept. */
    onEvent(listener: (event: StoredEvent, metric: Metric) => void): void {
      eventListeners.add(listener);
    },
    /** Tells that something has happened, not what. Returns its own unsubscribe. */
    onChange(watcher: () => void): () => void {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    clear() {
      const people = [events, profiles, metrics, lists, segments, jobs, pending];
      for (const store of [...people, campaigns, flows, webhooks]) store.clear();
      requests = [];
      deliveries = [];
    },
  };
}

export type Ledger = ReturnType<typeof createLedger>;
