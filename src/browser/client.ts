import type { Track, TrackedEvent, TrackOptions } from '../shared/event.js';
import { isPhoneNumber, type Profile } from '../shared/profile.js';
import { attempt } from './attempt.js';
import { composeEvent } from './compose-event.js';
import { createConsent } from './consent.js';
import type { Env } from './env.js';
import { createFlusher } from './flush.js';
import { createIdentity } from './identity.js';
import { type Inspection, inspect } from './inspector.js';
import { createJournal } from './journal.js';
import { createLock } from './lock.js';
import type { Consent, Settings } from './options.js';
import { createProfileUpdates } from './profile-updates.js';
import { createQueue } from './queue.js';
import { type QueuedEvent, SINGLE } from './queued-event.js';
import { createReports, type EventReport, type Listener, type Reports } from './reports.js';
import { createSpill } from './spill.js';
import { createThrottle } from './throttle.js';
import { createTransport } from './transport.js';

/** A storefront's connection to Klaviyo. None of its methods throws or rejects. */
export interface Client {
  /**
   * Says who the visitor is, and what is known of them. Calls close together become one request; a call
   * that changes nothing sends nothing. An email (or external id) other than the known one starts a new
   * identity: what is queued keeps the old one.
   * @returns the update's id once it is durable, `undefined` when there was nothing to send. While consent
   * is pending it waits.
   */
  identify(profile: Profile): Promise<string | undefined>;
  /** Keeps an event and sends it when it can. While consent is pending the promise waits. */
  track: Track;
  /** Sends what may be sent now; a pause is respected. Resolves when that is over. */
  flush(): Promise<void>;
  /** Logout: the next event belongs to somebody else. What is queued keeps its identity. */
  reset(): Promise<void>;
  /** Says what the visitor allows. `denied` wipes everything stored; resolves when it is wiped. */
  consent(state: Consent): Promise<void>;
  /** Whether any identifier of the visitor is known. */
  isIdentified(): boolean;
  /** Calls `listener` on every such report; returns its unsubscribe. */
  on<N extends keyof Reports>(name: N, listener: Listener<N>): () => void;
  /** A snapshot for QA: queue, pause, identity, storage, counters. */
  inspect(): Promise<Inspection>;
  /** Stops: sends what can be sent, leaves the rest stored for the next client, listens to nothing more. */
  close(): Promise<void>;
}

