// @vitest-environment node
/** What a page says about its visitor by itself: links in mails, klaviyo.js's cookie; and page views. */
import { describe, expect, it } from 'vitest';
import { createOrigin } from '../helpers/fake-env.js';
import { start, startKnown, startOn } from '../helpers/start-client.js';

const SHOP = 'https://shop.example/p';
const encode = (content: unknown) => encodeURIComponent(btoa(JSON.stringify(content)));

describe('a link in a mail', () => {
  it('counts although a router has changed the address before consent', async () => {
    const origin = createOrigin();
    const { client, tab } = start(
      origin,
      { consent: 'pending' },
      { url: `${SHOP}?utm_email=ada@shop.example` },
    );
    tab.route(SHOP);
    void client.track('Viewed Product');
    await client.consent('granted');
    await origin.advance(5000);
    expect(origin.klaviyo.events[0]!.profile.email).toBe('ada@shop.example');
  });

  it('counts no more, once a router has changed the address, when consent is given anew', async () => {
    const origin = createOrigin();
    const { client, tab } = start(origin, {}, { url: `${SHOP}?utm_email=ada@shop.example` });
    expect(client.isIdentified()).toBe(true);
    tab.route(SHOP);
    await client.consent('denied');
    await client.consent('granted');
    expect(client.isIdentified()).toBe(false);
  });

  it('counts for less than the one shown when consent is given', async () => {
    const origin = createOrigin();
    const { client, tab } = start(
      origin,
      { consent: 'pending' },
      { url: `${SHOP}?utm_email=ada@shop.example` },
    );
    tab.route(`${SHOP}?utm_email=grace@shop.example`);
    await client.consent('granted');
    expect((await client.visitor())?.email).toBe('grace@shop.example');
  });

  it.each([
    ['?_kx=abc-D_1%3D.AbC123', { _kx: 'abc-D_1=.AbC123' }],
    ['?a=1&utm_email=Ada%40Shop.example', { email: 'ada@shop.example' }],
    [
      '?_kx=abc.AbC123&utm_email=ada@shop.example',
      { _kx: 'abc.AbC123', email: 'ada@shop.example' },
    ],
  ])('%s identifies the visitor', async (query, expected) => {
    const origin = createOrigin();
    const { client } = start(origin, {}, { url: SHOP + query });
    expect(client.isIdentified()).toBe(true);
    void client.track('Viewed Product');
    await origin.advance(5000);
    expect(origin.klaviyo.events[0]!.profile).toMatchObject(expected);
    const again = start(origin, {}, { url: SHOP + query });
    await origin.advance(5000);
    expect(again.client.isIdentified()).toBe(true);
    expect(origin.klaviyo.profiles.length).toBe(1);
  });

  it.each([
    '?_kx=abc.XyZ999',
    '?_kx=abc',
    '?_kx=.AbC123',
    '?_kx=',
    '?utm_email=',
    '?utm_email=ada',
    '?%E0%A4%A',
  ])('%s identifies nobody', async (query) => {
    const origin = createOrigin();
    const { client } = start(origin, {}, { url: SHOP + query });
    await origin.advance(5000);
    expect(client.isIdentified()).toBe(false);
    expect(origin.klaviyo.requests).toEqual([]);
  });
});

