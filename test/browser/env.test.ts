import { afterEach, describe, expect, it, vi } from 'vitest';
import { browserEnv } from '../../src/browser/env.js';

const env = browserEnv()!;
afterEach(() => localStorage.clear());

describe('the platform', () => {
  it('makes UUIDs, on plain http too', () => {
    const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(env.uuid()).toMatch(shape);
    const getRandomValues = crypto.getRandomValues.bind(crypto);
    vi.stubGlobal('crypto', { getRandomValues });
    const ids = new Set(Array.from({ length: 50 }, () => env.uuid()));
    expect(ids.size).toBe(50);
    for (const id of ids) expect(id).toMatch(shape);
  });

  it('keeps in localStorage', () => {
    expect(env.local.write('test:a', [1, 'b'])).toBe(true);
    expect(env.local.write('other', 0)).toBe(true);
    expect(env.local.read('test:a')).toEqual([1, 'b']);
    expect(env.local.keys('test:')).toEqual(['test:a']);
    env.local.remove('test:a');
    expect(env.local.read('test:a')).toBeNull();
    localStorage.setItem('test:b', '{"cut');
    expect(env.local.read('test:b')).toBeUndefined();
  });

  it('throws nothing where nothing is stored', () => {
    const parse = vi.spyOn(JSON, 'parse');
    expect(env.local.read('test:none')).toBeNull();
    expect(parse.mock.results).toEqual([{ type: 'return', value: null }]);
    parse.mockRestore();
  });

  it('reads a blocked localStorage as empty, and never throws', () => {
    const blocked = vi.spyOn(globalThis, 'localStorage', 'get').mockImplementation(() => {
      throw new DOMException('blocked', 'SecurityError');
    });
    const { local } = browserEnv()!;
    expect(local.write('a', 1)).toBe(false);
    expect(local.read('a')).toBeUndefined();
    expect(local.keys('')).toEqual([]);
    expect(() => local.remove('a')).not.toThrow();
    blocked.mockRestore();
  });

  it('says when localStorage is full', () => {
    const set = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    const full = vi.spyOn(globalThis, 'localStorage', 'get');
    full.mockReturnValue(new Proxy({}, { set }) as never);
    expect(browserEnv()!.local.write('a', 1)).toBe(false);
    full.mockRestore();
  });

  it('keeps in localStorage after window.close(), when WebKit gives it to nobody any more', () => {
    const { local } = browserEnv()!;
    const closing = vi.spyOn(globalThis, 'localStorage', 'get').mockReturnValue(null as never);
    expect(local.write('test:last', 'words')).toBe(true);
    closing.mockRestore();
    expect(localStorage.getItem('test:last')).toBe('"words"');
  });

  it('takes a time without end for a long one, and not for none', async () => {
    vi.useFakeTimers();
    const done = vi.fn();
    const signals = [Infinity, 1e308].map((delayMs) => env.timeout(delayMs));
    env.after(Infinity, done);
    env.after(2 ** 31, done);
    vi.advanceTimersByTime(86_400_000);
    expect(done).not.toHaveBeenCalled();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    vi.useRealTimers();
  });

  it('hears the page, the document included, until it leaves', () => {
    const heard: string[] = [];
    const hear = (event: Event) => void heard.push(event.type);
    const unlisten = env.listen({ visibilitychange: hear, pagehide: hear });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    window.dispatchEvent(new Event('pagehide'));
    unlisten();
    window.dispatchEvent(new Event('pagehide'));
    expect(heard).toEqual(['visibilitychange', 'pagehide']);
  });

  it('sees cookie, address, visibility and Global Privacy Control as they are now', () => {
    // biome-ignore lint/suspicious/noDocumentCookie: the tracker reads this very property.
    document.cookie = 'a=b';
    expect(env.cookie()).toContain('a=b');
    expect(env.url()).toBe(location.href);
    expect(env.hidden()).toBe(false);
    expect(env.gpc()).toBe(false);
    Object.defineProperty(navigator, 'globalPrivacyControl', { value: true, configurable: true });
    expect(env.gpc()).toBe(true);
    Reflect.deleteProperty(navigator, 'globalPrivacyControl');
  });

  it('has no cookies where reading them throws, as in a sandboxed frame', () => {
    const throwing = vi.spyOn(document, 'cookie', 'get').mockImplementation(() => {
      throw new DOMException('sandboxed', 'SecurityError');
    });
    expect(env.cookie()).toBe('');
    throwing.mockRestore();
  });

  it('calls the fetch of now, which another script may have replaced', async () => {
    const fetch = vi.fn(async () => new Response(null, { status: 202 }));
    vi.stubGlobal('fetch', fetch);
    expect((await env.fetch('https://shop.example/')).status).toBe(202);
    expect(fetch).toHaveBeenCalledOnce();
  });

  it('is absent where there is no page', () => {
    vi.stubGlobal('document', undefined);
    expect(browserEnv()).toBeUndefined();
  });

  it('says that a database may exist where nobody can tell', async () => {
    vi.stubGlobal('indexedDB', { databases: async () => [{ name: 'there' }] });
    expect(await env.mayExist('there')).toBe(true);
    expect(await env.mayExist('absent')).toBe(false);
    vi.stubGlobal('indexedDB', {});
    expect(await env.mayExist('any')).toBe(true);
  });
});