/** The client of one page on a given platform. */
export const createClientOn = (env: Env, settings: Settings, onClose: () => void): Client => {
  const prefix = `klaviyo-storefront:${settings.companyId}`;
  const identityKey = `${prefix}:identity`;
  const refusalKey = `${prefix}:refused`;
  const warn = settings.debug ? env.warn : undefined;
  const { report, on, counters } = createReports();
  const { state, isGranted, set, admit, settle } = createConsent(env, settings, report);
  const identity = createIdentity(env, prefix, settings.companyId);
  const throttle = createThrottle(env, `${prefix}:pause`);
  const spill = createSpill(env, `${prefix}:event:`);
  const queue = createQueue(env, prefix, spill.write);
  const lock = createLock(env, `${prefix}:flush`);
  const journal = createJournal(env, queue, spill, lock);
  const transport = createTransport(env, settings);

  let cancelTimer = (): void => undefined;
  let sinceFlush = 0;
  let lastKeyAt = 0;
  let isActive = false;

  const schedule = (delayMs: number): void => {
    cancelTimer();
    cancelTimer = env.after(delayMs, flush);
  };
  /** Visitors who all see the same moment (a page load, the network coming back) do not all send in it. */
  const scheduleSoon = (): void => schedule(env.random() * settings.flushIntervalMs);
  const flush = async (): Promise<void> => {
    cancelTimer();
    sinceFlush = 0;
    if (isGranted()) await flusher.flush();
  };
  const parts = { env, settings, journal, identity, throttle, lock, transport, report, counters };
  const flusher = createFlusher({ ...parts, isGranted, schedule });

  const keep = async (
    name: EventReport,
    at: number,
    data: string,
    batch?: string,
  ): Promise<string> => {
    // Never backwards, so that a clock put back does not change the order.
    lastKeyAt = Math.max(at, lastKeyAt + 1);
    const record: QueuedEvent = {
      ...name,
      key: lastKeyAt.toString(36).padStart(9, '0') + env.uuid(),
      data,
      createdAt: at,
      anonymousId: identity.anonymousId(),
      who: identity.who(),
      owner: '',
      attempts: 0,
      batch,
    };
    const stored = journal.add(record);
    schedule(++sinceFlush < settings.flushAt ? settings.flushIntervalMs : 0);
    await stored;
    report('queued', name);
    return name.uniqueId;
  };

  const track = async (
    first: string | TrackedEvent,
    properties?: Record<string, unknown>,
    options?: TrackOptions,
  ): Promise<string | undefined> => {
    const at = env.now();
    const event = composeEvent(first, properties, options, at, env.uuid, warn);
    if (typeof event === 'string') {
      warn?.(`event dropped: ${event}`);
      report('dropped', { uniqueId: '', reason: 'invalid', detail: event });
      return undefined;
    }
    const { data, isOurs, ...name } = event;
    // An id of the shop's own may have been received before, from a reloaded page or from its server.
    return admit(name, () => keep(name, at, data, isOurs ? undefined : SINGLE));
  };

  const update = createProfileUpdates(identity, journal, (data, uniqueId) =>
    keep({ uniqueId }, env.now(), data),
  );
  const identify = async (profile: Profile): Promise<string | undefined> => {
    const name = { uniqueId: env.uuid() };
    const copy = attempt(() => JSON.parse(JSON.stringify({ ...profile })) as Profile);
    if (!copy) {
      report('dropped', { ...name, reason: 'invalid', detail: 'the profile is no JSON' });
      return undefined;
    }
    if (warn) {
      if (copy.phoneNumber && !isPhoneNumber(copy.phoneNumber)) {
        warn('phoneNumber is not E.164 (+4930123456): left out.');
      }
      if (/@(example|test)\.com$/i.test(copy.email ?? '')) {
        warn('Klaviyo drops addresses at example.com and test.com.');
      }
    }
    return admit(name, () => {
      const updated = update(copy, name.uniqueId);
      schedule(settings.flushIntervalMs);
      trackActive();
      return updated;
    });
  };

  /** "Active on Site", once a page view, when the visitor is known. */
  const trackActive = (): void => {
    if (!settings.activeOnSite || isActive || !identity.isIdentified()) return;
    isActive = true;
    // Without the query, which may hold an address.
    void track('Active on Site', { page: env.url().replace(/[?#].*/, '') });
  };

  const setConsent = async (wanted: Consent): Promise<void> => {
    const before = state();
    const now = set(wanted);
    if (now === before) return;
    if (now === 'granted') {
      // Whoever this is, and whatever earlier pages have left, may be read from here on.
      identity.load();
      const found = identity.arrive();
      if (found) void identify(found);
      trackActive();
      scheduleSoon();
    }
    if (now === 'denied') {
      // Tells the other tabs; the wipe takes it away again.
      env.local.write(refusalKey, 1);
      for (const { uniqueId, metric } of journal.own.values()) {
        report('dropped', { uniqueId, metric, reason: 'consent' });
      }
    }
    if (now !== 'pending') settle();
    if (now === 'denied') {
      const wiped = journal.clear();
      for (const key of env.local.keys(prefix)) env.local.remove(key);
      identity.forget();
      await wiped;
    }
  };

  const hide = (): void => {
    if (isGranted()) flusher.hide();
  };
  const unlisten = env.listen({
    // visibilitychange first: Firefox loses requests sent from pagehide when a tab is closed (13 of 36
    // arrived; 36 of 36 from here).
    visibilitychange: () => {
      if (env.hidden()) hide();
    },
    pagehide: hide,
    // Back from the back/forward cache is a new page view, and other pages have been at the queue.
    pageshow: (event) => {
      if (!(event as PageTransitionEvent).persisted) return;
      isActive = false;
      if (isGranted()) identity.load();
      trackActive();
      scheduleSoon();
    },
    online: () => {
      throttle.online();
      scheduleSoon();
    },
    storage: (event) => {
      const { key, newValue } = event as StorageEvent;
      if (!newValue) return;
      if (key === refusalKey) void setConsent('denied');
      // Another tab has learned who this is: what was held may go.
      if (key === identityKey && isGranted()) {
        const before = identity.isIdentified() ? '' : identity.anonymousId();
        identity.load();
        journal.rename(before, identity.anonymousId());
        scheduleSoon();
      }
    },
  });

  void setConsent(settings.consent);

  return {
    identify,
    track: track as Track,
    flush,
    reset: async () => {
      await admit({ uniqueId: '' }, () => identity.reset());
    },
    consent: setConsent,
    isIdentified: identity.isIdentified,
    on,
    inspect: () => inspect({ ...parts, consent: state(), queue }),
    close: async () => {
      cancelTimer();
      unlisten();
      hide();
      set('denied');
      onClose();
    },
  };
};
