// @vitest-environment node
import { describe, expect, it, vi } from 'vitest';

describe('on a server', () => {
  it('touches no global when it is imported', async () => {
    // Another test may have imported it before.
    vi.resetModules();
    const touched: string[] = [];
    const names = ['window', 'document', 'navigator', 'localStorage', 'indexedDB', 'location'];
    const before = names.map((name) => Object.getOwnPropertyDescriptor(globalThis, name));
    for (const name of names) {
      Object.defineProperty(globalThis, name, {
        configurable: true,
        get: () => {
          // The test's own machinery looks at some of them as well.
          if (/\/src\//.test(`${new Error().stack}`)) touched.push(name);
          return undefined;
        },
      });
    }
    try {
      const { createClient } = await import('../../src/index.js');
      expect(touched).toEqual([]);
      expect(typeof createClient).toBe('function');
    } finally {
      names.forEach((name, index) => {
        const descriptor = before[index];
        if (descriptor) Object.defineProperty(globalThis, name, descriptor);
        else Reflect.deleteProperty(globalThis, name);
      });
    }
  });

  it('gives a client whose calls are answered and do nothing', async () => {
    const { createClient } = await import('../../src/index.js');
    const client = createClient({ companyId: 'AbC123' });
    const answers = await Promise.all([
      client.track('Viewed Product'),
      client.identify({ email: 'ada@shop.example' }),
      client.flush(),
      client.reset(),
      client.consent('granted'),
      client.visitor(),
      client.close(),
    ]);
    expect(answers).toEqual(answers.map(() => undefined));
    expect(client.isIdentified()).toBe(false);
    const off = client.on('queued', () => undefined);
    expect(off()).toBeUndefined();
  });

  it('shows an empty queue to whoever inspects it', async () => {
    const { createClient } = await import('../../src/index.js');
    const { queue, counters, consent } = await createClient({ companyId: 'AbC123' }).inspect();
    expect({ queue, counters, consent }).toEqual({
      queue: [],
      counters: { queued: 0, delivered: 0, dropped: 0 },
      consent: 'denied',
    });
  });

  it('can be returned from an async function', async () => {
    const { createClient } = await import('../../src/index.js');
    const client = await (async () => createClient({ companyId: 'AbC123' }))();
    expect(client.isIdentified()).toBe(false);
  });

  it('says once in debug mode that nothing happens here', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined);
    const { createClient } = await import('../../src/index.js');
    const quiet = createClient({ companyId: 'AbC123' });
    void quiet.track('One');
    expect(warn).not.toHaveBeenCalled();
    const client = createClient({ companyId: 'AbC123', debug: true });
    void client.track('One');
    void client.track('Two');
    createClient({ companyId: 'AbC123', debug: true });
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it('still refuses a private key', async () => {
    const { createClient, StorefrontError } = await import('../../src/index.js');
    expect(() => createClient({ companyId: 'pk_123' })).toThrow(StorefrontError);
  });
});
