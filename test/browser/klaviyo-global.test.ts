import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Client } from '../../src/browser/create-client.js';
import { installGlobal } from '../../src/browser/klaviyo-global.js';

type Call = (...args: unknown[]) => Promise<unknown>;
type Klaviyo = Record<string, Call> & { client: Client };
interface Page {
  klaviyo?: Klaviyo;
  shop?: Klaviyo;
  _klOnsite?: unknown;
  _learnq?: unknown;
  [name: string]: unknown;
}

const page = window as unknown as Page;
const NOW = Date.UTC(2026, 10, 22, 12);

/** A client that notes what it is asked, in order; `isKept` false drops everything. */
const createFakeClient = () => {
  const calls: unknown[][] = [];
  /** `starts`: how often it was asked for. */
  const fake = { calls, isKept: true, isKnown: true, starts: 0 };
  const note =
    (method: string) =>
    (...args: unknown[]) => {
      calls.push([method, ...args]);
      now += slowMs;
      return Promise.resolve(fake.isKept ? 'unique-1' : undefined);
    };
  const client = {
    identify: note('identify'),
    track: note('track'),
    isIdentified: () => fake.isKnown,
  } as unknown as Client;
  return Object.assign(fake, { client });
};

/** The stub of Klaviyo's own guide, retold: it records into `_klOnsite`. */
const installKlaviyoStub = () => {
  const queue: unknown[] = [];
  page._klOnsite = queue;
  const record = (entry: unknown[]) => (page._klOnsite as { push: Call }).push(entry);
  page.klaviyo = new Proxy({} as Klaviyo, {
    get: (_, method) =>
      method === 'push'
        ? record
        : (...args: unknown[]) => {
            const callback = typeof args.at(-1) === 'function' ? (args.pop() as Call) : undefined;
            return new Promise((resolve) => {
              record([
                method,
                ...args,
                (result: unknown) => {
                  callback?.(result);
                  resolve(result);
                },
              ]);
            });
          },
  });
};

let fake: ReturnType<typeof createFakeClient>;
let stored: Map<string, string>;
let warnings: string[];
let now: number;
/** What the console and the page's own error handlers see. */
let uncaught: unknown[];
let isHidden: boolean;
/** Milliseconds that every call takes. */
let slowMs: number;
/** And every look at the clock. */
let stepMs: number;
let tasks: (() => void)[];
let listeners: Record<string, (event: Event) => void>;

/** Runs the page's tasks, one after the other. */
const runTasks = () => {
  for (let task = tasks.shift(); task; task = tasks.shift()) task();
};

const install = (name?: string, client = fake.client) =>
  installGlobal(
    () => {
      fake.starts++;
      return client;
    },
    'AbC123',
    {
      now: () => (now += stepMs),
      after: (_, task) => {
        tasks.push(task);
        return () => undefined;
      },
      cookie: () => '',
      hidden: () => isHidden,
      listen: (wanted) => {
        listeners = wanted;
        return () => {
          listeners = {};
        };
      },
      warn: (message) => warnings.push(message),
      local: {
        read: (key) => JSON.parse(stored.get(key) ?? 'null') ?? undefined,
        write: (key, value) => !!stored.set(key, JSON.stringify(value)),
        remove: (key) => void stored.delete(key),
        keys: () => [...stored.keys()],
      },
    },
    name,
  );

const forget = () => {
  for (const name of ['klaviyo', 'shop', '_klOnsite', '_learnq']) delete page[name];
  document.head.innerHTML = '';
};

