// The books: what was tracked against what the sandbox has recorded. Events are told apart by a number.
import { expect, type Page } from '@playwright/test';
import type { DropReason } from 'klaviyo-storefront';
import type { Sandbox } from 'klaviyo-storefront/sandbox';
import type { Watch } from './watch.js';

export interface Balance {
  /** Events that are to be reported as dropped, by number, and no others. */
  dropped?: Record<number, DropReason>;
  /** Numbers that may still be waiting in the queue. */
  waiting?: number[];
  /** Metrics that may have come beside the numbered events. */
  besides?: string[];
  timeoutMs?: number;
}

export interface Ledger {
  /** Enters `count` further events that the test tracks itself, each with its number as the property `n`. */
  enter(count: number): number[];
  /** Tracks `count` events in one task on the page and waits until they are durable. */
  track(page: Page, count: number, metric?: string | ((n: number) => string)): Promise<number[]>;
  /** Whether the sandbox has recorded these. */
  has(numbers: number[]): boolean;
  arrival(numbers: number[], timeoutMs?: number): Promise<void>;
  /**
   * The question every test ends with: has each event that was tracked been recorded exactly once, or
   * been reported as dropped for the right reason, and nothing else? Answers how many superfluous copies
   * were sent.
   */
  balance(balance?: Balance): Promise<{ copies: number }>;
  isBalanced(): boolean;
}

export function createLedger(sandbox: Sandbox, watch: Watch): Ledger {
  const entered: number[] = [];
  const numberOf = new Map<string, number>();
  let isBalanced = false;

  const enter = (count: number): number[] => {
    const numbers = Array.from({ length: count }, (_, index) => entered.length + index + 1);
    entered.push(...numbers);
    isBalanced = false;
    return numbers;
  };
  const recorded = () => sandbox.events().map((event) => event.properties.n as number);
  const has = (numbers: number[]): boolean => {
    const found = new Set(recorded());
    return numbers.every((number) => found.has(number));
  };

  return {
    enter,
    has,
    arrival: (numbers, timeoutMs) => sandbox.waitFor(() => has(numbers), timeoutMs),
    track: async (page, count, metric = 'Viewed Product') => {
      const numbers = enter(count);
      const ids = await page.evaluate(
        (list) => Promise.all(list.map(([n, name]) => tracker().track(name, { n }))),
        numbers.map((n) => [n, typeof metric === 'string' ? metric : metric(n)] as const),
      );
      ids.forEach((id, index) => {
        if (id) numberOf.set(id, numbers[index] ?? 0);
      });
      return numbers;
    },
    balance: async ({ dropped = {}, waiting = [], besides = [], timeoutMs = 30_000 } = {}) => {
      isBalanced = true;
      const isWanted = (n: number): boolean => !(n in dropped) && !waiting.includes(n);
      const wanted = entered.filter(isWanted);
      let summary = '';
      await sandbox
        .waitFor(() => has(wanted), timeoutMs)
        .catch((error: Error) => {
          summary = error.message;
        });
      for (const context of watch.contexts) await drained(context.pages(), waiting);
      const events = sandbox.events().filter(({ metric }) => !besides.includes(metric));
      const numbers = events.map(({ properties }) => properties.n as number);
      const found = {
        missing: wanted.filter((n) => !numbers.includes(n)),
        twice: numbers.filter((n, index) => numbers.indexOf(n) !== index),
        unexpected: numbers.filter((n) => !wanted.includes(n)),
      };
      expect(found, summary).toEqual({ missing: [], twice: [], unexpected: [] });
      // A call that was refused at once has told nobody its id; such calls are reported in their order.
      const known = new Set(numberOf.values());
      const nameless = entered.filter((n) => !known.has(n));
      const reasons = watch.dropped.map(({ uniqueId, reason }) => [
        numberOf.get(uniqueId) ?? nameless.shift(),
        reason,
      ]);
      expect(Object.fromEntries(reasons)).toEqual(dropped);
      expect(reasons).toHaveLength(Object.keys(dropped).length);
      return { copies: events.reduce((sum, { duplicates }) => sum + duplicates, 0) };
    },
    isBalanced: () => isBalanced || entered.length === 0,
  };
}

/** An event that is recorded and stays in the queue would be sent again on every page. */
async function drained(pages: Page[], waiting: number[]): Promise<void> {
  for (const page of pages) {
    const hasTracker = await page.evaluate(() => typeof tracker === 'function' && !!tracker());
    if (!hasTracker) continue;
    const left = () => page.evaluate(async () => (await tracker().inspect()).queue.length);
    await expect.poll(left, { message: 'events left in the queue' }).toBe(waiting.length);
  }
}
