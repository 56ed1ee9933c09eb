/** What was tracked, what is promised about it, and whether that came true. */
import type { Consent, Settings } from '../../src/browser/options.js';
import type { DropReason } from '../../src/browser/reports.js';
import { PENDING_MAX } from '../../src/shared/limits.js';
import type { Origin } from '../helpers/fake-env.js';
import type { Poison } from './actions.js';
import type { Identity, Page } from './page.js';
import type { Refusal } from './watch.js';

export interface Entry {
  metric: string;
  /** An id of the shop's own may be tracked more than once. */
  isOwn: boolean;
  poison: Poison | undefined;
  page: Page;
  /** The device's clock then. */
  at: number;
  /** What its page knew of consent at the call, or since, if it had to wait. */
  state: Consent;
  /** Whom it may belong to: two pages may not know the same yet. */
  identities: Identity[];
  /** Promised to be kept: its promise resolved, or its page was told to go. */
  isKept: boolean;
  /** Refused after it was tracked. */
  isWiped: boolean;
  /** Its wipe was cut off, so nobody remembers whether it was sent, and it may be there still. */
  isCutOff?: boolean;
  /** Its own page was asked for that, and had it then. */
  isForgotten?: boolean;
  /** Gone with a refusal before the tab that was asked could see it: nobody reports it. */
  isLate: boolean;
}

/** An entry, and what the ledger itself keeps of it. */
interface Kept extends Entry {
  /** It may be in the queue, in whatever place. */
  isQueued: boolean;
  /** It was in there when a page refused: one that has not heard of that yet has to find room beside it. */
  isRefused: boolean;
  /** There was one time at which too many others had come after it: it is one to give up. */
  isSurplus: boolean;
  /** It may have been given up for that by a page that ended before it could say so. */
  isUnsaid: boolean;
  /** Reported as delivered by a page that died: a write of it that was tried again may have come after its removal. */
  isBack: boolean;
  isDelivered: boolean;
}

/** A call other than `track`. */
interface Call {
  page: Page;
  /** As an entry's. */
  state: Consent;
  /** It may become an update, which is queued like an event. */
  isUpdate: boolean;
}

export interface Drop {
  metric: string | undefined;
  reason: DropReason;
  /** The device's clock then. */
  at: number;
  elapsedAt: number;
}

/** What a page may not get done any more when it ends. */
const LAST_MOMENTS_MS = 10_000;

const isWaiting = (one: Call | Kept, page: Page): boolean =>
  one.page === page && one.state === 'pending';

