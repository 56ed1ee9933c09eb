import { type Answer, refuse } from './api-error.js';
import type { Endpoint } from './endpoints.js';
import type { IncomingEvent, IncomingGroup, IncomingProfile } from './incoming.js';
import { readGroups, readSubscription } from './incoming.js';
import { droppedDomains } from './limits.js';
import type { ResolvedOptions } from './options.js';
import type { ConsentKind } from './records.js';
import type { Arrival } from './store/events.js';
import type { Ledger } from './store/ledger.js';
import type { Profile } from './store/profiles.js';
import { createSubscriber } from './store/subscriber.js';

interface Located extends IncomingGroup {
  arrival: Arrival;
  /** The domain that Klaviyo drops what is sent about, when it is one. */
  droppedDomain: string | undefined;
}

const bulk: readonly Endpoint[] = ['event-bulk-create', 'api/event-bulk-create-jobs'];

/** Records what a request that passed every check says, by the rules on a repeated unique_id. */
export function createRecorder(options: () => ResolvedOptions, ledger: Ledger) {
  const subscriber = createSubscriber(options, ledger);

  function record(endpoint: Endpoint, companyId: string, body: unknown): Answer {
    const receivedAt = options().now();
    const groups = readGroups(endpoint, body).map((group) =>
      locate(group, { companyId, endpoint, receivedAt }),
    );
    const kept = groups.filter(({ droppedDomain }) => droppedDomain === undefined);
    if (kept.length === 0 && groups[0]) return accepted(`dropped: ${groups[0].droppedDomain}`);
    if (bulk.includes(endpoint)) {
      const refused = refuseRepeated(kept);
      if (refused) return refused;
    }
    let copies = 0;
    for (const { profile: incoming, events, arrival } of kept) {
      const profile = ledger.profiles.upsert(companyId, incoming, receivedAt);
      if (endpoint === 'subscriptions' || endpoint === 'back-in-stock-subscriptions') {
        noteSubscription(profile, incoming, body, { companyId, endpoint, receivedAt });
      }
      ledger.tellProfile(profile);
      const known = { ...arrival, profileId: profile.id };
      for (const event of events) {
        if (countCopy(event, known)) copies += 1;
        else recordEvent(event, known, profile);
      }
    }
    return accepted(copies > 0 ? `discarded: ${copies} recorded before` : undefined);
  }

  function noteSubscription(
    profile: Profile,
    person: IncomingProfile,
    body: unknown,
    { companyId, endpoint, receivedAt }: Omit<Arrival, 'profileId'>,
  ): void {
    const subscription = readSubscription(body);
    const { channels, listId, customSource: source } = subscription;
    profile.subscriptions.push({ endpoint, ...subscription, receivedAt });
    if (endpoint !== 'subscriptions') return;
    subscriber.consent(profile, {
      ...{ companyId, person, source, endpoint, receivedAt, isHistorical: false },
      consents: channels.map((kind) => ({ kind: kind as ConsentKind })),
      // Here a list that is not there is taken as given: the client endpoint does not tell.
      list: listId === undefined ? undefined : ledger.lists.of(companyId).get(listId),
    });
  }

  function recordEvent(event: IncomingEvent, arrival: Arrival, profile: Profile): void {
    const { companyId, receivedAt } = arrival;
    const metric = ledger.metrics.named(companyId, event.metric, receivedAt);
    const stored = ledger.events.record(event, arrival, metric.id);
    profile.lastEventAt = Math.max(profile.lastEventAt ?? 0, stored.happenedAt);
    ledger.tellEvent(stored, metric);
  }

  function locate(group: IncomingGroup, at: Omit<Arrival, 'profileId'>): Located {
    const { identifiers } = group.profile;
    const known = ledger.profiles.find(at.companyId, identifiers);
    const domain = (identifiers.email ?? known?.email)?.split('@')[1];
    const isDropped = domain !== undefined && droppedDomains.includes(domain);
    return {
      ...group,
      // Somebody new has no id yet; what identifies them tells them apart until then.
      arrival: { ...at, profileId: known?.id ?? JSON.stringify(identifiers) },
      droppedDomain: isDropped ? domain : undefined,
    };
  }

  /** The bulk rule on a repeated unique_id, in the reading chosen; undefined when nothing stands in the way. */
  function refuseRepeated(groups: readonly Located[]): Answer | undefined {
    const rule = options().bulkDuplicates;
    if (rule === 'discard') return undefined;
    const members = groups.flatMap(({ events, arrival }, group) =>
      events.map((event, position) => ({ event, arrival, group, position })),
    );
    const within = ledger.events.repeatedWithin(members);
    const repeated = members.filter(
      ({ event, arrival }, index) => within.has(index) || ledger.events.findCopy(event, arrival),
    );
    const [first] = repeated;
    if (!first) return undefined;
    if (rule === 'refuse') {
      const errors = repeated.map(({ arrival, group, position }) => ({
        detail: "'unique_id' is repeated for the same profile and metric.",
        source: { pointer: pointerOf(arrival.endpoint, group, position) },
      }));
      return refuse(400, errors);
    }
    for (const { event, arrival } of repeated) countCopy(event, arrival);
    return accepted(`failed: ${repeated.length} with a repeated unique_id, no event recorded`);
  }

  /** Whether the event repeats a recorded one, which then counts it. */
  function countCopy(event: IncomingEvent, arrival: Arrival): boolean {
    const recorded = ledger.events.findCopy(event, arrival);
    if (!recorded) return false;
    recorded.duplicates += 1;
    ledger.tell(() => ({ kind: 'duplicate', record: { ...recorded } }));
    return true;
  }

  return { record };
}

export type Recorder = ReturnType<typeof createRecorder>;

function pointerOf(endpoint: Endpoint, group: number, position: number): string {
  const events =
    endpoint === 'event-bulk-create'
      ? '/data/attributes/events'
      : `/data/attributes/events-bulk-create/data/${group}/attributes/events`;
  return `${events}/data/${position}/attributes/unique_id`;
}

function accepted(error: string | undefined): Answer {
  return { status: 202, headers: {}, body: '', ...(error !== undefined && { error }) };
}
