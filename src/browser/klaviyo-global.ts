/**
 * klaviyo.js's interface over a Client, so that pages written for klaviyo.js run unchanged, and the only
 * file that knows its `$`-keys. Every call returns a promise that never rejects, and calls a trailing
 * callback with the same result. Only the moment differs: `track` answers as soon as the event is durable,
 * with `true`, or with `false` when it was dropped; after four seconds, with `undefined`, in any case.
 */

import type { TrackOptions } from '../shared/event.js';
import type { Profile } from '../shared/profile.js';
import { attempt } from './attempt.js';
import type { Client, Start } from './create-client.js';
import type { Env } from './env.js';

type Fields = Record<string, unknown>;
type Method = (...args: never[]) => unknown;
interface ViewedItem extends Fields {
  LastViewedDate: number;
  Views: number;
}

/** As long as the stub (snippet.ts) lets a page wait. */
const ANSWER_MS = 4000;
/** Of a frame's 16 ms; a call that takes longer has a task of its own. */
const REPLAY_TASK_MS = 8;
const VIEWED_MAX = 20;
const VIEWED_MAX_AGE_S = 30 * 86_400;

/** Names that are others here. `id` without `$` is nobody's identifier: it stays a custom property. */
const RENAMED: Record<string, string | null> = {
  __proto__: null, // A property may be called `constructor`.
  $id: 'externalId',
  $kid: 'id',
  $exchange_id: 'kx',
  _kx: 'kx',
  $anonymous: 'anonymousId',
};
/** With and without `$`, the location among them; some only with it. The rest is custom properties. */
const KNOWN =
  /^(?:\$?(email|phone_number|external_id|anonymous_id|first_name|last_name|organization|title|image|locale|(address[12]|city|country|region|zip|timezone))|\$((un)?append|unset))$/;

const toProfile = (fields: Fields): Profile => {
  // Its characters are no properties.
  if (typeof fields === 'string') return fields;
  const profile: Profile & Fields = {};
  for (const key in fields) {
    const value = fields[key];
    const [, known, place, patch] = KNOWN.exec(key) ?? [];
    const name = RENAMED[key] ?? patch ?? known?.replace(/_./, (c) => c[1]!.toUpperCase());
    if (!name) profile.properties = Object.assign(profile.properties ?? {}, { [key]: value });
    // A template without a customer renders '', which says nothing about the profile.
    else if (!value) continue;
    // Ids and postcodes may come as numbers, and Klaviyo takes strings only.
    else if (place) profile.location = { ...profile.location, [name]: `${value}` };
    else profile[name] = typeof value === 'object' ? value : `${value}`;
  }
  return profile;
};

/**
 * Installs the global, starts the client and runs what the stubs have recorded, visitor before events. Where
 * klaviyo.js or something else has the name, it says so on the console and touches nothing.
 */