export const createLedger = (origin: Origin, settings: Settings) => {
  const entries: Kept[] = [];
  const calls: Call[] = [];
  const drops: Drop[] = [];
  /** Each anonymous id that was ever stored, and the address it was given. */
  const emails = new Map<string, string | undefined>();
  /** Pages that have not heard of the last refusal: its page may have died before it could tell them. */
  let unaware: Page[] = [];
  /** When, by the device's clock, a page ended: it may not have come to its report. The latest. */
  let endedAt: number | undefined;

  const reasonsOf = (metric: string): Drop[] => drops.filter((drop) => drop.metric === metric);
  /** An id of the shop's own is tracked more than once. */
  const same = ({ metric }: { metric: string | undefined }): Kept[] =>
    entries.filter((one) => one.metric === metric);
  /** While consent is pending all calls wait, and the oldest event makes room. */
  const weighWaiting = (page: Page): void => {
    const events = entries.filter((entry) => isWaiting(entry, page) && !entry.isSurplus);
    const others = calls.filter((call) => isWaiting(call, page));
    const isFull = events.length + others.length > PENDING_MAX;
    if (isFull && events[0] && page.tab.isAlive()) events[0].isSurplus = true;
  };
  /** For a page that has not heard of the last refusal there is all that there was. */
  const isRaced = (): boolean => unaware.some(({ tab }) => tab.isAlive() && !tab.isFrozen());
  /**
   * Of too many the oldest go: those after which come as many others as there is room for. Of other pages any may:
   * their clocks were read at other times, and what waited for consent comes as late as that.
   */
  const weighQueue = (): void => {
    const updates = calls.filter(({ isUpdate, state }) => isUpdate && state === 'granted').length;
    const hasAll = isRaced();
    const queued = entries.filter((entry) => entry.isQueued || (hasAll && entry.isRefused));
    const room = settings.maxQueueEvents - updates;
    if (queued.length <= room) return;
    for (const [index, entry] of queued.entries()) {
      const earlier = queued.slice(0, index).filter(({ page }) => page === entry.page);
      entry.isSurplus ||= queued.length - 1 - earlier.length >= room;
    }
  };
  const isOld = (entry: Kept, at: number): boolean => at - entry.at > settings.maxAgeMs;

  const isTrue = (entry: Kept, drop: Drop, refused: Set<string>): boolean => {
    if (drop.reason === 'rejected') return refused.has(entry.metric);
    if (drop.reason === 'expired') return isOld(entry, drop.at);
    if (drop.reason === 'evicted') return entry.isSurplus || entry.isBack;
    return (
      drop.reason === 'consent' && (entry.isWiped || entry.isLate || entry.state !== 'granted')
    );
  };

  /** Whether nobody can be blamed for not saying that it was given up. */
  const isExcused = (entry: Kept, refusals: Refusal[], now: number): boolean => {
    const own = refusals.filter(({ metric }) => metric === entry.metric);
    if (own.some(({ page, at }) => page.endedAt - at < LAST_MOMENTS_MS)) return true;
    if (entry.isLate) return true;
    if (endedAt === undefined) return false;
    return isOld(entry, Math.max(now, endedAt)) || entry.isWiped || entry.isUnsaid;
  };

  /** Line 3, and whose event it is. */
  const checkRecorded = (entry: Kept): string[] => {
    const found = origin.klaviyo.events.filter(({ metric }) => metric === entry.metric);
    const problems: string[] = [];
    if (found.length > 1 && !entry.isOwn && !entry.isCutOff) problems.push('once: recorded twice');
    if (found[0] && same(entry).every(({ state }) => state !== 'granted')) {
      problems.push(`private: recorded, ${entry.state}`);
    }
    if (found[0] && entry.poison) problems.push(`the simulation recorded what is ${entry.poison}`);
    for (const { profile, attributes } of entry.isOwn ? [] : found) {
      const { anonymous_id, email } = profile as Record<string, string | undefined>;
      const known = entry.identities.filter(({ anonymousId }) => anonymousId === anonymous_id);
      if (entry.identities[0] && !known[0])
        problems.push(`once: of somebody else, ${anonymous_id}`);
      // A page that has not heard of a refusal yet may give the same visitor another name; this one had that.
      const isKnownAs = known.some((one) => one.email === email);
      if (email && !isKnownAs && email !== emails.get(anonymous_id!)) {
        problems.push(`once: as ${email}`);
      }
      if (!email && settings.anonymous === 'hold') problems.push('sent without any identifier');
      if (!email && known[0] && known.every((one) => one.email)) problems.push('once: as nobody');
      if (attributes.time !== new Date(entry.at).toISOString()) problems.push('of another time');
    }
    return problems;
  };

  /** Lines 1, 2 and 4. */
  const checkKept = (entry: Kept, waiting: Set<string>, refusals: Refusal[]): string[] => {
    const refused = new Set(refusals.map(({ metric }) => metric));
    const reported = reasonsOf(entry.metric);
    const problems = reported
      .filter((drop) => !same(entry).some((one) => isTrue(one, drop, refused)))
      .map(({ reason }) => `open: dropped as ${reason}, which is not true`);
    // In memory only, so the page that gives it up says so at once.
    if (entry.isSurplus && entry.state === 'pending' && !reported[0]) {
      problems.push('open: given up while consent was pending, and not reported');
    }
    const isRecorded = origin.klaviyo.metrics().includes(entry.metric);
    const { identities } = entry;
    // What waited for consent may belong to whoever there was meanwhile.
    const mayBeHeld =
      !identities[0] || identities.some(({ anonymousId }) => !emails.get(anonymousId));
    const isSaid = reported.length > 0 || isExcused(entry, refusals, origin.now());
    const mayWait = mayBeHeld || entry.poison === 'broken';
    if (entry.isKept && !isRecorded && !isSaid && !(mayWait && waiting.has(entry.metric))) {
      problems.push(`kept: neither recorded nor reported${mayWait ? ', nor waiting' : ''}`);
    }
    return problems;
  };

  return {
    entries,
    add: (entry: Entry): Entry => {
      const { page, state } = entry;
      const flags = { isQueued: state === 'granted', isRefused: false, isSurplus: false };
      const reports = { isUnsaid: false, isBack: false, isDelivered: false };
      const kept = { ...entry, ...flags, ...reports };
      entries.push(kept);
      if (state === 'pending') weighWaiting(page);
      return kept;
    },
    /** After a task that has tracked. */
    weighQueue,
    onCall: (page: Page, isUpdate: boolean): void => {
      calls.push({ page, state: page.state, isUpdate });
      weighWaiting(page);
      weighQueue();
    },
    onDrop: (drop: Drop): void => void drops.push(drop),
    /** A page has said that it is out of the queue. One of several with the same id may still be in there. */
    onOver: (metric: string | undefined, isDelivered: boolean): void => {
      for (const entry of same({ metric })) {
        entry.isQueued &&= entry.isOwn;
        entry.isRefused &&= entry.isOwn;
        entry.isDelivered ||= isDelivered;
      }
    },
    onEnd: ({ isCrashed }: Page): void => {
      endedAt = Math.max(endedAt ?? 0, origin.now());
      for (const entry of entries) {
        entry.isUnsaid ||= entry.isSurplus && entry.isQueued;
        entry.isBack ||= entry.isDelivered && isCrashed;
      }
    },
    /** The page was told to go: what it has tracked is kept from here on. */
    keep: (page: Page): void => {
      for (const entry of entries) {
        if (entry.page === page && entry.state === 'granted') entry.isKept = true;
      }
    },
    wipe: (asked: Page, others: Page[], isSilent: boolean): void => {
      unaware = others;
      for (const entry of entries) {
        entry.isWiped = true;
        entry.isRefused = entry.isQueued;
        entry.isQueued = false;
        entry.isForgotten ||= entry.page === asked;
        entry.isLate ||= isSilent || others.length > 0;
      }
    },
    onWipeCutOff: (): void => {
      for (const entry of entries) {
        entry.isCutOff ||= entry.isWiped;
        entry.isQueued ||= entry.isWiped && entry.state === 'granted';
      }
      weighQueue();
    },
    /** Whether the page itself was told to forget this, and has. */
    isForgotten: (page: Page, metric: string): boolean =>
      entries.some(
        (entry) =>
          entry.metric === metric && entry.page === page && entry.isForgotten && !entry.isOwn,
      ),
    /** What waited for consent is let in, or not. */
    decide: (page: Page, state: Consent): void => {
      if (state === 'denied') unaware = unaware.filter((other) => other !== page);
      for (const call of calls) if (isWaiting(call, page)) call.state = state;
      const waiting = entries.filter((entry) => isWaiting(entry, page) && !entry.isSurplus);
      for (const entry of waiting) {
        entry.state = state;
        entry.isQueued = state === 'granted';
      }
      if (waiting[0]) weighQueue();
    },
    /** An identity was stored. */
    learn: ({ anonymousId, email }: Identity): void => {
      if (email ?? !emails.has(anonymousId)) emails.set(anonymousId, email);
    },
    /** Everything that is wrong now that everything is over. */
    check: (waiting: Set<string>, refusals: Refusal[]): string[] =>
      entries.flatMap((entry) =>
        [...checkRecorded(entry), ...checkKept(entry, waiting, refusals)].map(
          (problem) => `${entry.metric}: ${problem}`,
        ),
      ),
  };
};

export type Ledger = ReturnType<typeof createLedger>;
