/**
 * Who the visitor is. Kept in localStorage, because it must be there before the first event of a page.
 */
import { IDENTIFIERS, type Identifiers, type Profile, readIdentifiers } from '../shared/profile.js';
import { attempt } from './attempt.js';
import type { Env } from './env.js';

interface State {
  /** Ours, or klaviyo.js's where its cookie was found. */
  anonymousId: string;
  who: Identifiers;
  /** A hash of each profile field as it was last queued: themes identify on every page. */
  known: Record<string, string>;
  /** Anonymous ids that this visitor had before the present one. */
  also?: string[];
  /** Earlier identities of this browser: anonymous id to identifiers, for events held under it. */
  past: Record<string, Identifiers>;
  /** Link and cookie as last read, so that a logout is not undone by them. */
  link?: string | undefined;
  cookie?: string | undefined;
  /** What Klaviyo has refused: an E.164 number that is nobody's, say. It is not sent again. */
  refused?: Identifiers;
}

/** Identities remembered for events still in the queue. */
const PAST_MAX = 8;

const hash = (text: string): string => {
  let sum = 5381;
  for (const character of text) sum = (sum * 33) ^ character.charCodeAt(0);
  return (sum >>> 0).toString(36);
};

/** An event without one is no event to the queue. */
const isId = (id: unknown): id is string => !!id && typeof id === 'string';

/** Texts out of what may be anything: a list, one, or none. */
const textsOf = (...lists: unknown[]): string[] => lists.flat().filter(isId);

const isFilled = (fields: object | undefined): boolean => !!fields && !!Object.keys(fields)[0];

