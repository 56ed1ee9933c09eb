/**
 * Promise line 7 where a client begins: what `createClient` and the script tag take works, and what they refuse
 * they refuse in their own words.
 */

import { build } from 'esbuild';
import { beforeAll, expect, it } from 'vitest';
import type { Client } from '../../src/browser/create-client.js';
import { DEFAULTS, readOptions, type Settings } from '../../src/browser/options.js';
import { StorefrontError } from '../../src/shared/errors.js';
import { createOrigin, type Origin } from '../helpers/fake-env.js';
import fc from '../helpers/fast-check.js';
import { COMPANY, startOn } from '../helpers/start-client.js';
import {
  expectClean,
  expectNothingPersonal,
  hostile,
  hostileText,
  replay,
  runsOf,
  withKeys,
  withOdd,
} from './hostile.js';

const DAY_MS = 86_400_000;
/** What a client does in the two days that it is watched: more than this never ends. */
const STEPS_MAX = 5000;
const NAMES = ['companyId', ...Object.keys(DEFAULTS)];

/** Of the right type, and what nobody means. */
const odd: Record<string, unknown[]> = {
  number: [
    0,
    -0,
    -1,
    0.5,
    1,
    2,
    1000,
    2 ** 31,
    2 ** 53,
    1e308,
    -1e308,
    Infinity,
    -Infinity,
    5e-324,
  ],
  boolean: [true, false],
  companyId: [COMPANY, '012345', 123456, [COMPANY], Object(COMPANY), 'pk_123', `${COMPANY}\n`],
  apiHost: ['/', '//', '/k/', '/ü%20', '/%', 'https://', 'https://k.shop.example//', 'http:///'],
  revision: ['2026-07-15', '2026-10-15.pre', '', ' ', '2026-7-1', '\u2028', 'ü', '2026-07-15\n'],
  anonymous: ['hold', 'send', 'hold send', 'hold granted /'],
  consent: ['granted', 'denied', 'pending', 'Granted'],
};
const TYPED = NAMES as readonly string[];
const oddOf = (name: string): unknown[] | undefined =>
  odd[name] ?? odd[typeof DEFAULTS[name as keyof typeof DEFAULTS]];
const nearly = withOdd(Object.fromEntries(NAMES.map((name) => [name, oddOf(name)!])));

const canPrint = (value: unknown): boolean => {
  try {
    return `${value}` !== value || true;
  } catch {
    return false;
  }
};
/** Of all options only the key is looked at as text before its type is known. */
const isReadable = (options: unknown): boolean => {
  try {
    return canPrint({ ...(options as { companyId?: unknown }) }.companyId);
  } catch {
    return false;
  }
};

/** A client of these settings on the origin's only tab: what it is given arrives, or is accounted for. */
const expectGoodClient = async (
  origin: Origin,
  settings: Settings,
  client: Client,
  dropped: { metric?: string | undefined; reason: string }[],
): Promise<void> => {
  const [tab] = origin.tabs();
  let steps = 0;
  origin.setOnStep(() => {
    // Or it would take what is left of the hour.
    if (++steps > STEPS_MAX) tab!.kill();
  });
  void client.consent('granted');
  void client.identify({ email: 'ada@shop.example' });
  void client.track('Good', { n: 1 });
  await origin.advance(2 * DAY_MS);
  void client.flush();
  await origin.advance(120_000);
  expect(steps).toBeLessThan(STEPS_MAX);
  const { maxQueueEvents, maxQueueBytes, maxAgeMs, requestTimeoutMs } = settings;
  const isKept = maxQueueEvents > 0 && maxQueueBytes > 2000 && maxAgeMs > 3 * DAY_MS;
  const arrived = origin.klaviyo.metrics().filter((metric) => metric === 'Good').length;
  const lost = dropped.filter(({ metric }) => metric === 'Good').map(({ reason }) => reason);
  const waiting = (await client.inspect()).queue.filter(({ metric }) => metric === 'Good').length;
  expect(arrived + lost.length + waiting).toBe(1);
  for (const reason of lost) expect(['evicted', 'expired']).toContain(reason);
  if (isKept) expect(lost).toEqual([]);
  if (isKept && requestTimeoutMs > 0) expect(arrived).toBe(1);
  expect(origin.klaviyo.requests.filter(({ refusal }) => refusal)).toEqual([]);
  expect(origin.errors).toEqual([]);
  expectNothingPersonal(origin.warnings);
  expectClean();
};

