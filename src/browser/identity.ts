/**
 * Who the visitor is. Kept in localStorage, because it must be there before the first event of a page.
 */
import { IDENTIFIERS, type Identifiers, type Profile, readIdentifiers } from '../shared/profile.js';
import type { Env } from './env.js';

interface State {
  /** Ours, or klaviyo.js's where its cookie was found. */
  anonymousId: string;
  who: Identifiers;
  /** A hash of each profile field as it was last queued: themes identify on every page. */
  known: Record<string, string>;
  /** Earlier identities of this browser: anonymous id to identifiers, for events held under it. */
  past: Record<string, Identifiers>;
  /** A hash of klaviyo.js's cookie as last read, so that a logout is not undone by it. */
  cookie?: string;
}

/** Identities remembered for events still in the queue. */
const PAST_MAX = 8;

const hash = (text: string): string => {
  let sum = 5381;
  for (let i = 0; i < text.length; i++) sum = (sum * 33) ^ text.charCodeAt(i);
  return (sum >>> 0).toString(36);
};

const isKnown = (who: Identifiers | undefined): boolean => !!who && Object.keys(who).length > 0;

/** Reads one cookie, raw. */
export const readCookie = (cookies: string, name: string): string =>
  cookies
    .split(/; */)
    .find((cookie) => cookie.startsWith(`${name}=`))
    ?.slice(name.length + 1) ?? '';

export const createIdentity = (env: Env, prefix: string, companyId: string) => {
  const storageKey = `${prefix}:identity`;

  const fresh = (past: State['past'] = {}): State => ({
    anonymousId: env.uuid(),
    who: {},
    known: {},
    past,
  });
  let state = fresh();
  const save = (): void => void env.local.write(storageKey, state);
  const load = (): void => {
    const stored = env.local.read<State>(storageKey);
    // A record of another shape names nobody.
    if (stored?.anonymousId && stored.who && stored.known && stored.past) state = stored;
    // Events are held under the anonymous id, so the next page must find the same one.
    save();
  };
  /** Leaves the present identity behind; what is queued under it keeps it. */
  const renew = (): void => {
    const past = Object.entries({ ...state.past, [state.anonymousId]: state.who });
    const { cookie } = state;
    state = fresh(Object.fromEntries(past.filter(([, who]) => isKnown(who)).slice(-PAST_MAX)));
    if (cookie) state.cookie = cookie;
    // What the last visitor looked at is none of the next one's business (see klaviyo-global.ts).
    env.local.remove(`${prefix}:viewed`);
  };

  return {
    /** Reads what is stored: at start, and after another tab has changed it. */
    load,
    /** After a wipe: nobody, and nothing stored. */
    forget: (): void => {
      state = fresh();
    },
    anonymousId: () => state.anonymousId,
    who: () => state.who,
    isIdentified: () => isKnown(state.who),

    /** Takes a profile in; gives what Klaviyo does not know yet, or undefined when there is nothing new. */
    identify: (profile: Profile): Profile | undefined => {
      const { anonymousId, ...fields } = profile;
      const found = readIdentifiers(profile);
      // Another person on the same device. A changed phone number alone is the same person.
      for (const name of ['email', 'externalId'] as const) {
        if (found[name] && state.who[name] && found[name] !== state.who[name]) renew();
      }
      if (anonymousId && !isKnown(state.who)) state.anonymousId = anonymousId;
      state.who = { ...state.who, ...found };
      for (const name of IDENTIFIERS) delete fields[name];

      /** Whether Klaviyo has not been told this yet. */
      const isNew = (name: string, value: unknown): boolean => {
        const mark = hash(JSON.stringify(value) ?? '');
        if (state.known[name] === mark) return false;
        state.known[name] = mark;
        return true;
      };
      // Told apart by property: two scripts of a page each say their own.
      const properties = Object.entries(fields.properties ?? {}).filter(([name, value]) =>
        isNew(`properties.${name}`, value),
      );
      const news = Object.entries({ ...fields, ...found }).filter(
        // Appending is not a state: the same values may be appended again after they were removed.
        ([name, value]) =>
          /^(un)?(append|set)$/.test(name) || (name !== 'properties' && isNew(name, value)),
      );
      save();
      if (!news.length && !properties.length) return undefined;
      return {
        ...Object.fromEntries(news.filter(([name]) => name in fields)),
        ...(properties.length ? { properties: Object.fromEntries(properties) } : undefined),
      };
    },

    /**
     * Whom an event goes out as: the identifiers it was tracked with, else those its anonymous visitor
     * has been given since. Undefined: nobody knows who that was.
     */
    resolve: (anonymousId: string, who: Identifiers): Identifiers | undefined =>
      [who, anonymousId === state.anonymousId ? state.who : state.past[anonymousId]].find(isKnown),

    /** Logout: the next visitor of this browser is somebody else. */
    reset: (): undefined => {
      renew();
      save();
    },

    /** What the page itself tells: a link in a mail, or klaviyo.js's cookie of a shop switching over. */
    arrive: (): Profile | undefined => {
      const found: Profile = {};
      const cookie = readCookie(env.cookie(), '__kla_id');
      if (cookie && state.cookie !== hash(cookie)) {
        state.cookie = hash(cookie);
        try {
          const kla = JSON.parse(atob(decodeURIComponent(cookie)));
          if (!isKnown(state.who)) {
            Object.assign(found, {
              anonymousId: typeof kla.cid === 'string' ? kla.cid : undefined,
              email: kla.$email ?? kla.email,
              externalId: kla.$id,
              id: kla.$kid,
              kx: kla.$exchange_id,
            });
          }
        } catch {
          // Malformed: names nobody.
        }
        save();
      }
      const query = new URL(env.url()).searchParams;
      const [kx, company] = (query.get('_kx') ?? '').split('.');
      if (kx && company === companyId) found.kx = `${kx}.${company}`;
      const email = query.get('utm_email');
      if (email) found.email = email;
      return isKnown(readIdentifiers(found)) || found.anonymousId ? found : undefined;
    },
  };
};

export type Identity = ReturnType<typeof createIdentity>;
