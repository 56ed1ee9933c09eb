/**
 * How visitors behave: the same for each strategy, whatever that does. Where a number has a source it is an order
 * of magnitude from published shop statistics; where it has none it says so.
 */
import { createRandom, exponential, type Random } from './random.js';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 86_400_000;

/** Visits that end with their first page: 46 % of shops' visits (ConversionXL). */
const BOUNCE_SHARE = 0.45;
/** Pages of the others on average, two at least. With the bounces 4.3 a visit; shops report 3 to 5. */
const PAGES_MEAN = 7;
/** Time on one page on average. With 4.3 pages a visit lasts 2.5 minutes; shops report 2 to 3. */
const STAY_MEAN_MS = 35 * SECOND_MS;
/** Nobody leaves a page sooner. An assumption. */
const STAY_MIN_MS = 2 * SECOND_MS;
/** Events of each page: one as it opens (a product or a page is viewed) ... */
const FIRST_EVENT_MS = 200;
/** ... and others at any time on it (cart, search, variant) on average. An assumption: themes differ most here. */
const MORE_EVENTS_MEAN = 0.5;
/** Visits whose last tab stays open in the background: the desktops, about 30 % of shops' traffic. */
const LINGER_SHARE = 0.3;
/** How long it stays open on average. An assumption. */
const LINGER_MEAN_MS = 10 * MINUTE_MS;
/** Visits that are followed by another of the same browser. Shops report 20 to 40 % returning visitors. */
const RETURN_SHARE = 0.3;
/** Of those, the share that is back soon, and when on average; the others come back within days. Assumptions. */
const SOON_SHARE = 1 / 3;
const SOON_MEAN_MS = 20 * MINUTE_MS;
const LATER_MEAN_MS = 3 * DAY_MS;
/** Of the visitors who come unknown, those who say who they are (sign up, log in): forms convert 3 to 5 %. */
const SIGN_UP_SHARE = 0.05;

export interface PagePlan {
  stayMs: number;
  /** When its events are tracked, in ms from its beginning, in order. */
  eventsMs: number[];
}

export interface VisitPlan {
  /** Ms from the beginning of the simulation. */
  atMs: number;
  pages: PagePlan[];
  /** How long the last page stays open in the background. */
  lingerMs: number;
}

export interface VisitorPlan {
  visits: VisitPlan[];
  /** Page, counted over all visits, from which on the shop knows who this is; undefined: never. */
  knownFromPage: number | undefined;
}

export type KnownPlan = VisitorPlan & { knownFromPage: number };

export const isKnown = (plan: VisitorPlan): plan is KnownPlan => plan.knownFromPage !== undefined;

export const eventsOf = ({ visits }: VisitorPlan): number =>
  visits.flatMap(({ pages }) => pages).reduce((sum, { eventsMs }) => sum + eventsMs.length, 0);

const planPage = (random: Random): PagePlan => {
  const stayMs = STAY_MIN_MS + exponential(random, STAY_MEAN_MS - STAY_MIN_MS);
  const eventsMs = [FIRST_EVENT_MS];
  // A Poisson process.
  const everyMs = STAY_MEAN_MS / MORE_EVENTS_MEAN;
  let atMs = FIRST_EVENT_MS + exponential(random, everyMs);
  for (; atMs < stayMs; atMs += exponential(random, everyMs)) eventsMs.push(atMs);
  return { stayMs, eventsMs };
};

const planVisit = (random: Random, atMs: number): VisitPlan => {
  const pages = [planPage(random)];
  if (random() >= BOUNCE_SHARE) {
    do pages.push(planPage(random));
    while (random() < 1 - 1 / (PAGES_MEAN - 1));
  }
  const lingerMs = random() < LINGER_SHARE ? exponential(random, LINGER_MEAN_MS) : 0;
  return { atMs, pages, lingerMs };
};

const lengthOf = ({ pages, lingerMs }: VisitPlan): number =>
  pages.reduce((sum, { stayMs }) => sum + stayMs, lingerMs);

export interface VisitorOptions {
  /** When they come first. */
  atMs: number;
  /** Share of visitors who come known: from a mail's link, or because they are logged in. */
  knownShare: number;
}

export const planVisitor = (
  seed: string,
  index: number,
  { atMs, knownShare }: VisitorOptions,
): VisitorPlan => {
  const random = createRandom(seed, 'visitor', index);
  const visits = [planVisit(random, atMs)];
  while (random() < RETURN_SHARE) {
    const last = visits.at(-1)!;
    const isSoon = random() < SOON_SHARE;
    const pauseMs = exponential(random, isSoon ? SOON_MEAN_MS : LATER_MEAN_MS);
    visits.push(planVisit(random, last.atMs + lengthOf(last) + pauseMs));
  }
  const isKnown = random() < knownShare;
  const signsUp = random() < SIGN_UP_SHARE;
  const pages = visits[0]!.pages.length;
  const knownFromPage = isKnown ? 0 : signsUp ? Math.floor(random() * pages) : undefined;
  return { visits, knownFromPage };
};
