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
  installGlobal(start, COMPANY, tab.env);
  if ('shop' in recorded) installGlobal(start, COMPANY, tab.env, 'shop');
  return start;
};
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
});
