// What one run of a scenario has: a browser, a shop, a Klaviyo, the way between them, and the numbers of
// the events that were tracked.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandbox, type Sandbox, type SandboxOptions } from 'klaviyo-storefront/sandbox';
import { type Browser, type Engine, type Tab, until } from './driver.js';
import { createNetwork, type Network } from './network.js';
import { createSite, type Site, type Visit } from './site.js';

export interface World {
  engine: Engine;
  /** Whether its browser keeps a profile on disk. */
  hasProfile: boolean;
  /** How many events the variant is about. */
  count: number;
  sandbox: Sandbox;
  network: Network;
  site: Site;
  /** Of every page, the last one included. */
  defaults: Visit;
  /** The visitor's browser; started by the first use. */
  browser(): Promise<Browser>;
  /** Ends the browser the hard or the orderly way; the next use starts it on the same profile. */
  end(how: 'kill' | 'quit'): Promise<void>;
  /** A new tab on a page of the shop, of a visitor who is known. */
  visit(visit?: Visit & { isKnown?: boolean; isBehind?: boolean }): Promise<Tab>;
  goto(tab: Tab, visit?: Visit): Promise<void>;
  /** Enters events that the scenario tracks itself, each with its number as the property `n`. */
  enter(count?: number): number[];
  /** Tracks in one task and waits until all are durable. */
  track(tab: Tab, count?: number, metric?: string): Promise<number[]>;
  /** The number of an event by its unique id, as far as the page has told. */
  numberOf: Map<string, number>;
  entered: number[];
  /** The tab last opened, while it is. */
  current: Tab | undefined;
  has(numbers: number[]): boolean;
  arrival(numbers: number[], timeoutMs?: number): Promise<void>;
  /** Tells the pages what a browser tells them when the network is back. */
  online(...tabs: Tab[]): Promise<void>;
  close(): Promise<void>;
}

export const email = 'ada@shop.example';

/** Of the shop's database, and what its keys in localStorage begin with. */
export const databaseName = 'klaviyo-storefront:AbC123';

export async function createWorld(
  engine: Engine,
  count: number,
  options: SandboxOptions,
  hasProfile: boolean,
): Promise<World> {
  const sandbox = await createSandbox(options);
  const network = await createNetwork(sandbox.port);
  const site = await createSite(network.url);
  const folder = hasProfile ? await mkdtemp(join(tmpdir(), 'matrix-profile-')) : '';
  const entered: number[] = [];
  const numberOf = new Map<string, number>();
  let started: Promise<Browser> | undefined;

  const browser = (): Promise<Browser> => {
    started ??= hasProfile ? engine.open(folder) : engine.visitor();
    return started;
  };
  const has = (numbers: number[]): boolean => {
    const found = new Set(sandbox.events().map(({ properties }) => properties.n));
    return numbers.every((n) => found.has(n));
  };

  const world: World = {
    ...{ engine, hasProfile, count, sandbox, network, site, browser, entered, numberOf, has },
    defaults: {},
    current: undefined,
    end: async (how) => {
      await (await browser())[how]();
      started = undefined;
      world.current = undefined;
    },
    visit: async ({ isKnown = true, isBehind, ...visit } = {}) => {
      const tab = await (await browser()).newTab(isBehind);
      world.current = tab;
      await world.goto(tab, visit);
      if (isKnown) {
        await tab.evaluate((address) => void tracker().identify({ email: address }), email);
      }
      return tab;
    },
    goto: (tab, visit) => tab.goto(site.url({ ...world.defaults, ...visit })),
    enter: (more = count) => {
      const numbers = Array.from({ length: more }, (_, index) => entered.length + index + 1);
      entered.push(...numbers);
      return numbers;
    },
    track: async (tab, more, metric) => {
      const numbers = world.enter(more);
      const ids = await tab.evaluate(({ list, name }) => window.matrix.track(list, name), {
        list: numbers,
        name: metric,
      });
      ids.forEach((id, index) => {
        if (id) numberOf.set(id, numbers[index] ?? 0);
      });
      return numbers;
    },
    arrival: (numbers, timeoutMs) =>
      until(`the arrival of ${numbers.length} events`, () => has(numbers), timeoutMs),
    online: async (...tabs) => {
      network.mend();
      for (const tab of tabs) await tab.evaluate(() => void dispatchEvent(new Event('online')));
    },
    close: async () => {
      await started?.then((each) => each.quit()).catch(() => undefined);
      await site.close();
      await network.close();
      await sandbox.close();
      if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
  return world;
}

/** Resolves when nothing waits on the page to be sent. */
export const idle = (tab: Tab, timeoutMs?: number): Promise<void> =>
  until(
    'an empty queue',
    () => tab.evaluate(async () => (await tracker().inspect()).queue.every(({ held }) => held)),
    timeoutMs,
  );

/** A tab of a visitor whom Klaviyo knows, so that what follows is about events alone. */
export async function visitKnown(world: World, visit?: Visit): Promise<Tab> {
  const tab = await world.visit(visit);
  await tab.evaluate(() => tracker().flush());
  await until('the profile', () => world.sandbox.profiles().length > 0);
  await idle(tab);
  return tab;
}

/** Whether the page has heard that it has to wait. */
export const hasPause = (tab: Tab): Promise<boolean> =>
  tab.evaluate(async () => !!(await tracker().inspect()).pause);

/**
 * Throws when Klaviyo was asked again too early. For scenarios that send one request at a time: of those side by
 * side the others are no fault.
 * @param untilAt of the moment of the first refusal, by the sandbox's clock
 * @param isRefusal by the status of a request
 */
export function holdTo(
  { sandbox }: World,
  untilAt: (refusedAt: number) => number,
  isRefusal = (status: unknown): boolean => status === 429,
): void {
  const asked = sandbox.requests();
  const index = asked.findIndex(({ status }) => isRefusal(status));
  const refused = asked[index];
  if (!refused) throw new Error('nothing was refused');
  const end = untilAt(refused.at);
  const early = asked.find(({ at }, other) => other > index && at < end);
  if (early) {
    throw new Error(
      `asked ${early.at - refused.at} ms after a refusal, not ${end - refused.at} ms`,
    );
  }
}

/** Starts `action` on the page in a task of its own, so that it may leave the page. */
export const start = <A>(tab: Tab, action: (argument: A) => void, argument: A): Promise<void> =>
  tab.evaluate(
    ({ code, given }) => void setTimeout(() => new Function(`return ${code}`)()(given)),
    { code: String(action), given: argument },
  );

/** Time goes faster, in the page and in the sandbox. */
export function speedUp(world: World, speed = 60): void {
  const startAt = Date.now();
  world.sandbox.configure({ now: () => startAt + (Date.now() - startAt) * speed });
  world.defaults = {
    clock: { startAt, speed, offsetMs: 0 },
    options: { requestTimeoutMs: 600_000 },
  };
}

/** By the clock that `speedUp` has set. */
export const fastNow = (world: World): number => {
  const { startAt, speed } = world.defaults.clock ?? { startAt: 0, speed: 1 };
  return startAt + (Date.now() - startAt) * speed;
};
