// @vitest-environment node
/** A script tag whose client starts in a task of its own: what happens before that is not lost, and in order. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { connect, type Start } from '../../src/browser/create-client.js';
import { installGlobal } from '../../src/browser/klaviyo-global.js';
import { type ClientOptions, readOptions } from '../../src/browser/options.js';
import { createOrigin, type Tab } from '../helpers/fake-env.js';
import { COMPANY, start as startClient, startKnown } from '../helpers/start-client.js';

const SHOP = 'https://shop.example/';
const LINK = `${SHOP}p?utm_email=ada@shop.example`;
const leaving = { destination: { sameDocument: false } };

afterEach(() => vi.unstubAllGlobals());

/** What script.ts does on a tab, with what stubs have recorded before. */
const load = (
  tab: Tab,
  recorded: Record<string, unknown[]>,
  options: Partial<ClientOptions> = {},
): Start => {
  vi.stubGlobal('window', { ...recorded });
  vi.stubGlobal('document', { querySelector: () => null });
  const start = connect(readOptions({ companyId: COMPANY, ...options }), tab.env);
  installGlobal(start, COMPANY, tab.env, undefined, options.consent !== 'pending');
  if ('shop' in recorded) installGlobal(start, COMPANY, tab.env, 'shop');
  return start;
};
/** What a copy of script.js does: each has an env of its own. */
const loadCopy = (tab: Tab, name?: string, options: Partial<ClientOptions> = {}): Start => {
  const env = { ...tab.env };
  const start = connect(readOptions({ companyId: COMPANY, ...options }), env);
  installGlobal(start, COMPANY, env, name);
  return start;
};
const stub = (recorded: Record<string, unknown[]>, hasKlaviyoJs = false): void => {
  vi.stubGlobal('window', { ...recorded });
  vi.stubGlobal('document', { querySelector: () => (hasKlaviyoJs ? {} : null) });
};
const onPage = () => window as unknown as { klaviyo: { track(metric: string): Promise<boolean> } };
/** What createClient gives an import on the same page. */
const clientOf = (start: Start) => start.ready!();
const RECORDED = [
  ['identify', { $email: 'ada@shop.example' }],
  ['track', 'Added to Cart'],
];

describe('a page that ends before the client has started', () => {
  const endings: Record<string, (tab: Tab) => void> = {
    'decides to leave, and is told nothing more': (tab) => tab.dispatch('navigate', leaving),
    'is only told pagehide': (tab) => tab.dispatch('pagehide', { persisted: false }),
    'is hidden': (tab) => tab.hide(),
  };
  it.each(Object.entries(endings))('%s', async (_, end) => {
    const origin = createOrigin();
    const tab = origin.open();
    load(tab, { _klOnsite: [...RECORDED] });
    end(tab);
    tab.kill('processed');
    startClient(origin);
    await origin.advance(60_000);
    expect(origin.klaviyo.metrics()).toEqual(['Added to Cart']);
  });

  const told = Object.entries(endings).filter(([name]) => name !== 'is hidden');
  describe.each(told)('%s', (_, end) => {
    const metricsAfter = async (
      recorded: Record<string, unknown[]>,
      run: (tab: Tab) => Promise<void> | void,
    ): Promise<string[]> => {
      const origin = createOrigin();
      const tab = origin.open();
      stub(recorded);
      await run(tab);
      tab.kill('processed');
      startClient(origin);
      await origin.advance(60_000);
      return origin.klaviyo.metrics().sort();
    };

    it('and there are two scripts with names of their own', async () => {
      const metrics = await metricsAfter(
        { _klOnsite: [...RECORDED], shop: [['track', 'Viewed Product']] },
        (tab) => {
          loadCopy(tab);
          loadCopy(tab, 'shop');
          end(tab);
        },
      );
      expect(metrics).toEqual(['Added to Cart', 'Viewed Product']);
    });

    it('and an import has started the client', async () => {
      const metrics = await metricsAfter({ _klOnsite: [...RECORDED] }, (tab) => {
        connect(readOptions({ companyId: COMPANY }), { ...tab.env })();
        loadCopy(tab);
        end(tab);
      });
      expect(metrics).toEqual(['Added to Cart']);
    });

    it('and a recorded function tracks', async () => {
      const recorded = [RECORDED[0], () => void onPage().klaviyo.track('Added to Cart')];
      const metrics = await metricsAfter({ _klOnsite: recorded }, async (tab) => {
        loadCopy(tab);
        end(tab);
        for (let i = 0; i < 10; i++) await Promise.resolve();
      });
      expect(metrics).toEqual(['Added to Cart']);
    });

    it("and the page's own listener tracks after ours", async () => {
      const metrics = await metricsAfter({ _klOnsite: [RECORDED[0]] }, (tab) => {
        loadCopy(tab);
        end(tab);
        void onPage().klaviyo.track('Added to Cart');
      });
      expect(metrics).toEqual(['Added to Cart']);
    });

    it('and klaviyo.js has the name: wipes where consent is denied', async () => {
      const origin = createOrigin();
      const tab = (await startKnown(origin)).tab.navigate();
      stub({}, true);
      loadCopy(tab, undefined, { consent: 'denied' });
      end(tab);
      tab.kill('processed');
      expect(origin.local.text()).not.toContain('ada@shop.example');
    });

    it('and klaviyo.js has the name: follows the link of a mail', async () => {
      const origin = createOrigin();
      const tab = origin.open({ url: LINK });
      stub({}, true);
      loadCopy(tab);
      end(tab);
      const next = load(tab.navigate(`${SHOP}de/`), {});
      await origin.advance(5000);
      expect(clientOf(next).isIdentified()).toBe(true);
    });
  });

  it('follows the link of a mail', async () => {
    const origin = createOrigin();
    const tab = origin.open({ url: LINK });
    load(tab, {});
    tab.dispatch('navigate', leaving);
    const next = load(tab.navigate(`${SHOP}de/`), {});
    await origin.advance(5000);
    expect(clientOf(next).isIdentified()).toBe(true);
  });

  it('wipes where consent is denied', async () => {
    const origin = createOrigin();
    const tab = (await startKnown(origin)).tab.navigate();
    load(tab, {}, { consent: 'denied' });
    tab.close();
    expect(origin.local.text()).not.toContain('ada@shop.example');
  });

  it('goes on as before where it only changed its address', async () => {
    const origin = createOrigin();
    const tab = origin.open();
    load(tab, { _klOnsite: [...RECORDED] });
    tab.dispatch('navigate', { destination: { sameDocument: true } });
    expect(origin.local.text()).toBe('[]');
    await origin.advance(60_000);
    expect(origin.klaviyo.metrics()).toEqual(['Added to Cart']);
  });
});