describe("klaviyo.js's cookie", () => {
  it.each([
    [{ $email: 'ada@shop.example' }, { email: 'ada@shop.example' }],
    [{ email: 'ada@shop.example' }, { email: 'ada@shop.example' }],
    [{ $exchange_id: 'abc.AbC123' }, { _kx: 'abc.AbC123' }],
    [{ $kid: '01ABC' }, { id: '01ABC' }],
    [{ $id: '42' }, { external_id: '42' }],
  ])('%o keeps a known visitor known', async (content, expected) => {
    const origin = createOrigin();
    origin.page.cookie = `a=b; __kla_id=${encode({ cid: 'theirs', ...content })}; c=d`;
    const before = origin.page.cookie;
    const { client } = start(origin);
    expect(client.isIdentified()).toBe(true);
    void client.track('Viewed Product');
    await origin.advance(5000);
    const { profile } = origin.klaviyo.events[0]!;
    expect(profile).toMatchObject({ anonymous_id: 'theirs', ...expected });
    expect(origin.page.cookie).toBe(before);
  });

  it('gives its id to a visitor whom nobody knows', async () => {
    const origin = createOrigin();
    origin.page.cookie = `__kla_id=${encode({ cid: 'theirs' })}`;
    const { client } = start(origin, { anonymous: 'send' });
    expect(client.isIdentified()).toBe(false);
    void client.track('Viewed Product');
    await origin.advance(5000);
    expect(origin.klaviyo.events[0]!.profile).toEqual({ anonymous_id: 'theirs' });
  });

  it('does not make a visitor somebody else whom the shop knows', async () => {
    const origin = createOrigin();
    const { tab } = await startKnown(origin);
    origin.page.cookie = `__kla_id=${encode({ cid: 'theirs', $email: 'bob@shop.example' })}`;
    const { client } = startOn(tab.navigate());
    void client.track('Viewed Product');
    await origin.advance(5000);
    expect(origin.klaviyo.events[0]!.profile.email).toBe('ada@shop.example');
    expect(origin.klaviyo.profiles.length).toBe(1);
  });

  it.each([
    '',
    'x',
    '%',
    '%7B%7D',
    btoa('no json'),
    encode(null),
    encode(7),
    encode([]),
    encode({ cid: 7, $email: {} }),
  ])('%j is ignored', async (value) => {
    const origin = createOrigin();
    origin.page.cookie = `__kla_id=${value}`;
    const { client } = start(origin, { anonymous: 'send' });
    const id = await client.track('Viewed Product');
    await origin.advance(5000);
    expect(client.isIdentified()).toBe(false);
    expect(origin.klaviyo.uniqueIds()).toEqual([id]);
    expect(typeof origin.klaviyo.events[0]!.profile.anonymous_id).toBe('string');
    expect(origin.errors).toEqual([]);
  });
});

describe('Active on Site', () => {
  const url = 'https://shop.example/p/1?utm_email=ada@shop.example#x';

  it('is off by default', async () => {
    const origin = createOrigin();
    start(origin, {}, { url });
    await origin.advance(5000);
    expect(origin.klaviyo.shapes()).toEqual(['profiles:0']);
  });

  it('is tracked once for a page view of a known visitor, without the query', async () => {
    const origin = createOrigin();
    const { client, tab } = start(origin, { activeOnSite: true }, { url });
    void client.identify({ firstName: 'Ada' });
    tab.hide();
    tab.show();
    await origin.advance(5000);
    expect(
      origin.klaviyo.events.map(({ metric, attributes }) => [metric, attributes.properties]),
    ).toEqual([['Active on Site', { page: 'https://shop.example/p/1' }]]);
    startOn(tab.navigate(), { activeOnSite: true });
    await origin.advance(5000);
    expect(origin.klaviyo.events.length).toBe(2);
  });

  it('waits for the visitor to be known', async () => {
    const origin = createOrigin();
    const { client } = start(origin, { activeOnSite: true });
    await origin.advance(5000);
    expect((await client.inspect()).queue).toEqual([]);
    void client.identify({ email: 'ada@shop.example' });
    void client.identify({ email: 'ada@shop.example', firstName: 'Ada' });
    await origin.advance(5000);
    expect(origin.klaviyo.shapes()).toEqual(['profiles:0', 'events:1']);
  });

  it('is tracked again when the page comes back from the back/forward cache', async () => {
    const origin = createOrigin();
    const { tab } = start(origin, { activeOnSite: true }, { url });
    await origin.advance(5000);
    tab.hide();
    tab.dispatch('pagehide', { persisted: true });
    await origin.advance(60_000);
    tab.show();
    tab.dispatch('pageshow', { persisted: true });
    await origin.advance(5000);
    expect(origin.klaviyo.events.length).toBe(2);
    tab.dispatch('pageshow', { persisted: false });
    await origin.advance(5000);
    expect(origin.klaviyo.events.length).toBe(2);
  });
});
