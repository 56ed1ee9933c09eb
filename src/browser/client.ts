import type { Track, TrackedEvent, TrackOptions } from '../shared/event.js';
import type { Profile } from '../shared/profile.js';
import { type Composed, composeEvent } from './compose-event.js';
import { composeProfile } from './compose-profile.js';
import { createConsent } from './consent.js';
import type { Client } from './create-client.js';
import type { Env } from './env.js';
import { createFlusher } from './flush.js';
import { createIdentity } from './identity.js';
import { inspect } from './inspector.js';
import { createJournal } from './journal.js';
import { onLifecycle } from './lifecycle.js';
import { createLock } from './lock.js';
import type { Consent, Settings } from './options.js';
import { createProfileUpdates } from './profile-updates.js';
import { createQueue } from './queue.js';
import { createReports, nameOf } from './reports.js';
import { createSpill } from './spill.js';
import { createThrottle } from './throttle.js';
import { createTransport } from './transport.js';

/** The client of one page on a given platform. */
export const createClientOn = (env: Env, settings: Settings, onClose: () => void): Client => {
  const prefix = `klaviyo-storefront:${settings.companyId}`;
  const identityKey = `${prefix}:identity`;
  const refusalKey = `${prefix}:refused`;
  const warn = (message: string): void => {
    // A metric or a property may be named after somebody.
    if (settings.debug) env.warn(message.replace(/\S+@\S+|\d{11}/g, ''));
  };
  const { report, on, counters } = createReports();
  const { state, isGranted, set, admit, settle } = createConsent(env, settings, report);
  const identity = createIdentity(env, prefix, settings.companyId);
  const throttle = createThrottle(env, `${prefix}:pause`);
  const failing = createThrottle(env, `${prefix}:failing`);
  const spill = createSpill(env, `${prefix}:event:`);
  const queue = createQueue(
    env,
    prefix,
    // What is over by the time a write is given up stays over. Then nothing shows whether localStorage takes anything.
    (records) => {
      const left = records.filter(flusher.isUnfinished);
      return left[0] ? spill.write(left) : queue.kind() !== 'memory';
    },
    () => isGranted() || isClosed,
  );
  const lock = createLock(env, `${prefix}:flush`, isGranted);
  const journal = createJournal(env, queue, spill, lock);
  const transport = createTransport(env, settings);

  let cancelTimer: (() => void) | undefined;
  let sinceFlush = 0;
  let lastKeyAt = 0;
  let lastStored: Promise<unknown> | undefined;
  /** Tells the keys of pages apart that track in the same millisecond. */
  const page = env.uuid();
  let isActive = false;
  let isClosed = false;
  let wipes = 0;

  /** @param isLeast for what would be asked for anyway after any other flush */
  const schedule = (delayMs: number, isLeast?: boolean): void => {
    if (isLeast && cancelTimer) return;
    cancelTimer?.();
    cancelTimer = env.after(delayMs, flush);
  };
  /** Visitors who all see the same moment (a page load, the network coming back) do not all send in it. */
  const scheduleSoon = (): void => schedule(env.random() * settings.flushIntervalMs);
  const flush = (): Promise<void> => {
    cancelTimer?.();
    cancelTimer = undefined;
    lastStored = undefined;
    sinceFlush = 0;
    return flusher.flush();
  };
  const parts = {
    ...{ env, settings, journal, identity, throttle, failing, lock, transport, queue },
    ...{ report, counters, state, isGranted, schedule, isClosed: () => isClosed },
  };
  const flusher = createFlusher(parts);

  const keep = async (event: Composed): Promise<string | undefined> => {
    // Never backwards, so that a clock put back does not change the order.
    lastKeyAt = Math.max(event.createdAt, lastKeyAt + 1);
    const stored = journal.add({
      ...event,
      ...identity.current(),
      // Eight digits until 2059.
      key: lastKeyAt.toString(36) + page,
      owner: '',
      attempts: 0,
    });
    sinceFlush++;
    // The events of one task are stored together, and share one timer.
    if (stored !== lastStored || sinceFlush === settings.flushAt) {
      schedule(sinceFlush < settings.flushAt ? settings.flushIntervalMs : 0);
    }
    lastStored = stored;
    // What the page tracks in its own last moments comes after ours.
    if (env.hidden() || flusher.isLeft()) flusher.hide();
    const before = wipes;
    await stored;
    // Refused meanwhile.
    if (before !== wipes) return undefined;
    report('queued', nameOf(event));
    return event.uniqueId;
  };

  /** What cannot be an event or a profile. */
  const refuse = (detail: string): undefined => {
    warn(`dropped: ${detail}`);
    report('dropped', { uniqueId: '', reason: 'invalid', detail });
  };

  const track = async (
    first: string | TrackedEvent,
    properties?: Record<string, unknown>,
    options?: TrackOptions,
  ): Promise<string | undefined> => {
    const event = composeEvent(first, properties, options, env, warn);
    if (typeof event === 'string') return refuse(event);
    return admit(nameOf(event), () => keep(event));
  };

  const update = createProfileUpdates(identity, journal, (data, uniqueId) =>
    keep({ uniqueId, data, createdAt: env.now() }),
  );
  const identify = async (profile: Profile): Promise<string | undefined> => {
    const uniqueId = env.uuid();
    const copy = composeProfile(profile, warn);
    if (typeof copy === 'string') return refuse(copy);
    return admit({ uniqueId }, () => {
      const updated = update(copy, uniqueId);
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

  /** @param isTold another tab was asked, and has told all of them. */
  const setConsent = async (wanted: Consent, isTold?: boolean): Promise<void> => {
    if (isClosed) return;
    const wasGranted = isGranted();
    const now = set(wanted);
    if (now === 'granted') {
      // Whoever this is, and whatever earlier pages have left, may be read from here on.
      identity.load();
      void identify(identity.arrive());
      scheduleSoon();
      settle();
    }
    if (now === 'denied') {
      settle();
      wipes++;
      flusher.forget();
      // Where nothing was granted nothing is read either; and the tab that was asked reports for all.
      const left = wasGranted && !isTold ? journal.list() : [];
      const wiped = journal.clear();
      for (const key of env.local.keys(prefix)) env.local.remove(key);
      identity.forget();
      // Tells the other tabs: after the wipe, which has made room for it.
      if (!isTold) {
        env.local.write(refusalKey, 1);
        env.local.remove(refusalKey);
      }
      for (const event of await left) report('dropped', { ...nameOf(event), reason: 'consent' });
      await wiped;
    }
  };

  const resume = (): void => {
    flusher.restore();
    scheduleSoon();
  };
  const unlisten = onLifecycle(env, {
    hide: flusher.hide,
    leave: flusher.leave,
    resume,
    restore: () => {
      resume();
      isActive = false;
      if (isGranted() && identity.isLost()) {
        // Refused on a page after this one, which was not told: here it has to be said again.
        identity.forget();
        set('pending');
      }
      if (isGranted()) identity.load();
      trackActive();
    },
    online: () => {
      throttle.online();
      failing.online();
      scheduleSoon();
    },
    stored: (key, value) => {
      // Told late, when somebody has been granted since: then it is not said any more.
      if (key === refusalKey && !identity.isReplaced()) void setConsent('denied', true);
      // Another tab has learned who this is: what was held may go. Not before this page, if it was frozen,
      // has heard of a refusal in between.
      if (key === identityKey && isGranted() && value === JSON.stringify(env.local.read(key))) {
        const before = identity.isIdentified() ? '' : identity.current().anonymousId;
        identity.load();
        if (!identity.isPast(before)) journal.rename(before, identity.current().anonymousId);
        scheduleSoon();
      }
    },
  });

  void setConsent(settings.consent);

  return {
    identify,
    track: track as Track,
    flush,
    // Takes its turn among what waits for consent, but a logout does not wait for that.
    reset: async () => void admit({ uniqueId: '' }, identity.reset),
    consent: (wanted) => setConsent(wanted),
    isIdentified: identity.isIdentified,
    visitor: async () => (isGranted() ? identity.visitor() : undefined),
    on,
    inspect: () => inspect(parts),
    close: async () => {
      cancelTimer?.();
      unlisten();
      flusher.hide();
      set('denied');
      settle();
      isClosed = true;
      onClose();
    },
  };
};
