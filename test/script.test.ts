import { runInNewContext } from 'node:vm';
import { build } from 'esbuild';
import { Window } from 'happy-dom';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULTS } from '../src/browser/options.js';

/** The client itself is a stand-in that notes its settings; registry and options are the real ones. */
const STAND_IN = 'export const createClientOn = (env, settings) => window.createFake(settings);';

type Call = (...args: unknown[]) => Promise<unknown>;
type Klaviyo = Record<string, Call> & { client: { companyId: string } };

let code: string;
let page: Window & Record<string, unknown>;
let created: Record<string, unknown>[];
let tracked: unknown[][];
let logged: unknown[];
let tasks: (() => void)[];
let storage: { getItem(key: string): string | null; setItem(key: string, value: string): void };

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [new URL('../src/script.ts', import.meta.url).pathname],
    bundle: true,
    write: false,
    format: 'iife',
    minify: true,
    target: 'es2020',
    plugins: [
      {
        name: 'stand-in',
        setup: ({ onLoad }) =>
          onLoad({ filter: /browser\/client\.ts$/ }, () => ({ contents: STAND_IN, loader: 'ts' })),
      },
    ],
  });
  code = outputFiles[0]!.text;
});

beforeEach(() => {
  page = new Window({ url: 'https://shop.test/' }) as typeof page;
  created = [];
  tracked = [];
  logged = [];
  tasks = [];
  storage = { getItem: () => null, setItem: () => undefined };
  const note =
    (method: string) =>
    (...args: unknown[]) => {
      tracked.push([method, ...args]);
      return Promise.resolve('unique-1');
    };
  page.createFake = (settings: Record<string, unknown>) => {
    created.push(settings);
    return {
      companyId: settings.companyId,
      track: note('track'),
      identify: note('identify'),
    };
  };
});

/** happy-dom's own dataset leaves out attributes without a value. */
const datasetOf = (tag: Element): Record<string, string> =>
  Object.fromEntries(
    [...tag.attributes]
      .filter(({ name }) => name.startsWith('data-'))
      .map(({ name, value }) => [
        name.slice(5).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
        value,
      ]),
  );

/** Evaluates script.js as the given tag, which is in the page but need not be the current script. */
const evaluate = (markup: string, isCurrent = true) => {
  const { document } = page;
  document.head.innerHTML += markup.replace('<script', '<script type="text/plain"');
  const last = document.head.lastElementChild as unknown as HTMLScriptElement;
  const tag = { src: last.src, dataset: datasetOf(last) };
  const log = (...args: unknown[]) => void logged.push(...args);
  runInNewContext(code, {
    window: page,
    document: {
      currentScript: isCurrent ? tag : null,
      querySelector: (selector: string) => document.querySelector(selector),
    },
    get localStorage() {
      return storage;
    },
    navigator: page.navigator,
    location: page.location,
    origin: page.location.origin,
    console: { warn: log, error: log },
    AbortController,
    setTimeout: (task: () => void, ms: number) => (ms ? setTimeout(task, ms) : tasks.push(task)),
    reportError: log,
  });
  return page.klaviyo as Klaviyo;
};

/** The same, with the tasks that follow. */
const run = (...given: Parameters<typeof evaluate>) => {
  const klaviyo = evaluate(...given);
  for (let task = tasks.shift(); task; task = tasks.shift()) task();
  return klaviyo;
};