beforeEach(() => {
  forget();
  fake = createFakeClient();
  stored = new Map();
  warnings = [];
  now = NOW;
  uncaught = [];
  isHidden = false;
  slowMs = 0;
  stepMs = 0;
  tasks = [];
  listeners = {};
  vi.stubGlobal('reportError', (error: unknown) => void uncaught.push(error));
});
afterEach(() => {
  forget();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('calls', () => {
  it('tracks, and answers true once the event is durable', async () => {
    install();
    const result = await page.klaviyo!.track!('Tasted', { Flavour: 'Plum' });
    expect(result).toBe(true);
    expect(fake.calls).toEqual([
      ['track', 'Tasted', { Flavour: 'Plum' }, { value: undefined, uniqueId: undefined }],
    ]);
  });

  it('answers false for an event that was dropped', async () => {
    fake.isKept = false;
    install();
    expect(await page.klaviyo!.track!('Tasted')).toBe(false);
  });

  it('calls the client in the task of the call, so that a leaving page keeps it', () => {
    install();
    void page.klaviyo!.track!('Tasted');
    void page.klaviyo!.identify!({ email: 'ada@shop.test' });
    expect(fake.calls.map(([method]) => method)).toEqual(['track', 'identify']);
  });

  it('calls a trailing callback with what the promise resolves to', async () => {
    install();
    const results: unknown[] = [];
    const add = (result: unknown) => void results.push(result);
    const { klaviyo } = page;
    await klaviyo!.track!('A', { a: 1 }, add);
    await klaviyo!.track!('B', add);
    await klaviyo!.identify!({ email: 'ada@shop.test' }, add);
    await klaviyo!.account!(add);
    await klaviyo!.account!('XyZ789', add);
    await klaviyo!.cookieDomain!('shop.test', add);
    await klaviyo!.isIdentified!(add);
    expect(results).toEqual([
      true,
      true,
      { email: 'ada@shop.test' },
      'AbC123',
      'AbC123',
      'shop.test',
      true,
    ]);
    expect(fake.calls[1]).toEqual(['track', 'B', {}, expect.anything()]);
  });

  it('answers undefined to names that are not ours, and calls back', async () => {
    install();
    const callback = vi.fn();
    expect(await page.klaviyo!.openForm!('Form12', callback)).toBeUndefined();
    expect(await page.klaviyo!.getGroupMembership!()).toBeUndefined();
    expect(callback).toHaveBeenCalledExactlyOnceWith(undefined);
  });

  it('takes the push form, several at once, functions too', async () => {
    install();
    const ready = vi.fn();
    const callback = vi.fn();
    const results = await page.klaviyo!.push!(
      ['track', 'A', {}, callback],
      ['isIdentified'],
      ready,
    );
    expect(results).toEqual([true, true]);
    expect(callback).toHaveBeenCalledWith(true);
    expect(ready).toHaveBeenCalledOnce();
  });

  it('is no promise, and can be printed', async () => {
    install();
    expect(await Promise.resolve(page.klaviyo)).toBe(page.klaviyo);
    expect(`${page.klaviyo}`).toBe('[object Object]');
    expect(page.klaviyo!.client).toBe(fake.client);
  });

  it('lets a page wrap a method', async () => {
    install();
    const { track } = page.klaviyo!;
    const seen: unknown[] = [];
    page.klaviyo!.track = (...args) => {
      seen.push(args[0]);
      return track!(...args);
    };
    await page.klaviyo!.track('A');
    expect(seen).toEqual(['A']);
    expect(fake.calls).toHaveLength(1);
  });
});

describe('what a page gets wrong', () => {
  it('passes over a recorded call that throws when it is read', () => {
    const get = () => {
      throw new Error('no');
    };
    page._learnq = [new Proxy([], { get }), ['track', 'Viewed Product', {}]];
    expect(() => install()).not.toThrow();
    runTasks();
    expect(fake.calls.map(([method]) => method)).toEqual(['track']);
  });

  it('never rejects, whatever the arguments', async () => {
    vi.useFakeTimers();
    install();
    for (const args of [[null], ['text'], [7], [[]], [undefined], []]) {
      await page.klaviyo!.identify!(...args);
      await page.klaviyo!.track!('A', ...args);
      await page.klaviyo!.trackViewedItem!(...args);
      await page.klaviyo!.push!(...args);
    }
  });

  it("reports a callback's exception as uncaught and carries on", async () => {
    page._klOnsite = [
      [
        'track',
        'A',
        () => {
          throw new Error('the page broke');
        },
      ],
      ['track', 'B'],
    ];
    install();
    expect(await page.klaviyo!.track!('C')).toBe(true);
    expect(fake.calls.map(([, metric]) => metric)).toEqual(['A', 'B', 'C']);
    await vi.waitFor(() => expect(uncaught.map(String)).toEqual(['Error: the page broke']));
  });

  it('answers undefined where our own call throws, and lets nothing out into the page', async () => {
    fake.client.isIdentified = () => {
      throw new Error('broken');
    };
    install();
    expect(await page.klaviyo!.isIdentified!()).toBeUndefined();
    expect(uncaught).toEqual([]);
  });
});

describe('profile keys', () => {
  const profileOf = async (fields: Record<string, unknown>) => {
    install();
    await page.klaviyo!.identify!(fields);
    return fake.calls[0]![1];
  };

  it('reads the names with $', async () => {
    expect(
      await profileOf({
        $email: 'ada@shop.test',
        $phone_number: '+4930123456',
        $id: 'customer-1',
        $kid: '01HABC',
        $exchange_id: 'enc.AbC123',
        $anonymous: 'anon-1',
        $first_name: 'Ada',
        $last_name: 'Byron',
        $organization: 'Engines',
        $title: 'Countess',
        $image: 'https://shop.test/ada.png',
        $locale: 'en-GB',
        $address1: '1 Square',
        $address2: 'Top floor',
        $city: 'London',
        $country: 'GB',
        $region: 'Greater London',
        $zip: 10115,
        $timezone: 'Europe/London',
        $append: { Liked: 'mugs' },
        $unappend: { Liked: 'cups' },
        $unset: ['Old'],
        $consent: ['email'],
        Plan: 'gold',
      }),
    ).toEqual({
      email: 'ada@shop.test',
      phoneNumber: '+4930123456',
      externalId: 'customer-1',
      id: '01HABC',
      kx: 'enc.AbC123',
      anonymousId: 'anon-1',
      firstName: 'Ada',
      lastName: 'Byron',
      organization: 'Engines',
      title: 'Countess',
      image: 'https://shop.test/ada.png',
      locale: 'en-GB',
      location: {
        address1: '1 Square',
        address2: 'Top floor',
        city: 'London',
        country: 'GB',
        region: 'Greater London',
        zip: '10115',
        timezone: 'Europe/London',
      },
      append: { Liked: 'mugs' },
      unappend: { Liked: 'cups' },
      unset: ['Old'],
      properties: { $consent: ['email'], Plan: 'gold' },
    });
  });

  it('reads the names without $, and leaves an id of nobody alone', async () => {
    expect(
      await profileOf({
        email: 'ada@shop.test',
        phone_number: '+4930123456',
        external_id: 17,
        first_name: 'Ada',
        last_name: 'Byron',
        city: 'London',
        _kx: 'enc.AbC123',
        id: 4711,
        kid: 'x',
        append: 'a word',
        constructor: 'Babbage',
      }),
    ).toEqual({
      email: 'ada@shop.test',
      phoneNumber: '+4930123456',
      externalId: '17',
      firstName: 'Ada',
      lastName: 'Byron',
      location: { city: 'London' },
      kx: 'enc.AbC123',
      properties: { id: 4711, kid: 'x', append: 'a word', constructor: 'Babbage' },
    });
  });

  it('takes what a template left empty for not said', async () => {
    expect(await profileOf({ $email: '', $id: null, $city: undefined, first_name: '' })).toEqual(
      {},
    );
  });
});

describe('event keys', () => {
  it.each([
    [
      { $value: 12.5, $event_id: 'cart_1' },
      { value: 12.5, uniqueId: 'cart_1' },
    ],
    [
      { $value: '12.50', $event_id: 17 },
      { value: 12.5, uniqueId: '17' },
    ],
    [{ $value: null, $event_id: '' }, {}],
    [{ $value: '$1,234.50' }, { value: Number.NaN }],
  ])('maps %j', async (fields, options) => {
    install();
    const given = { ...fields, Flavour: 'Plum', $extra: true };
    await page.klaviyo!.track!('Tasted', given);
    expect(fake.calls[0]).toEqual([
      'track',
      'Tasted',
      { Flavour: 'Plum', $extra: true },
      { value: undefined, uniqueId: undefined, ...options },
    ]);
    expect(given).toHaveProperty('$extra');
    expect(given).toMatchObject(fields);
  });
});

describe('viewed items', () => {
  const KEY = 'klaviyo-storefront:AbC123:viewed';
  const item = (ItemId: number) => ({ ItemId, Title: `Item ${ItemId}` });
  const view = (id: number) => page.klaviyo!.trackViewedItem!(item(id));
  const sent = () =>
    (fake.calls.at(-1)![1] as { properties: { $viewed_items: { ItemId: number }[] } }).properties
      .$viewed_items;

  it('sends the list as a profile property and stores it', async () => {
    install();
    await view(1);
    expect(sent()).toEqual([{ ...item(1), LastViewedDate: NOW / 1000, Views: 1 }]);
    expect(JSON.parse(stored.get(KEY)!)).toEqual(sent());
  });

  it('counts views of the same item and sends the most viewed first', async () => {
    install();
    await view(1);
    await view(2);
    await view(1);
    await view(3);
    expect(sent().map(({ ItemId }) => ItemId)).toEqual([1, 3, 2]);
    expect(sent()[0]).toMatchObject({ Views: 2 });
  });

  it.each([
    ['no list', 5],
    ['no list of items', [null]],
    [
      'a list of what is no number of views',
      [{ ItemId: 2, LastViewedDate: 9e12, Views: { toString: 1 } }],
    ],
    [
      'a list of what is no date',
      [{ ItemId: 2, LastViewedDate: { toString: 1, valueOf: 1 }, Views: 1 }],
    ],
    ['text', 'cut'],
  ])('begins anew where %s is stored', async (_, garbage) => {
    stored.set(KEY, JSON.stringify(garbage));
    install();
    await view(1);
    expect(sent().map(({ ItemId }) => ItemId)).toEqual([1]);
    expect(JSON.parse(stored.get(KEY)!)).toHaveLength(1);
  });

  it('keeps both of two items viewed in one task', async () => {
    install();
    await Promise.all([view(1), view(2)]);
    expect(sent().map(({ ItemId }) => ItemId)).toEqual([2, 1]);
    expect(JSON.parse(stored.get(KEY)!)).toHaveLength(2);
  });

  it('begins anew once the list was wiped', async () => {
    install();
    await view(1);
    stored.clear();
    await view(2);
    expect(sent().map(({ ItemId }) => ItemId)).toEqual([2]);
  });

  it('keeps the last 20', async () => {
    install();
    await view(1);
    await view(1);
    for (let id = 2; id <= 21; id++) await view(id);
    expect(sent().map(({ ItemId }) => ItemId)).toEqual(
      Array.from({ length: 20 }, (_, index) => 21 - index),
    );
  });

  it('forgets an item after 30 days', async () => {
    install();
    await view(1);
    now += 30 * 86_400_000;
    await view(2);
    expect(sent().map(({ ItemId }) => ItemId)).toEqual([2]);
  });

  it('stores nothing when the update was not stored, as without consent', async () => {
    fake.isKept = false;
    install();
    await view(1);
    expect(stored.size).toBe(0);
  });

  it('ignores what is no item', async () => {
    install();
    await page.klaviyo!.trackViewedItem!('Viewed Product', item(1));
    await page.klaviyo!.trackViewedItem!({ Title: 'without an id' });
    expect(fake.calls).toEqual([]);
  });
});

describe('stubs', () => {
  it("answers the calls that klaviyo.js's stub has recorded", async () => {
    installKlaviyoStub();
    const callback = vi.fn();
    const early = page.klaviyo!;
    const tracked = early.track!('A', { a: 1 }, callback);
    const form = early.openForm!('Form12');
    install();
    runTasks();
    expect(await tracked).toBe(true);
    expect(await form).toBeUndefined();
    expect(callback).toHaveBeenCalledExactlyOnceWith(true);
    expect(page.klaviyo).not.toBe(early);
    // A page may still hold the stub.
    expect(await early.track!('B')).toBe(true);
    expect(fake.calls.map(([, metric]) => metric)).toEqual(['A', 'B']);
  });

  it('runs identify before the events of both queues, else in order', () => {
    page._learnq = [
      ['track', 'A'],
      ['account', 'AbC123'],
      ['identify', { $email: 'ada@shop.test' }],
    ];
    page._klOnsite = [
      ['track', 'B'],
      ['trackViewedItem', { ItemId: 1 }],
    ];
    install();
    runTasks();
    expect(fake.calls.map(([method, first]) => (method === 'track' ? first : method))).toEqual([
      'identify',
      'A',
      'B',
      'identify',
    ]);
  });

  it('listens to both queues afterwards, also through a reference from before', async () => {
    const early: unknown[] = [];
    page._learnq = early;
    install();
    early.push(['track', 'A']);
    (page._learnq as unknown[]).push(['track', 'B']);
    (page._klOnsite as unknown[]).push(['track', 'C'], ['track', 'D']);
    expect(fake.calls.map(([, metric]) => metric)).toEqual(['A', 'B', 'C', 'D']);
    expect(early).toHaveLength(0);
  });

  it('takes over a plain array', () => {
    page.klaviyo = [['track', 'A']] as unknown as Klaviyo;
    install();
    runTasks();
    expect(fake.calls).toHaveLength(1);
    expect(page.klaviyo!.client).toBe(fake.client);
  });

  it('passes over entries that are none', async () => {
    page._learnq = [null, undefined, 'track', {}, [], [null], ['track', 'A']];
    install();
    runTasks();
    expect(fake.calls).toHaveLength(1);
  });

  it('gives an element of that name no chance', () => {
    page.klaviyo = document.createElement('form') as unknown as Klaviyo;
    install();
    expect(page.klaviyo!.client).toBe(fake.client);
  });
});

describe('what the stub has recorded', () => {
  const record = (...metrics: string[]) => {
    page._klOnsite = metrics.map((metric) => ['track', metric]);
    install();
  };
  const tracked = () => fake.calls.map(([, metric]) => metric);

  it('is called in tasks of their own where a call takes long', () => {
    slowMs = 10;
    record('A', 'B', 'C');
    expect([fake.starts, tracked()]).toEqual([0, []]);
    const seen = [];
    while (tasks.length) {
      tasks.shift()!();
      seen.push(tracked().join(''));
    }
    // The first two are the start's.
    expect(seen).toEqual(['', '', 'A', 'AB', 'ABC', 'ABC']);
  });

  it('is called in one task where it does not', () => {
    record(...Array.from({ length: 100 }, (_, n) => `${n}`));
    for (let task = 0; task < 3; task++) tasks.shift()!();
    expect(tracked()).toHaveLength(100);
    expect(tasks).toEqual([]);
  });

  it('is called where every look at the clock takes longer than a task may', () => {
    stepMs = 1000;
    record('A', 'B');
    runTasks();
    expect(tracked()).toEqual(['A', 'B']);
  });

  it.each(['visibilitychange', 'pagehide', 'navigate'])('is called at once on %s', (type) => {
    slowMs = 10;
    record('A', 'B', 'C');
    listeners[type]!(Object.assign(new Event(type), { destination: { sameDocument: false } }));
    expect(tracked()).toEqual(['A', 'B', 'C']);
    expect(listeners).toEqual({});
    runTasks();
    expect(tracked()).toHaveLength(3);
  });

  it('is called at once where the page is hidden, whose timers are slow', () => {
    isHidden = true;
    record('A', 'B');
    expect(tracked()).toEqual(['A', 'B']);
  });

  it.each<[string, () => unknown]>([
    ['a method', () => page.klaviyo!.track!('last')],
    ['push()', () => page.klaviyo!.push!(['track', 'last'])],
    ['a reference to the queue', () => (page._klOnsite as unknown[]).push(['track', 'last'])],
    ['the client', () => page.klaviyo!.client.track('last')],
  ])('comes before what is called by %s', (_, call) => {
    slowMs = 10;
    record('A', 'B');
    void call();
    expect(tracked()).toEqual(['A', 'B', 'last']);
  });

  it('comes before what it calls itself', async () => {
    slowMs = 10;
    const called = new Promise<void>((resolve) => {
      const first = () => {
        void page.klaviyo!.track!('last');
        resolve();
      };
      page._klOnsite = [first, ['track', 'A'], ['track', 'B']];
    });
    install();
    for (let task = 0; task < 3; task++) tasks.shift()!();
    await called;
    expect(tracked()).toEqual(['A', 'B', 'last']);
  });
});

describe('company', () => {
  const addKlaviyoJs = () => {
    const script = document.createElement('script');
    script.type = 'text/plain';
    script.setAttribute(
      'src',
      'https://static.klaviyo.com/onsite/js/AbC123/klaviyo.js?company_id=AbC123',
    );
    document.head.append(script);
  };

  it('installs once for the same client', () => {
    install();
    const first = page.klaviyo;
    install();
    expect(page.klaviyo).toBe(first);
    expect(warnings).toEqual([]);
  });

  it('leaves everything alone where klaviyo.js is on the page, and says what to do', () => {
    addKlaviyoJs();
    installKlaviyoStub();
    const before = { ...page };
    (page._klOnsite as unknown[]).push(['track', 'A']);
    install();
    expect(warnings).toEqual([expect.stringContaining('data-global')]);
    expect(page.klaviyo).toBe(before.klaviyo);
    expect(page._klOnsite).toEqual([['track', 'A']]);
    expect('_learnq' in page).toBe(false);
    expect(fake.calls).toEqual([]);
    // For what earlier pages have left.
    runTasks();
    expect([fake.starts, fake.calls]).toEqual([1, []]);
  });

  it('leaves a global with methods of its own alone', () => {
    const theirs = { track: vi.fn(), push: vi.fn() } as never;
    page.klaviyo = theirs;
    install();
    expect(page.klaviyo).toBe(theirs);
    expect(warnings).toHaveLength(1);
  });

  it('takes another name beside klaviyo.js, and only that', async () => {
    addKlaviyoJs();
    const theirs = { track: vi.fn() } as never;
    page.klaviyo = theirs;
    const klOnsite = [['track', 'theirs']];
    page._klOnsite = klOnsite;
    page.shop = [['track', 'ours']] as unknown as Klaviyo;
    install('shop');
    expect(await page.shop!.track!('more')).toBe(true);
    expect(fake.calls.map(([, metric]) => metric)).toEqual(['ours', 'more']);
    expect(page.klaviyo).toBe(theirs);
    expect(page._klOnsite).toBe(klOnsite);
    expect(klOnsite.push).toBe(Array.prototype.push);
    expect('_learnq' in page).toBe(false);
    expect(warnings).toEqual([]);
  });

  it("does not take another name that is somebody's", () => {
    const theirs = { cart: {} } as never;
    page.shop = theirs;
    install('shop');
    expect(page.shop).toBe(theirs);
    expect(warnings).toHaveLength(1);
  });

  it('is klaviyo when the name was left empty', () => {
    install('');
    expect(page.klaviyo!.client).toBe(fake.client);
  });
});