describe('the task before the start', () => {
  /** What is asked of the platform, task by task. */
  const touched = async (options: Partial<ClientOptions>) => {
    const origin = createOrigin();
    const tab = origin.open();
    const seen: string[] = [];
    const { after, local } = tab.env;
    tab.env.after = (delayMs, task) =>
      after(delayMs, () => {
        seen.push('task');
        task();
      });
    tab.env.cookie = () => {
      seen.push('cookie');
      return '';
    };
    tab.env.local = {
      ...local,
      read: (key) => {
        seen.push('storage');
        return local.read(key);
      },
    };
    load(tab, { _klOnsite: [...RECORDED] }, options);
    await origin.advance(60_000);
    return { seen, metrics: origin.klaviyo.metrics() };
  };

  it('asks for what takes the platform long', async () => {
    const { seen, metrics } = await touched({});
    expect(seen.slice(0, 4)).toEqual(['task', 'cookie', 'storage', 'task']);
    expect(metrics).toEqual(['Added to Cart']);
  });

  it('reads nothing stored before there is consent', async () => {
    const { seen } = await touched({ consent: 'pending' });
    expect(seen.slice(0, 3)).toEqual(['task', 'cookie', 'task']);
    expect(seen).not.toContain('storage');
  });
});

describe('what was recorded comes before', () => {
  const known = async () => {
    const origin = createOrigin();
    return { origin, tab: (await startKnown(origin)).tab.navigate() };
  };

  it.each(['_klOnsite', 'shop'])('what an import tracks (%s)', async (name) => {
    const { origin, tab } = await known();
    const start = load(tab, { [name]: [['identify', { $email: 'grace@shop.example' }]] });
    void clientOf(start).track('Placed Order');
    await origin.advance(60_000);
    expect(origin.klaviyo.events.at(-1)!.profile.email).toBe('grace@shop.example');
  });

  it('its logout', async () => {
    const { origin, tab } = await known();
    void clientOf(load(tab, { _klOnsite: [['track', 'Placed Order']] })).reset();
    await origin.advance(60_000);
    expect(origin.klaviyo.events.at(-1)?.profile.email).toBe('ada@shop.example');
  });

  it('its close()', async () => {
    const { origin, tab } = await known();
    void clientOf(load(tab, { _klOnsite: [['track', 'Placed Order']] })).close();
    await origin.advance(5000);
    startClient(origin);
    await origin.advance(60_000);
    expect(origin.klaviyo.metrics()).toContain('Placed Order');
  });

  it('what another name of ours tracks', async () => {
    const { origin, tab } = await known();
    stub({ _klOnsite: [], shop: [['identify', { $email: 'grace@shop.example' }]] });
    loadCopy(tab);
    loadCopy(tab, 'shop');
    void onPage().klaviyo.track('Placed Order');
    await origin.advance(60_000);
    expect(origin.klaviyo.events.at(-1)!.profile.email).toBe('grace@shop.example');
  });

  describe('what is called on a client that an import holds already:', () => {
    const held = async (recorded: unknown[]) => {
      const { origin, tab } = await known();
      stub({ _klOnsite: recorded });
      const client = connect(readOptions({ companyId: COMPANY }), { ...tab.env })();
      loadCopy(tab);
      return { origin, client };
    };

    it('track', async () => {
      const { origin, client } = await held([['identify', { $email: 'grace@shop.example' }]]);
      void client.track('Placed Order');
      await origin.advance(60_000);
      expect(origin.klaviyo.events.at(-1)!.profile.email).toBe('grace@shop.example');
    });

    it('reset', async () => {
      const { origin, client } = await held([['track', 'Placed Order']]);
      void client.reset();
      await origin.advance(60_000);
      expect(origin.klaviyo.events.at(-1)?.profile.email).toBe('ada@shop.example');
    });

    it('close', async () => {
      const { origin, client } = await held([['track', 'Placed Order']]);
      void client.close();
      await origin.advance(5000);
      startClient(origin);
      await origin.advance(60_000);
      expect(origin.klaviyo.metrics()).toContain('Placed Order');
    });
  });
});
