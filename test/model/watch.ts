/**
 * Looks at every step that a page takes: kills it where the history says so, and holds what goes to
 * Klaviyo against the promise's lines 3, 5 and 6.
 */
import type { Origin, Tab } from '../helpers/fake-env.js';
import type { RecordedRequest } from '../helpers/fake-klaviyo.js';
import { COMPANY } from '../helpers/start-client.js';
import type { Crash } from './actions.js';
import type { Page } from './page.js';

export const PREFIX = `klaviyo-storefront:${COMPANY}`;
const PAUSE = `${PREFIX}:pause`;
/** What a 429 of the model asks for, where it asks. */
const ASKED_MS = 20_000;

interface Armed extends Crash {
  tab: Tab;
}

/** A refusal of one event alone: whoever got it must say so. */
export interface Refusal {
  metric: string;
  page: Page;
  /** In ms since the beginning, whatever the device's clock says. */
  at: number;
}

interface WatchParts {
  pageOf: (tab: Tab) => Page;
  hasLocks: boolean;
  /** Ms since the beginning, whatever the device's clock says. */
  elapsed: () => number;
  /** A process has died. */
  onEnd: (page: Page) => void;
  /** A page has told the others of a refusal. */
  onTold: (teller: Page) => void;
  /** Whether the page was told of a refusal after it had tracked this. */
  isForgotten: (page: Page, metric: string) => boolean;
}

