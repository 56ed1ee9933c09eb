/** Plays one history against the real modules, and says what of the promise was broken. */
import { readOptions } from '../../src/browser/options.js';
import { BACKOFF_MAX_MS, CONCURRENCY } from '../../src/shared/limits.js';
import { createOrigin, type Tab } from '../helpers/fake-env.js';
import { COMPANY, startOn } from '../helpers/start-client.js';
import type { Action, Setting } from './actions.js';
import { createLedger } from './ledger.js';
import type { Identity, Page } from './page.js';
import { createWatch, PREFIX, type Watch } from './watch.js';

const HOUR_MS = 3_600_000;
const EMAILS = ['ada@shop.example', 'bob@shop.example', 'cy@shop.example'];
/** No E.164, which is warned about. */
const PHONE = '0301 234567';
/** What every value of a property ends in, and nothing else. */
const VALUE = '~value';
const IDENTITY = `${PREFIX}:identity`;

export const play = async (setting: Setting, actions: Action[]): Promise<string[]> => {
  const origin = createOrigin({ locks: setting.locks });
  const options = {
    anonymous: setting.anonymous,
    maxQueueEvents: setting.maxQueueEvents,
    debug: setting.debug,
    flushAt: 20,
  };
  const ledger = createLedger(origin, readOptions({ companyId: COMPANY, ...options }));
  const pages = new Map<Tab, Page>();
  let elapsed = 0;
  /** What the shop remembers of the visitor's choice. */
  let choice = setting.consent;
  let hasGranted = choice === 'granted';
  let isDirty = false;
  let disk = 'ok';
  let diskOkAt = 0;
  let number = 0;
  const onEnd = (page: Page): void => {
    ledger.onEnd(page);
    // What it wrote before it could hear of the refusal, or did not come to wipe, the next page wipes.
    if (choice === 'denied' && (page.state === 'granted' || page.isSync)) isDirty = true;
    // A refusal that was taken back is not carried out again.
    if (choice === 'granted' && wiping.has(page)) {
      watch.onWipeCutOff();
      ledger.onWipeCutOff();
    }
  };
  const watch: Watch = createWatch(origin, {
    pageOf: (tab) => pages.get(tab)!,
    hasLocks: setting.locks,
    elapsed: () => elapsed,
    onEnd,
    isForgotten: ledger.isForgotten,
    onTold: (teller) => {
      for (const page of living()) {
        page.isToldDenied ||= page !== teller && !page.tab.isInCache();
      }
    },
  });
  origin.page.random = setting.random;
  origin.klaviyo.options.bulkRule = setting.bulkRule;
  const poisoned = { refused: new Set<string>(), broken: new Set<string>() };
  const { refused, broken } = poisoned;
  origin.klaviyo.options.refuses = ({ metrics }) => metrics.some((metric) => refused.has(metric));
  origin.klaviyo.options.breaks = ({ metrics }) => metrics.some((metric) => broken.has(metric));

  /** What is held waits for an identity; what breaks the server waits until it is too old. */
  const isDue = ({ held, metric }: { held: boolean; metric?: string | undefined }): boolean =>
    !held && !broken.has(`${metric}`);
  const living = (): Page[] => [...pages.values()].filter(({ tab }) => tab.isAlive());
  const stored = (): Identity | undefined => {
    const text = origin.local.content.get(IDENTITY);
    if (!text) return undefined;
    const { anonymousId, who, past } = JSON.parse(text);
    for (const [id, one] of Object.entries<{ email?: string }>(past)) {
      ledger.learn({ anonymousId: id, email: one.email });
    }
    const identity = { anonymousId, email: who.email };
    ledger.learn(identity);
    return identity;
  };

  /** Lets time pass, and looks around. */
  const rest = async (ms: number): Promise<void> => {
    await origin.advance(ms);
    elapsed += ms;
    watch.onRest();
    const identity = stored();
    const awake = living().filter(({ tab }) => !tab.isFrozen());
    for (const page of awake) {
      page.identity = page.state === 'granted' ? identity : undefined;
      if (page.isToldDenied) {
        page.state = 'denied';
        watch.onToldDenied(page);
      }
      page.isToldDenied = false;
    }
    for (const page of awake) ledger.decide(page, page.state);
    await checkPrivate(awake);
  };
  const checkPrivate = async (awake: Page[]): Promise<void> => {
    if (choice === 'granted' || living().some(({ state }) => state === 'granted')) return;
    if (isDirty || !awake[0] || (hasGranted && !awake.some(({ state }) => state === 'denied')))
      return;
    if (disk !== 'ok' || elapsed - diskOkAt < 10_000) return;
    const keys = [...origin.local.content.keys()].filter((key) => key.startsWith(PREFIX));
    if (keys[0]) watch.fail(`private: ${keys} in localStorage`);
    if ((await origin.database.records(PREFIX))[0]) watch.fail('private: events in IndexedDB');
    if (!hasGranted && (await origin.database.names())[0]) watch.fail('private: a database');
  };

  const open = (): Page => {
    const tab = origin.open();
    const page = {
      tab,
      state: choice,
      isToldDenied: false,
      isHidden: false,
      isSync: true,
      isCrashed: false,
      endedAt: Number.POSITIVE_INFINITY,
      identity: undefined,
    } as Omit<Page, 'client'> as Page;
    pages.set(tab, page);
    page.client = startOn(tab, { ...options, consent: choice }).client;
    page.isSync = false;
    isDirty &&= choice !== 'denied';
    page.client.on('delivered', ({ metric }) => tab.isAlive() && ledger.onOver(metric, true));
    page.client.on('dropped', ({ metric, reason }) => {
      if (!tab.isAlive()) return;
      ledger.onOver(metric, false);
      ledger.onDrop({ metric, reason, at: origin.now(), elapsedAt: elapsed });
    });
    page.identity = stored();
    return page;
  };
  /** A page that runs; a new one where there is none. */
  const pick = (index: number): Page => {
    const awake = living().filter(({ tab }) => !tab.isFrozen());
    return awake[index % awake.length] ?? open();
  };
  /** Does something to a page, in one task. */
  const doNow = (page: Page, task: () => void): void => {
    page.isSync = true;
    task();
    page.isSync = false;
  };
  const ended = (page: Page): void => {
    if (page.tab.isAlive() || page.isCrashed) return;
    onEnd(page);
    page.endedAt = elapsed;
    ledger.keep(page);
  };

  const track = (page: Page, action: Action & { do: 'track' }, name?: string): void => {
    const { own, count, poison, isOdd, isTold, isLeaving } = action;
    for (let i = 0; i < (own ? 1 : count); i++) {
      // The page decides to leave in the middle of its task (`location.assign`), and goes on.
      if (isLeaving && i === count >> 1) {
        const destination = { sameDocument: false };
        doNow(page, () => page.tab.dispatch('navigate', { destination }));
      }
      const metric = name ?? (own ? `Own ${own}` : `Event ${number++}`);
      const before = stored();
      const entry = ledger.add({
        metric,
        isOwn: !!own,
        poison: !own && i === count >> 1 ? poison : undefined,
        page,
        at: origin.now(),
        state: page.state,
        identities: [],
        isKept: false,
        isWiped: false,
        isLate: choice === 'denied' && page.state !== 'denied',
      });
      if (poison && entry.poison) poisoned[poison].add(metric);
      // Klaviyo ignores what is odd, and that is warned about, by name.
      const odd = isOdd ? { value: `${i}${VALUE}` as never, time: new Date(0) } : {};
      const settings = { ...odd, ...(own && { uniqueId: `own-${own}` }) };
      const properties = { n: `${i}${VALUE}`, ...(isOdd && { [EMAILS[0]!]: '' }) };
      doNow(page, () => {
        void page.client.track(metric, properties, settings).then((id) => {
          if (id && page.tab.isAlive()) entry.isKept = true;
        });
      });
      if (page.state === 'granted') {
        entry.identities.push(...[before, page.identity, stored()].filter((one) => !!one));
      }
    }
    ledger.weighQueue();
    // A hidden page may never run again, and knows.
    if (page.isHidden && !page.isCrashed) ledger.keep(page);
    if (isTold) void page.client.flush();
  };
  /** Pages that refuse, until all is wiped. */
  const wiping = new Set<Page>();
  const isWiping = (): boolean => [...wiping].some(({ tab }) => tab.isAlive());

  const setConsent = (page: Page, state: 'granted' | 'denied'): void => {
    choice = state;
    hasGranted ||= state === 'granted';
    page.state = state;
    page.isToldDenied = false;
    if (state === 'denied') {
      // Others that hear of it may wipe before this one has looked at what there is to report, and a database
      // that does not answer says nothing of what it holds.
      const others = living().filter((other) => other !== page && other.state === 'granted');
      ledger.wipe(page, others, disk !== 'ok');
      watch.onDenied(page);
    } else for (const other of living()) if (other.tab.isFrozen()) other.isToldDenied = false;
    ledger.decide(page, state);
    if (state === 'denied') wiping.add(page);
    doNow(page, () => {
      const settled = page.client.consent(state);
      if (state === 'denied') void settled.then(() => wiping.delete(page));
    });
    page.identity = state === 'granted' ? stored() : undefined;
    if (page.isHidden && !page.isCrashed) ledger.keep(page);
  };
  const thaw = (page: Page): void => {
    const wasInCache = page.tab.isInCache();
    page.isHidden = false;
    doNow(page, page.tab.thaw);
    // As the README says: the choice may have changed meanwhile.
    if (wasInCache && choice !== 'pending') setConsent(page, choice);
  };
  const setDisk = (state: 'ok' | 'full' | 'slow' | 'blocked' | 'missing'): void => {
    if (disk !== 'ok' && state === 'ok') diskOkAt = elapsed + 1;
    disk = state;
    origin.database.setState(state);
  };

  const perform = async (action: Action): Promise<void> => {
    const page = pick(action.tab);
    const { tab, client } = page;
    switch (action.do) {
      case 'track':
        return track(page, action);
      case 'identify':
        ledger.onCall(page, true);
        doNow(page, () => void client.identify({ email: EMAILS[action.who]!, phoneNumber: PHONE }));
        page.identity = stored();
        return undefined;
      case 'reset':
        ledger.onCall(page, false);
        doNow(page, () => void client.reset());
        page.identity = stored();
        return undefined;
      case 'flush':
        return void client.flush();
      case 'consent':
        // A wipe that waits for the database in another tab would take what is stored from here on: README.
        if (disk === 'blocked' && action.state === 'taken back') return undefined;
        if (disk === 'blocked' && action.state === 'granted' && choice === 'denied')
          return undefined;
        // Other tabs hear of a refusal a moment later: nobody takes it back within that.
        if (action.state === 'granted') await rest(0);
        // Nobody answers on a page that has died over it: the next one is opened with the refusal.
        if (!tab.isAlive()) return undefined;
        if (action.state !== 'taken back') return setConsent(page, action.state);
        // Within what is under way; where there are others they must hear of it first.
        if (page.state !== 'granted' || living()[1]) return undefined;
        setConsent(page, 'denied');
        return page.isCrashed ? undefined : setConsent(page, 'granted');
      case 'open':
        // Nor is a page opened in the moment in which a refusal is taken back, before the wipe is over.
        return void (living().length < 4 && !(choice === 'granted' && isWiping()) && open());
      case 'hide':
        page.isHidden = true;
        doNow(page, tab.hide);
        if (!page.isCrashed) ledger.keep(page);
        return undefined;
      case 'show':
        page.isHidden = false;
        return doNow(page, tab.show);
      case 'close':
      case 'navigate':
        doNow(page, tab.close);
        ended(page);
        if (action.do === 'navigate') open();
        return undefined;
      case 'freeze':
      case 'suspend': {
        page.isHidden = true;
        page.isSync = true;
        watch.onFreeze(page);
        const frozen = tab[action.do]();
        page.isSync = false;
        if (!page.isCrashed) ledger.keep(page);
        await frozen;
        ended(page);
        return rest(0);
      }
      case 'thaw': {
        const [frozen] = living().filter((one) => one.tab.isFrozen());
        if (frozen) thaw(frozen);
        // It hears what it has missed.
        return rest(0);
      }
      case 'lose':
        // A wipe that is cut off is done again: also of what another page has been allowed to keep since.
        return isWiping() ? undefined : tab.loseDatabase();
      case 'online':
        return origin.goOnline();
      case 'offline':
        return origin.goOffline();
      case 'heal':
        return origin.klaviyo.heal();
      case 'crash':
        if (action.inSteps) watch.arm(tab, action);
        else for (const one of action.isAll ? origin.tabs() : [tab]) watch.kill(one, action);
        return undefined;
      case 'wait':
        return rest(action.ms);
      case 'jump':
        origin.jump(action.ms);
        return watch.onJump();
      case 'disk':
        return setDisk(action.state);
      case 'answer':
        return origin.klaviyo.answer(action.rule);
    }
  };

  /** Everything is well again: what is promised must come true now. */
  const heal = async (): Promise<Page | undefined> => {
    watch.disarm();
    setDisk('ok');
    origin.klaviyo.heal();
    for (const page of living()) if (page.tab.isFrozen()) thaw(page);
    origin.goOnline();
    await rest(10_000);
    if (choice === 'denied') {
      open();
      await rest(20_000);
      return undefined;
    }
    for (const page of living()) setConsent(page, 'granted');
    choice = 'granted';
    const last = open();
    ledger.onCall(last, true);
    if (!last.client.isIdentified()) void last.client.identify({ email: EMAILS[0]! });
    // Four hours, in steps: what breaks the server is tried as often as that takes.
    for (let step = 0; step < 24; step++) {
      await rest(HOUR_MS / 6);
      // A page that was killed for its requests answers nothing.
      if (watch.broken[0]) break;
      if (!(await last.client.inspect()).queue.some(isDue)) break;
      if (!step) track(last, { tab: 0, do: 'track', count: 1, isTold: true }, 'Last');
    }
    return last;
  };

  open();
  const tracks = actions.filter((one) => one.do === 'track');
  const isBroken = tracks.some(({ poison }) => poison === 'broken');
  // That is tried for as long as a history takes.
  const vain = isBroken ? (CONCURRENCY * 5 * HOUR_MS) / (BACKOFF_MAX_MS * setting.random) : 0;
  watch.bound(100 + 8 * actions.length + 8 * 40 * tracks.length + vain);
  for (const action of actions) {
    if (process.env.MODEL_LOG) console.log(JSON.stringify(action));
    await perform(action);
    if (watch.broken[0]) return watch.broken;
  }
  const last = await heal();
  if (watch.broken[0]) return watch.broken;
  const queue = last ? (await last.client.inspect()).queue : [];
  const waiting = new Set(queue.filter((one) => !isDue(one)).map(({ metric }) => `${metric}`));
  const left = queue.filter(isDue).map(({ metric }) => `left: ${metric ?? 'profile'}`);
  const errors = origin.errors.map((error) => `light: thrown ${error}`);
  const personal = origin.warnings
    .filter((text) => ['@', VALUE, PHONE].some((part) => text.includes(part)))
    .map((text) => `private: logged ${text}`);
  return [
    ...watch.broken,
    ...errors,
    ...personal,
    ...left,
    ...ledger.check(waiting, watch.refusals),
  ];
};