describe('the tag', () => {
  it('gives the company by query', () => {
    const klaviyo = run(
      '<script src="https://cdn.test/script.js?v=1&company_id=AbC123#x"></script>',
    );
    expect(created).toMatchObject([{ companyId: 'AbC123' }]);
    expect(klaviyo.client.companyId).toBe('AbC123');
    expect(logged).toEqual([]);
  });

  it('gives the company by attribute, also one of digits only', () => {
    run('<script src="/script.js" data-company-id="012345"></script>');
    expect(created).toMatchObject([{ companyId: '012345' }]);
  });

  it.each([
    '<script src="https://cdn.test/script.js?company_id=AbC123"></script>',
    '<script data-company-id="AbC123"></script>',
  ])('is found where there is no current script: %s', (markup) => {
    run(markup, false);
    expect(created).toMatchObject([{ companyId: 'AbC123' }]);
  });

  it('reads options with the types they have', () => {
    run(`<script src="/script.js?company_id=AbC123" data-api-host="/k" data-anonymous="send"
      data-consent="pending" data-respect-gpc data-active-on-site="true" data-debug="false"
      data-flush-interval-ms="500" data-stale-after-ms="86400000" data-revision="2026-07-15"></script>`);
    expect(created).toMatchObject([
      {
        companyId: 'AbC123',
        apiHost: '/k',
        anonymous: 'send',
        consent: 'pending',
        respectGpc: true,
        activeOnSite: true,
        debug: false,
        flushIntervalMs: 500,
        staleAfterMs: 86_400_000,
        revision: '2026-07-15',
      },
    ]);
  });

  it('is not stopped by what a template leaves empty, nor by a yes', () => {
    run(`<script src="/script.js?company_id=AbC123" data-consent="" data-flush-at="" data-debug="yes"
      data-api-host="" data-revision=""></script>`);
    expect(logged).toEqual([]);
    expect(created[0]).toMatchObject({ ...DEFAULTS, debug: true });
  });

  it("leaves other scripts' attributes out, and says so only when debugging", () => {
    const attributes = 'data-cookieconsent="ignore" data-index="0"';
    run(`<script src="/script.js?company_id=AbC123" ${attributes}></script>`);
    expect(created[0]).toHaveProperty('companyId', 'AbC123');
    expect(created[0]).not.toHaveProperty('index');
    expect(logged).toEqual([]);
    run(`<script src="/script.js?company_id=AbC123" data-debug ${attributes}></script>`);
    expect(logged).toEqual([
      '[klaviyo-storefront] unknown option cookieconsent',
      '[klaviyo-storefront] unknown option index',
    ]);
  });

  it('names the global', async () => {
    run('<script src="/script.js?company_id=AbC123" data-global="shop"></script>');
    expect(page).not.toHaveProperty('klaviyo');
    expect(await (page.shop as Klaviyo).track!('A')).toBe(true);
  });
});

describe('the page', () => {
  it('has the client started in a task of its own, or with its first call', async () => {
    const klaviyo = evaluate('<script src="/script.js?company_id=AbC123"></script>');
    expect(created).toEqual([]);
    await klaviyo.track!('A');
    expect(created).toHaveLength(1);
    for (const task of tasks) task();
    expect(created).toHaveLength(1);
  });

  it('has its recorded calls run', async () => {
    page._learnq = [
      ['track', 'A'],
      ['identify', { $email: 'ada@shop.test' }],
    ];
    run('<script src="/script.js?company_id=AbC123"></script>');
    expect(tracked.map(([method]) => method)).toEqual(['identify', 'track']);
  });

  it('may include the script twice', async () => {
    const first = run('<script src="/script.js?company_id=AbC123"></script>');
    const second = run('<script src="/script.js?company_id=AbC123"></script>');
    expect(second).toBe(first);
    await second.track!('A');
    expect(created).toHaveLength(1);
    expect(tracked).toHaveLength(1);
    expect(logged).toEqual([]);
  });

  it.each([
    ['<script src="/script.js"></script>', /6 letters or digits/],
    ['<script src="/script.js?company_id=pk_0123456789"></script>', /private key/],
    [
      '<script src="/script.js?company_id=AbC123" data-flush-at="many"></script>',
      /flushAt is no number/,
    ],
  ])('is told what is wrong, and its calls are answered still: %s', async (markup, message) => {
    page._klOnsite = [];
    const early = new Promise((answer) => {
      (page._klOnsite as unknown[]).push(['track', 'A', {}, answer]);
    });
    const klaviyo = run(markup);
    expect(logged).toEqual([expect.objectContaining({ message: expect.stringMatching(message) })]);
    expect(await early).toBe(false);
    expect(await klaviyo.identify!({ $email: 'ada@shop.test' })).toBeDefined();
    expect(await klaviyo.isIdentified!()).toBe(false);
    expect(await klaviyo.trackViewedItem!({ ItemId: 1 })).toBeUndefined();
  });

  it('is told where the client cannot start, once, and its calls are answered still', async () => {
    page.createFake = () => {
      throw new Error('no crypto here');
    };
    page._klOnsite = [['track', 'A']];
    const klaviyo = run('<script src="/script.js?company_id=AbC123"></script>');
    expect(await klaviyo.track!('B')).toBe(false);
    expect(klaviyo.client).toBe(klaviyo.client);
    expect(logged).toEqual([expect.objectContaining({ message: 'no crypto here' })]);
  });

  it('runs where storage is blocked', async () => {
    storage = {
      getItem: () => {
        throw new Error('SecurityError');
      },
      setItem: () => {
        throw new Error('SecurityError');
      },
    };
    const klaviyo = run('<script src="/script.js?company_id=AbC123"></script>');
    await klaviyo.trackViewedItem!({ ItemId: 1 });
    expect(tracked).toHaveLength(1);
    expect(logged).toEqual([]);
  });
});