export const createIdentity = (env: Env, prefix: string, companyId: string) => {
  const storageKey = `${prefix}:identity`;
  let { arrivedAt } = env;

  const fresh = (): State => ({ anonymousId: env.uuid(), who: {}, known: {}, past: {} });
  let state = fresh();
  const everybody = (): State['past'] => {
    const all = { ...state.past };
    for (const id of textsOf(state.also, state.anonymousId)) all[id] = state.who;
    return all;
  };
  let isSaved: boolean | undefined;
  const save = (): void => {
    isSaved = env.local.write(storageKey, state);
  };
  /** Leaves the present identity behind; what is queued under it keeps it. */
  const renew = (): void => {
    // Those whom nobody knew are there for the other tabs, which must see that they have ended: they go first.
    const past = Object.entries(state.past)
      .sort(([, a], [, b]) => +isFilled(a) - +isFilled(b))
      .slice(1 - PAST_MAX);
    state.past = Object.fromEntries(past);
    const { link, cookie } = state;
    state = { ...fresh(), past: everybody(), link, cookie };
    // What the last visitor looked at is none of the next one's business (see klaviyo-global.ts).
    env.local.remove(`${prefix}:viewed`);
  };
  /** Whether Klaviyo has not been told this yet. */
  const isNew = (name: string, value: unknown): boolean => {
    const before = state.known[name];
    state.known[name] = hash(JSON.stringify(value));
    // Appending is not a state: the same values may be appended again after they were removed.
    return before !== state.known[name] || /^(un)?(append|set)$/.test(name);
  };

  const usable = (who: Identifiers): Identifiers =>
    Object.fromEntries(
      Object.entries(who).filter(
        ([name, value]) => value !== state.refused?.[name as keyof Identifiers],
      ),
    );

  const load = (): void => {
    const stored = env.local.read<State>(storageKey);
    // Whatever is stored, it names somebody only as far as it can.
    if (isSaved !== false && isId(stored?.anonymousId)) {
      const { who, known, past } = stored;
      state = {
        ...stored,
        who: readIdentifiers(Object(who)),
        known: { ...known },
        past: { ...past },
      };
      isSaved = true;
    }
  };

  return {
    /** Reads what is stored: at start, and after another tab has changed it. */
    load,
    /** Tells Klaviyo everything again the next time. */
    unlearn: (): void => {
      load();
      state.known = {};
      save();
    },
    /** Klaviyo refuses this identifier: what it belongs to goes out without. */
    refuse: (refused: Identifiers): void => {
      load();
      state.refused = { ...state.refused, ...refused };
      state.who = usable(state.who);
      save();
    },
    /** After a wipe: nobody, and nothing stored. */
    forget: (): void => {
      state = fresh();
      isSaved = undefined;
      arrivedAt = '';
    },
    isLost: () => isSaved && !env.local.read(storageKey),
    /** Whether what is stored began after a wipe: it knows nothing of the visitor that this page knows. */
    isReplaced: () =>
      !JSON.stringify(env.local.read(storageKey) ?? state).includes(state.anonymousId),
    /** What an event of now is tracked with. */
    current: (): Pick<State, 'anonymousId' | 'who'> => ({
      anonymousId: state.anonymousId,
      who: state.who,
    }),
    isIdentified: () => isFilled(state.who),
    visitor: () => ({ ...state.who, anonymousId: state.anonymousId }),
    /** Whether this visitor of the browser has been followed by another. */
    isPast: (anonymousId: string): boolean => anonymousId in state.past,

    /**
     * Takes a profile in (plain JSON), and stores who that is: events are held under the anonymous id, so
     * the next page must find the same one. Gives what Klaviyo does not know yet, or undefined.
     */
    identify: ({ anonymousId, properties, ...fields }: Profile): Profile | undefined => {
      // Another tab may know more, and what is stored here replaces what it has stored.
      load();
      const found = usable(readIdentifiers(fields));
      // Another person on the same device. A changed phone number alone is the same person.
      for (const name of ['email', 'externalId'] as const) {
        if (found[name] && (state.who[name] ?? found[name]) !== found[name]) renew();
      }
      if (isId(anonymousId) && !isFilled(state.who)) {
        // What is held under the one before is this visitor's too.
        state.also = textsOf(state.also, state.anonymousId).slice(-PAST_MAX);
        state.anonymousId = anonymousId;
      }
      state.who = { ...state.who, ...found };
      for (const name of IDENTIFIERS) delete fields[name];

      const news: Record<string, unknown> & Profile = {};
      for (const [name, value] of Object.entries({ ...fields, ...found })) {
        if (isNew(name, value)) news[name] = value;
      }
      for (const name of textsOf(fields.unset)) delete state.known[`properties.${name}`];
      // Told apart by property: two scripts of a page each say their own.
      for (const [name, value] of Object.entries(properties ?? {})) {
        if (isNew(`properties.${name}`, value)) {
          news.properties = Object.assign(news.properties ?? {}, { [name]: value });
        }
      }
      save();
      return isFilled(news) ? news : undefined;
    },

    /**
     * Whom an event goes out as: the identifiers it was tracked with, else those its anonymous visitor
     * has been given since. Undefined: nobody knows who that was.
     */
    resolve: (anonymousId: string, who: Identifiers): Identifiers | undefined =>
      [who, everybody()[anonymousId] ?? {}].map(usable).find(isFilled),

    /** Logout: the next visitor of this browser is somebody else. */
    reset: (): undefined => {
      load();
      renew();
      save();
    },

    /** What the page itself tells: a link in a mail, or klaviyo.js's cookie of a shop switching over. */
    arrive: (): Profile => {
      // The first address once, and only until a refusal: who consents after that may be somebody else.
      const urls = `${env.url()}#${arrivedAt}`;
      arrivedAt = '';
      const link = /[?&](_kx|utm_email)=[^#]*/.exec(urls)?.[0] ?? state.link;
      // Once: neither a logout nor another email is undone by a reload of the same page.
      const query = new URLSearchParams(link === state.link ? '' : link);
      const kx = query.get('_kx');
      // A plus that was not encoded reads as a space.
      const email = query.get('utm_email')?.replace(/ /g, '+');
      const cookie = /\b__kla_id=([^;]*)/.exec(env.cookie())?.[1] ?? state.cookie;
      // The cookie may be another person's than the link.
      const isRead = cookie === state.cookie || isFilled(state.who) || kx || email;
      Object.assign(state, { link, cookie });
      // identify() reads again what is stored.
      save();
      // Malformed: names nobody.
      const kla = isRead ? {} : attempt(() => JSON.parse(atob(decodeURIComponent(cookie!))));
      return {
        anonymousId: kla?.cid,
        email: email || (kla?.$email ?? kla?.email),
        externalId: kla?.$id,
        id: kla?.$kid,
        kx: kx && RegExp(`.\\.${companyId}$`).test(kx) ? kx : kla?.$exchange_id,
      };
    },
  };
};

export type Identity = ReturnType<typeof createIdentity>;