export const installGlobal = (
  start: Start,
  companyId: string,
  env: Pick<Env, 'after' | 'cookie' | 'hidden' | 'listen' | 'local' | 'now' | 'warn'>,
  /** Of the global. Default `klaviyo`; with any other, klaviyo.js's own names are left alone. */
  wanted?: string,
  /** Whether the shop says that there is consent from the start, so that storage may be used. */
  isGranted?: boolean,
): void => {
  // A template without the setting renders `data-global=""`.
  const name = wanted || 'klaviyo';
  const page = window as unknown as Fields;
  // A denial wipes every key that starts like this.
  const key = `klaviyo-storefront:${companyId}:viewed`;

  /** The list with what is being stored just now. */
  let unwritten: ViewedItem[] | undefined;
  const methods: Record<string, Method> = {
    identify: (fields: Fields) =>
      start()
        .identify(toProfile(fields))
        .then(() => fields),
    track: (metric: string, fields: Fields) => {
      const { $value, $event_id, ...properties } = Object(fields) as Fields;
      const options = {
        value: $value == null ? undefined : Number($value),
        uniqueId: $event_id ? `${$event_id}` : undefined,
      };
      return start()
        .track(metric, properties, options as TrackOptions)
        .then((uniqueId) => uniqueId != null);
    },
    trackViewedItem: (item?: Fields) => {
      if (!item?.ItemId) return undefined;
      const LastViewedDate = Math.floor(env.now() / 1000);
      // Whatever else is stored there is no list: not what throws when it is reckoned with, either.
      const before =
        attempt(() =>
          (unwritten ?? env.local.read<ViewedItem[]>(key) ?? []).filter(
            ({ ItemId, Views, LastViewedDate }) => ItemId && Views * LastViewedDate,
          ),
        ) ?? [];
      const same = before.find(({ ItemId }) => ItemId === item.ItemId);
      const others = before.filter(
        (other) => other !== same && other.LastViewedDate > LastViewedDate - VIEWED_MAX_AGE_S,
      );
      const Views = 1 + (same?.Views ?? 0);
      unwritten = [{ ...item, LastViewedDate, Views }, ...others].slice(0, VIEWED_MAX);
      // klaviyo.js sends the most viewed first, and mail templates show them in that order.
      const list = unwritten;
      const $viewed_items = [...list].sort((a, b) => b.Views - a.Views);
      return start()
        .identify({ properties: { $viewed_items } })
        .then((uniqueId) => {
          // The update has been stored, so there is consent to store the list too.
          if (uniqueId) env.local.write(key, list);
          if (unwritten === list) unwritten = undefined;
        });
    },
    account: () => companyId,
    // There is no cookie, so there is nothing to set.
    cookieDomain: (domain: string) => domain,
    isIdentified: () => start().isIdentified(),
    push: (...entries: unknown[]) => Promise.all(entries.map(run)),
  };

  // Forms and whatever else klaviyo.js knows are not ours: they answer undefined.
  const call = (method: string, args: unknown[]): Promise<unknown> => {
    const callback = typeof args.at(-1) === 'function' && (args.pop() as Method);
    const result = new Promise((resolve, reject) => {
      // A page that goes on in the callback must get on, even while consent is pending.
      setTimeout(resolve, ANSWER_MS);
      Promise.resolve(methods[method]?.(...(args as never[]))).then(resolve, reject);
      // Arguments that throw when they are read say nothing.
    }).catch(() => undefined);
    // A callback's exception is the page's own: shown as one, and stopping nobody else.
    if (callback) result.then(callback as () => void).catch(reportError);
    return result;
  };
  /** An entry is `['method', ...args, callback?]`, or a function to call as soon as we are here. */
  const run = (entry: unknown): Promise<unknown> => {
    const [method, ...args] = Array.isArray(entry) ? entry : ['', entry];
    return call(method, args);
  };

  /** What the stubs have recorded, and is not called yet. */
  let waiting: unknown[] = [];
  let unlisten: (() => void) | undefined;
  /** Calls what waits: all of it, or what fits into a task. */
  const replay = (isAll?: boolean): void => {
    const endAt = env.now() + REPLAY_TASK_MS;
    while (waiting.length) {
      attempt(() => void run(waiting.shift()));
      if (!isAll && env.now() >= endAt) {
        env.after(0, replay);
        return;
      }
    }
    unlisten?.();
  };
  const { ready: before = start } = start;
  start.ready = () => {
    const client = before();
    replay(true);
    return client;
  };
  /** The client, once everything that was recorded is called; also what other names of ours have recorded. */
  const ready = (): Client => start.ready!();
  const { hidden } = env;
  /** The page may end here. A client that starts in this very moment is not told that, nor what is tracked next. */
  const hide = (): void => {
    env.hidden = () => true;
    ready();
    env.after(0, () => {
      env.hidden = hidden;
    });
  };
  const bind =
    (method: string) =>
    (...args: unknown[]): Promise<unknown> => {
      ready();
      return call(method, args);
    };

  const existing = page[name] as Fields | undefined;
  if ('client' in Object(existing) && existing!.client === start()) return;
  const isDefault = name === 'klaviyo';
  // A stub is an array, or a Proxy around nothing; klaviyo.js, and ours, have keys of their own.
  if (
    (existing && !Array.isArray(existing) && Object.keys(existing)[0]) ||
    (isDefault && document.querySelector('script[src*="static.klaviyo.com/onsite/"]'))
  ) {
    env.warn(`window.${name} is taken: remove klaviyo.js, or set data-global`);
    // What earlier pages have left is delivered all the same.
    start();
    return;
  }

  const push = bind('push');
  const entries = (isDefault ? [name, '_learnq', '_klOnsite'] : [name]).flatMap((queueName) => {
    const queue: unknown[] = Array.isArray(page[queueName]) ? page[queueName] : [];
    page[queueName] = queue;
    queue.push = push as never;
    return queue.splice(0);
  });
  page[name] = new Proxy(
    {
      push,
      get client() {
        return ready();
      },
    } as Fields,
    {
      get: (own, method) =>
        // Not `then`: what looks like a promise is taken for one.
        method in own || method === 'then' || typeof method === 'symbol'
          ? own[method as string]
          : bind(method),
    },
  );
  // Who the visitor is comes first, as in klaviyo.js.
  const isFirst = (entry: unknown): unknown =>
    attempt(() => (entry as unknown[] | undefined)?.[0] === 'identify');
  waiting = [...entries.filter(isFirst), ...entries.filter((entry) => !isFirst(entry))];
  /** Asks for what takes a platform long when it is asked for the first time. */
  const prepare = (): void => {
    env.cookie();
    // Of a name that nothing has: the browser may have refused, and the shop's options do not know.
    if (isGranted) env.local.read('');
  };
  // A phone would take all of it for one long task.
  const steps = [prepare, start, replay];
  const begin = (): void => {
    steps.shift()?.();
    if (steps[0]) env.after(0, begin);
  };
  unlisten = env.listen({
    visibilitychange: hide,
    pagehide: hide,
    navigate: (event) => {
      if (!(event as NavigateEvent).destination.sameDocument) hide();
    },
  });
  // Timers are slow in a hidden page, and nobody waits; a client that runs may be called by who holds it.
  if (env.hidden() || start.isStarted) ready();
  else env.after(0, begin);
};