/** What the documentation of the options promises of what has been taken. */
const expectDocumented = (settings: Settings): void => {
  // Refused are other characters; a list of one key reads as that key.
  expect(`${settings.companyId}`).toMatch(/^[a-z\d]{6}$/i);
  expect(settings.revision).toMatch(/^\d{4}-\d\d-\d\d\S*$/);
  expect(['hold', 'send']).toContain(settings.anonymous);
  expect(['granted', 'denied', 'pending']).toContain(settings.consent);
  // A URL names its host: fetch would take the path's first part for it.
  expect(settings.apiHost).toMatch(/^(https?:\/\/[^/?#]|\/|$)/);
  for (const [name, standard] of Object.entries(DEFAULTS)) {
    expect(typeof settings[name as keyof Settings]).toBe(typeof standard);
  }
};

const OPTIONS_PER_RUN = 20;

it('takes options that a client works with, and refuses the others', {
  timeout: 3_600_000,
}, async () => {
  const given = fc.oneof(
    { weight: 1, arbitrary: hostile },
    { weight: 3, arbitrary: withKeys(...NAMES) },
    { weight: 3, arbitrary: nearly },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(given, fc.boolean()), {
        minLength: OPTIONS_PER_RUN,
        maxLength: OPTIONS_PER_RUN,
      }),
      nearly,
      async (all, chosen) => {
        let last: object | undefined;
        for (const [options, isKnown] of [...all, [chosen, true] as const]) {
          const value = options.make();
          let read = value;
          let settings: Settings | undefined;
          try {
            if (isKnown) read = { companyId: COMPANY, ...(value as object) };
            settings = readOptions(read as never);
          } catch (error) {
            if (isReadable(read)) {
              expect(error).toBeInstanceOf(StorefrontError);
              expectNothingPersonal([error]);
            }
          }
          if (settings) {
            expectDocumented(settings);
            last = read as object;
          }
          expectClean();
        }
        if (!last) return;
        const origin = createOrigin();
        const { client, reports } = startOn(origin.open(), last);
        await expectGoodClient(origin, readOptions(last as never), client, reports.dropped);
      },
    ),
    { numRuns: runsOf(13_000, OPTIONS_PER_RUN), ...replay },
  );
});

/** The whole script, but for the platform. */
const STAND_IN = 'export const browserEnv = () => window.env;';
let script: (...page: unknown[]) => void;

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [new URL('../../src/script.ts', import.meta.url).pathname],
    ...{ bundle: true, write: false, format: 'iife', target: 'es2020' },
    plugins: [
      {
        name: 'stand-in',
        setup: ({ onLoad }) =>
          onLoad({ filter: /browser\/env\.ts$/ }, () => ({ contents: STAND_IN, loader: 'ts' })),
      },
    ],
  });
  const page = ['window', 'document', 'console', 'setTimeout', 'reportError'];
  script = new Function(...page, outputFiles[0]!.text) as typeof script;
});

interface Klaviyo {
  client?: Client;
  track: (...args: unknown[]) => Promise<unknown>;
}

const ATTRIBUTES_PER_RUN = 4;

it('reads every attribute of the script tag, and never breaks the page', {
  timeout: 3_600_000,
}, async () => {
  const textOf = (name: string): fc.Arbitrary<string> =>
    fc.oneof(
      hostileText,
      fc.constantFrom(
        ...(TYPED.includes(name) ? oddOf(name)! : ['klaviyo', 'shop', '']).map(String),
      ),
    );
  const attribute = fc
    .constantFrom(...NAMES, 'global', 'cookieconsent', '__proto__', 'constructor')
    .chain((name) => fc.tuple(fc.constant(name), textOf(name)));
  const attributes = fc.array(attribute, {
    minLength: ATTRIBUTES_PER_RUN,
    maxLength: ATTRIBUTES_PER_RUN,
  });
  await fc.assert(
    fc.asyncProperty(attributes, fc.oneof(hostileText, fc.constant(COMPANY)), async (all, key) => {
      const origin = createOrigin();
      const tab = origin.open();
      const said: unknown[] = [];
      const log = (...args: unknown[]): void => void said.push(...args);
      // As a DOMStringMap takes them: own properties, whatever they are called.
      const dataset: Record<string, string> = JSON.parse(
        `{${all.map((pair) => pair.map((text) => JSON.stringify(text)).join(':')).join()}}`,
      );
      // Without a prototype: a window's cannot be replaced by a global called `__proto__`.
      const page: Record<string, unknown> = Object.assign(Object.create(null), { env: tab.env });
      script(
        page,
        {
          currentScript: { src: `https://shop.example/script.js?company_id=${key}`, dataset },
          querySelector: () => null,
        },
        { error: log, warn: log },
        (task: () => void, delayMs: number) => tab.env.after(delayMs, task),
        log,
      );
      const klaviyo = page[dataset.global || 'klaviyo'] as Klaviyo;
      expectNothingPersonal([...said, ...origin.warnings]);
      if (said[0]) {
        expect(said).toMatchObject([{ name: 'StorefrontError' }]);
        const answer = klaviyo.track('Good');
        await origin.advance(5000);
        expect(await answer).toBe(false);
        expect(origin.errors).toEqual([]);
        return expectClean();
      }
      const client = klaviyo.client!;
      const dropped: Parameters<typeof expectGoodClient>[3] = [];
      client.on('dropped', (report) => dropped.push(report));
      const numbers = Object.entries(DEFAULTS).flatMap(([name, standard]) =>
        typeof standard === 'number' && dataset[name] ? [[name, +dataset[name]]] : [],
      );
      const settings = { ...DEFAULTS, ...Object.fromEntries(numbers) } as Settings;
      await expectGoodClient(origin, settings, client, dropped);
      expect(said).toEqual([]);
    }),
    { numRuns: runsOf(6000, ATTRIBUTES_PER_RUN), ...replay },
  );
});
