// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { createOrigin } from '../helpers/fake-env.js';
import { COMPANY, start, startKnown, startOn } from '../helpers/start-client.js';

const KEY = `klaviyo-storefront:${COMPANY}:identity`;

describe('a stored identity', () => {
  it.each(['', '{', 'null', '7', '[]', '{}', '{"anonymousId":"a"}', '{"who":{"email":"x@y.zz"}}'])(
    'of %j names nobody, and is replaced',
    async (text) => {
      const origin = createOrigin();
      origin.local.content.set(KEY, text);
      const { client } = start(origin);
      expect(client.isIdentified()).toBe(false);
      void client.identify({ email: 'ada@shop.example' });
      void client.track('One');
      await origin.advance(5000);
      expect(origin.klaviyo.metrics()).toEqual(['One']);
      expect(origin.errors).toEqual([]);
    },
  );

  it('holds no more of a profile than its identifiers and hashes', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    await client.identify({ firstName: 'Augusta', properties: { Size: 'garter' } });
    await origin.advance(5000);
    const text = origin.local.content.get(KEY)!;
    expect(text).toContain('ada@shop.example');
    expect(text).not.toMatch(/Augusta|garter/);
  });

  it('remembers earlier visitors as long as their events are held, eight of them', async () => {
    const origin = createOrigin();
    const { client } = start(origin);
    for (let i = 0; i < 12; i++) {
      void client.track(`of ${i}`);
      await client.identify({ email: `v${i}@shop.example` });
      await client.reset();
    }
    await origin.advance(60_000);
    expect(origin.klaviyo.events.map(({ metric, profile }) => [metric, profile.email])).toEqual(
      origin.klaviyo.events.map(({ metric }) => [metric, `v${metric.slice(3)}@shop.example`]),
    );
    expect(origin.klaviyo.events.length).toBeGreaterThanOrEqual(8);
    expect(Object.keys(JSON.parse(origin.local.content.get(KEY)!).past).length).toBe(8);
  });
});

describe('an event that was sent once', () => {
  it.each<[string, { email?: string; externalId?: string }]>([
    ['somebody else has logged in', { email: 'bob@shop.example' }],
    ['more is known of the visitor', { externalId: '42' }],
  ])('is sent again as the same visitor when %s', async (_, later) => {
    const origin = createOrigin();
    const { client } = start(origin);
    void client.track('Held');
    await origin.advance(2000);
    origin.klaviyo.answer({ metric: 'Held', status: 500, times: 1 });
    void client.identify({ email: 'ada@shop.example' });
    await origin.advance(1100);
    void client.identify(later);
    await origin.advance(60_000);
    const sent = origin.klaviyo.requests.filter(({ endpoint }) => endpoint === 'events');
    expect(sent.length).toBe(2);
    expect(sent[1]!.text).toBe(sent[0]!.text);
    expect(sent[0]!.profile.email).toBe('ada@shop.example');
  });
});

describe('what was sent once', () => {
  it('is sent again as the anonymous visitor it was sent as', async () => {
    const origin = createOrigin();
    const { client } = start(origin, { anonymous: 'send' });
    origin.klaviyo.answer({ metric: 'One', status: 500, times: 1 });
    void client.track('One');
    await origin.advance(1100);
    void client.identify({ email: 'ada@shop.example' });
    await origin.advance(60_000);
    const sent = origin.klaviyo.requests.filter(({ endpoint }) => endpoint === 'events');
    expect(sent.length).toBe(2);
    expect(sent[1]!.text).toBe(sent[0]!.text);
  });

  it('of a profile is not added to: what comes later has a request of its own', async () => {
    const origin = createOrigin();
    origin.klaviyo.options.latencyMs = 1000;
    const { client } = start(origin);
    const first = client.identify({ email: 'ada@shop.example', firstName: 'Ada' });
    await origin.advance(1200);
    expect(origin.klaviyo.requests.length).toBe(1);
    const second = client.identify({ lastName: 'Lovelace' });
    await origin.advance(10_000);
    expect(await second).not.toBe(await first);
    expect(origin.klaviyo.profiles.map(({ first_name }) => first_name)).toEqual(['Ada', undefined]);
    expect(origin.klaviyo.profiles[1]!.last_name).toBe('Lovelace');
  });
});

describe('identities of two tabs', () => {
  it('are one: a login in one is a login in the other', async () => {
    const origin = createOrigin();
    const [first, second] = [start(origin), start(origin)];
    await first.client.identify({ email: 'ada@shop.example' });
    await origin.settle();
    expect(second.client.isIdentified()).toBe(true);
    await second.client.reset();
    await origin.settle();
    expect(first.client.isIdentified()).toBe(false);
  });

  it('are one before anybody is known', async () => {
    const origin = createOrigin();
    const [first, second] = [start(origin), start(origin)];
    void first.client.track('One');
    void second.client.track('Two');
    await origin.advance(2000);
    void first.client.identify({ email: 'ada@shop.example' });
    await origin.advance(5000);
    expect(origin.klaviyo.metrics().sort()).toEqual(['One', 'Two']);
    const ids = origin.klaviyo.events.map(({ profile }) => profile.anonymous_id);
    expect(new Set(ids).size).toBe(1);
  });

  it('are that of the tab whose first id stayed stored, for what was tracked before, too', async () => {
    const origin = createOrigin();
    const { client, tab } = start(origin);
    await client.track('One');
    const other = { ...JSON.parse(origin.local.content.get(KEY)!), anonymousId: 'other' };
    origin.local.content.set(KEY, JSON.stringify(other));
    tab.dispatch('storage', { key: KEY, newValue: JSON.stringify(other) });
    await origin.settle();
    tab.kill();
    void start(origin).client.identify({ email: 'ada@shop.example' });
    await origin.advance(5000);
    expect(origin.klaviyo.events.map(({ profile }) => profile.anonymous_id)).toEqual(['other']);
  });

  it('follow a page that comes back from the back/forward cache', async () => {
    const origin = createOrigin();
    const { tab, client } = await startKnown(origin);
    tab.hide();
    tab.dispatch('pagehide', { persisted: true });
    origin.local.content.delete(KEY);
    const other = startOn(origin.open());
    await other.client.identify({ email: 'bob@shop.example' });
    tab.show();
    tab.dispatch('pageshow', { persisted: true });
    void client.track('One');
    await origin.advance(5000);
    expect(origin.klaviyo.events[0]!.profile.email).toBe('bob@shop.example');
  });
});
