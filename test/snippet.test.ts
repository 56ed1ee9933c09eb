import { runInNewContext } from 'node:vm';
import { buildSync } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

type Call = (...args: unknown[]) => Promise<unknown>;
interface Page {
  klaviyo?: Record<string, Call>;
  _klOnsite?: unknown[][];
}

const code = buildSync({
  entryPoints: [new URL('../src/snippet.ts', import.meta.url).pathname],
  bundle: true,
  write: false,
  minify: true,
  format: 'iife',
  target: 'es2020',
}).outputFiles[0]!.text;

/** A page that has run the snippet. Timers are the test's. */
const open = (page: Page = {}): Page => {
  runInNewContext(code, {
    window: page,
    setTimeout: (...args: [() => void]) => setTimeout(...args),
  });
  return page;
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('snippet', () => {
  it("records calls in klaviyo.js's format: name, arguments, a function for the answer", () => {
    const page = open();
    void page.klaviyo!.identify!({ $email: 'ada@shop.test' });
    void page.klaviyo!.track!('Tasted', { Flavour: 'Plum' }, () => undefined);
    expect(page._klOnsite).toEqual([
      ['identify', { $email: 'ada@shop.test' }, expect.any(Function)],
      ['track', 'Tasted', { Flavour: 'Plum' }, expect.any(Function)],
    ]);
  });

  it('passes the answer on to the promise and the callback, once', async () => {
    const page = open();
    const callback = vi.fn();
    const result = page.klaviyo!.isIdentified!(callback);
    const answer = page._klOnsite![0]!.at(-1) as (result: unknown) => void;
    answer(true);
    answer(false);
    expect(await result).toBe(true);
    await vi.runAllTimersAsync();
    expect(callback).toHaveBeenCalledExactlyOnceWith(true);
  });

  it('pushes entries as they are', () => {
    const page = open();
    page.klaviyo!.push!(['track', 'A'], ['track', 'B']);
    expect(page._klOnsite).toEqual([
      ['track', 'A'],
      ['track', 'B'],
    ]);
  });

  it('lets a page go on after four seconds when the script never comes', async () => {
    const page = open();
    const goOn = vi.fn();
    void page.klaviyo!.track!('Started Checkout', {}, goOn);
    await vi.advanceTimersByTimeAsync(3999);
    expect(goOn).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(goOn).toHaveBeenCalledOnce();
    // It is still there for a script that is only slow.
    expect(page._klOnsite).toHaveLength(1);
  });

  it('can be awaited without being a promise', async () => {
    const page = open();
    expect(await Promise.resolve(page.klaviyo)).toBe(page.klaviyo);
    expect(page._klOnsite).toEqual([]);
  });

  it('leaves a klaviyo that is there alone, and a queue too', () => {
    const klaviyo = {};
    const page = open({ klaviyo });
    expect(page.klaviyo).toBe(klaviyo);
    expect(page).not.toHaveProperty('_klOnsite');

    const _klOnsite = [['track', 'early']];
    expect(open({ _klOnsite })._klOnsite).toBe(_klOnsite);
  });
});