export const createWatch = (
  origin: Origin,
  { pageOf, hasLocks, elapsed, onEnd, onTold, isForgotten }: WatchParts,
) => {
  const broken: string[] = [];
  const refusals: Refusal[] = [];
  /** Requests under way; those of a flush that is over hold nobody back. */
  const flights = new Map<RecordedRequest, { page: Page; isOver: boolean }>();
  /** Requests that were not refused, by member: all of it may have been recorded. */
  const received = new Map<string, RecordedRequest[]>();
  /** Pauses that Klaviyo asked for: the page that has read it, and until when. */
  const read = new Map<Page, number>();
  /** Received before the last refusal. */
  let refused = new Set<RecordedRequest>();
  let askedUntilAt = 0;
  let armed: Armed | undefined;
  let hasLeaseDoubt = false;
  /** Set back in the middle of a flush, the clock ends a lease that its page does not know to be over. */
  let hasClockDoubt = false;
  let most = Number.POSITIVE_INFINITY;
  let requests = 0;

  /** As far as the page knows: what it is told on its way may already have been heard. */
  const isGranted = ({ state, isToldDenied }: Page): boolean =>
    state === 'granted' && !isToldDenied;

  const fail = (text: string): void => void broken.push(text);

  /** A flush ends when its page is frozen, or hears of a refusal, whatever of it is still under way. */
  const endFlush = (page: Page): void => {
    for (const flight of flights.values()) flight.isOver ||= flight.page === page;
  };

  const kill = (tab: Tab, { fate, writes }: Crash): void => {
    const page = pageOf(tab);
    page.isCrashed = true;
    page.endedAt = elapsed();
    read.delete(page);
    tab.kill(fate, writes);
    onEnd(page);
  };
  const killAll = ({ tab, ...crash }: Armed): void => {
    armed = undefined;
    for (const one of crash.isAll ? origin.tabs() : [tab]) kill(one, crash);
  };

  /** A bulk request may hold what may have been recorded only if all of it was in that same request. */
  const checkMembers = (request: RecordedRequest): void => {
    for (const id of request.uniqueIds) {
      const before = received.get(id) ?? [];
      const isMixed = before.some((other) =>
        request.uniqueIds.some((member) => !other.uniqueIds.includes(member)),
      );
      if (isMixed && request.uniqueIds[1] && !hasClockDoubt)
        fail('once: sent before, and joins a bulk request');
      received.set(id, [...before, request]);
    }
  };
  const forget = (request: RecordedRequest): void => {
    for (const id of request.uniqueIds) {
      const others = (received.get(id) ?? []).filter((other) => other !== request);
      received.set(id, others);
    }
  };

  const onFetch = (page: Page): void => {
    requests++;
    if (requests > most) {
      fail(`polite: more than ${most} requests`);
      // Perhaps it would never end.
      kill(page.tab, { inSteps: 0, isAll: false, fate: 'lost', writes: 'kept' });
      return;
    }
    if (page.state !== 'granted') fail(`private: a request while consent is ${page.state}`);
    const now = origin.now();
    const { untilAt = 0, setAt = 0 } = JSON.parse(origin.local.content.get(PAUSE) ?? '{}');
    if (now < untilAt && now >= setAt) fail('polite: a request during a stored pause');
    if (now < askedUntilAt) fail('polite: a request although Klaviyo asked for a pause');
  };
  const onSent = (page: Page, request: RecordedRequest): void => {
    checkMembers(request);
    if (request.metrics.some((metric) => isForgotten(page, metric))) {
      fail('private: sent after it was refused, and reported as dropped for that');
    }
    const isHiding = page.isSync;
    if (!isHiding && !hasLeaseDoubt) {
      for (const other of flights.values()) {
        const isOver = other.isOver || !isGranted(other.page) || !other.page.tab.isAlive();
        if (other.page !== page && !isOver) {
          fail('polite: two pages flush at once');
        }
      }
    }
    flights.set(request, { page, isOver: isHiding });
  };
  const onAnswered = (page: Page, request: RecordedRequest): void => {
    const { status = 0, metrics, answer } = request;
    if (status >= 400 && status < 500 && status !== 408) forget(request);
    const isDefinite = status >= 400 && status < 500 && ![401, 403, 408, 410, 429].includes(status);
    if (isDefinite && metrics[0] && !metrics[1]) {
      refusals.push({ metric: metrics[0], page, at: elapsed() });
    }
    if (status === 429 && (answer.headers || answer.body) && isGranted(page)) {
      read.set(page, origin.now() + ASKED_MS);
    }
  };

  origin.setOnStep((tab, name, request) => {
    if (armed && (armed.isAll || armed.tab === tab) && armed.inSteps-- <= 0) {
      killAll(armed);
      if (!tab.isAlive()) return;
    }
    const page = pageOf(tab);
    if (process.env.MODEL_LOG) console.log(origin.tabs().indexOf(tab), name);
    if (name.startsWith('fetch http')) onFetch(page);
    if (name === 'fetch sent') onSent(page, request!);
    if (name === 'fetch answered') onAnswered(page, request!);
    if (/fetch (answered|failed)/.test(name) && request) flights.delete(request);
    if (name === `set ${PREFIX}:refused`) onTold(page);
    if (name === `set ${PAUSE}`) {
      askedUntilAt = Math.max(askedUntilAt, read.get(page) ?? 0);
      read.delete(page);
    }
  });

  return {
    broken,
    refusals,
    fail,
    kill,
    /** The process of a page, or of all, dies soon. */
    arm: (tab: Tab, crash: Crash): void => {
      armed = { ...crash, tab };
    },
    disarm: (): void => {
      armed = undefined;
    },
    /** The device's clock was set: what was measured by it means nothing any more. */
    onJump: (): void => {
      askedUntilAt = 0;
      read.clear();
      hasLeaseDoubt ||= !hasLocks;
      hasClockDoubt ||= !hasLocks;
    },
    /** A lease cannot know of a page that does not run, or whose time is over. */
    onFreeze: (page: Page): void => {
      hasLeaseDoubt ||= !hasLocks;
      endFlush(page);
    },
    /** What is wiped holds nobody back any more. */
    onDenied: (page: Page): void => {
      endFlush(page);
      refused = new Set([...received.values()].flat());
      askedUntilAt = 0;
      read.clear();
    },
    onToldDenied: endFlush,
    /** Events that were being wiped may come back as they were stored before they were sent. */
    onWipeCutOff: (): void => refused.forEach(forget),
    /** Everything has come to rest. */
    onRest: (): void => {
      for (const page of read.keys()) {
        if (page.tab.isAlive() && !page.tab.isFrozen() && isGranted(page)) {
          fail('polite: a pause that Klaviyo asked for is not stored');
        }
      }
      read.clear();
    },
    /** More requests than this are too many. */
    bound: (count: number): void => {
      most = count;
    },
    requests: () => requests,
  };
};

export type Watch = ReturnType<typeof createWatch>;
