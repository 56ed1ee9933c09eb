// @vitest-environment node
import { describe, expect, it } from 'vitest';
import type { Profile } from '../../src/shared/profile.js';
import { createOrigin } from '../helpers/fake-env.js';
import { start, startKnown, startOn } from '../helpers/start-client.js';

const emails = (profiles: Record<string, unknown>[]) => profiles.map(({ email }) => email);
const klaCookie = (content: unknown) =>
  `other=1; __kla_id=${encodeURIComponent(btoa(JSON.stringify(content)))}`;

describe('a visitor whom nobody knows', () => {
  it('is held until the first identify, and then sent in order after the profile', async () => {
    const origin = createOrigin();
    const { client } = start(origin);
    void client.track('One');
    void client.track('Two');
    await origin.advance(60_000);
    expect(origin.klaviyo.requests).toEqual([]);
    expect(client.isIdentified()).toBe(false);
    void client.identify({ email: 'ada@shop.example' });
    void client.track('Three');
    await origin.advance(5000);
    expect(client.isIdentified()).toBe(true);
    expect(origin.klaviyo.metrics()).toEqual(['One', 'Two', 'Three']);
    const [first, second] = origin.klaviyo.events;
    expect(first!.profile.email).toBe('ada@shop.example');
    expect(first!.profile.anonymous_id).toBe(second!.profile.anonymous_id);
  });

  it('is held across pages, and released by an identify in another tab', async () => {
    const origin = createOrigin();
    const { client, tab } = start(origin);
    void client.track('One');
    startOn(tab.navigate());
    const other = start(origin);
    await origin.advance(5000);
    expect(origin.klaviyo.requests).toEqual([]);
    void other.client.identify({ externalId: '42' });
    await origin.advance(5000);
    expect(origin.klaviyo.events.map(({ profile }) => profile.external_id)).toEqual(['42']);
  });

  it("is sent at once under an anonymous id with anonymous: 'send'", async () => {
    const origin = createOrigin();
    const { client } = start(origin, { anonymous: 'send' });
    void client.track('One');
    await origin.advance(2000);
    const { profile } = origin.klaviyo.events[0]!;
    expect(Object.keys(profile)).toEqual(['anonymous_id']);
    const again = start(origin, { anonymous: 'send' });
    void again.client.track('Two');
    await origin.advance(2000);
    expect(origin.klaviyo.events[1]!.profile).toEqual(profile);
  });
});

describe('identify()', () => {
  it('sends one request for calls close together, before the events that follow', async () => {
    const origin = createOrigin();
    const { client } = start(origin);
    const early = { lastName: 'Byron', locale: 'en', properties: { a: 1, b: 1 } };
    const first = client.identify({ email: 'Ada@Shop.example ', ...early });
    const second = client.identify({ firstName: 'Ada', properties: { b: 2 }, unset: ['c'] });
    void client.track('One');
    await origin.advance(5000);
    expect(origin.klaviyo.shapes()).toEqual(['profiles:0', 'events:1']);
    expect(await second).toBe(await first);
    expect(origin.klaviyo.profiles[0]).toMatchObject({
      email: 'ada@shop.example',
      first_name: 'Ada',
      last_name: 'Byron',
      locale: 'en',
      properties: { a: 1, b: 2 },
      meta: { patch_properties: { unset: ['c'] } },
    });
  });

  it('sends nothing for what is known already, on later pages too', async () => {
    const origin = createOrigin();
    const profile: Profile = {
      email: 'ada@shop.example',
      firstName: 'Ada',
      location: { city: 'X' },
    };
    const { client, tab } = start(origin);
    void client.identify(profile);
    await origin.advance(5000);
    expect(await client.identify(profile)).toBeUndefined();
    const next = startOn(tab.navigate());
    expect(await next.client.identify({ ...profile, email: 'ADA@shop.example' })).toBeUndefined();
    await origin.advance(5000);
    expect(origin.klaviyo.profiles.length).toBe(1);
  });

  it('sends only what has changed', async () => {
    const origin = createOrigin();
    const { client } = start(origin);
    void client.identify({ email: 'ada@shop.example', firstName: 'Ada', lastName: 'Byron' });
    await origin.advance(5000);
    void client.identify({ email: 'ada@shop.example', firstName: 'Ada', lastName: 'Lovelace' });
    await origin.advance(5000);
    const [, second] = origin.klaviyo.profiles;
    expect(second).toMatchObject({ email: 'ada@shop.example', last_name: 'Lovelace' });
    expect(second).not.toHaveProperty('first_name');
  });

  it('sends the same append again, for it may have been taken out since', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    for (let i = 0; i < 2; i++) {
      void client.identify({ append: { tags: 'x' } });
      await origin.advance(5000);
    }
    expect(origin.klaviyo.profiles.slice(1).map(({ meta }) => meta)).toEqual([
      { patch_properties: { append: { tags: 'x' } } },
      { patch_properties: { append: { tags: 'x' } } },
    ]);
  });

  it.each([
    ['email', { email: 'bob@shop.example' }],
    ['external id', { externalId: '2' }],
  ])(
    'with a different %s starts a new identity; what is queued keeps the old one',
    async (_, other) => {
      const origin = createOrigin();
      const { client } = start(origin);
      void client.identify({ email: 'ada@shop.example', externalId: '1', firstName: 'Ada' });
      origin.goOffline();
      void client.track("Ada's");
      void client.identify({ ...other, firstName: 'Ada' });
      void client.track("Bob's");
      origin.goOnline();
      await origin.advance(60_000);
      const [adas, bobs] = origin.klaviyo.events.map(({ profile }) => profile);
      expect(adas).toMatchObject({ email: 'ada@shop.example', external_id: '1' });
      expect(bobs!.anonymous_id).not.toBe(adas!.anonymous_id);
      expect([bobs!.email, bobs!.external_id]).toEqual([
        'email' in other ? other.email : undefined,
        'externalId' in other ? other.externalId : undefined,
      ]);
      // Bob's first name is news, though Ada's was the same.
      expect(origin.klaviyo.profiles.map((profile) => profile.first_name)).toEqual(['Ada', 'Ada']);
    },
  );

  it('with another phone number stays the same person', async () => {
    const origin = createOrigin();
    const { client } = start(origin);
    void client.identify({ email: 'ada@shop.example', phoneNumber: '+4930123456' });
    await origin.advance(5000);
    void client.identify({ phoneNumber: '+4930999999' });
    await origin.advance(5000);
    const [first, second] = origin.klaviyo.profiles;
    expect(second).toMatchObject({ email: 'ada@shop.example', phone_number: '+4930999999' });
    expect(second!.anonymous_id).toBe(first!.anonymous_id);
  });

  it('leaves out a phone that is not E.164 and keeps the rest', async () => {
    const origin = createOrigin();
    const { client } = start(origin);
    void client.identify({ email: 'ada@shop.example', phoneNumber: '030 123456' });
    await origin.advance(5000);
    expect(origin.klaviyo.profiles[0]).not.toHaveProperty('phone_number');
    expect(origin.klaviyo.profiles[0]!.email).toBe('ada@shop.example');
  });

  it('releases events under the visitor they were tracked for, not the one of today', async () => {
    const origin = createOrigin();
    const { client } = start(origin);
    void client.track('Held');
    await origin.advance(5000);
    void client.identify({ email: 'ada@shop.example' });
    void client.identify({ email: 'bob@shop.example' });
    void client.track("Bob's");
    await origin.advance(5000);
    expect(emails(origin.klaviyo.events.map(({ profile }) => profile))).toEqual([
      'ada@shop.example',
      'bob@shop.example',
    ]);
  });

  it('never puts two visitors into one bulk request', async () => {
    const origin = createOrigin();
    const { client } = start(origin);
    origin.goOffline();
    for (const email of ['ada@shop.example', 'bob@shop.example']) {
      void client.identify({ email });
      for (let i = 0; i < 30; i++) void client.track(`${email} ${i}`);
    }
    origin.goOnline();
    await origin.advance(60_000);
    expect(origin.klaviyo.shapes()).toEqual([
      ...['profiles:0', 'event-bulk-create:30', 'profiles:0', 'event-bulk-create:30'],
    ]);
    for (const { metric, profile } of origin.klaviyo.events) {
      expect(metric.startsWith(`${profile.email}`)).toBe(true);
    }
  });
});

describe('reset()', () => {
  it('makes the next event somebody else', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    void client.track("Ada's");
    await client.reset();
    expect(client.isIdentified()).toBe(false);
    void client.track("Nobody's");
    await origin.advance(5000);
    expect(origin.klaviyo.metrics()).toEqual(["Ada's"]);
    void client.identify({ email: 'bob@shop.example' });
    await origin.advance(5000);
    expect(emails(origin.klaviyo.events.map(({ profile }) => profile))).toEqual([
      'ada@shop.example',
      'bob@shop.example',
    ]);
  });

  it('is not undone by the cookie of klaviyo.js, nor by the page after it', async () => {
    const origin = createOrigin();
    origin.page.cookie = klaCookie({ cid: 'theirs', $email: 'ada@shop.example' });
    const { client, tab } = start(origin);
    expect(client.isIdentified()).toBe(true);
    await client.reset();
    const next = startOn(tab.navigate());
    expect(next.client.isIdentified()).toBe(false);
    await next.client.consent('pending');
    await next.client.consent('granted');
    expect(next.client.isIdentified()).toBe(false);
  });
});

describe('visitor()', () => {
  it('is who the events of this page are tracked as, for an order to join them', async () => {
    const origin = createOrigin();
    const { client } = start(origin, { anonymous: 'send' });
    const before = await client.visitor();
    void client.track('One');
    void client.identify({ email: 'Ada@Shop.example', phoneNumber: '12', kx: 'key.AbC123' });
    // At once: a checkout says who this is and posts its order in the same breath.
    const after = await client.visitor();
    await origin.advance(5000);
    const { profile } = origin.klaviyo.events[0]!;
    expect(before).toEqual({ anonymousId: profile.anonymous_id });
    expect(after).toEqual({ ...before, email: 'ada@shop.example', kx: 'key.AbC123' });
  });

  it('is nobody without consent, and somebody else after a refusal', async () => {
    const origin = createOrigin();
    const { client } = start(origin, { consent: 'pending' });
    void client.identify({ email: 'ada@shop.example' });
    expect(await client.visitor()).toBeUndefined();
    await client.consent('granted');
    const ada = await client.visitor();
    expect(ada).toMatchObject({ email: 'ada@shop.example' });
    await client.consent('denied');
    expect(await client.visitor()).toBeUndefined();
    await client.consent('granted');
    const next = await client.visitor();
    expect(Object.keys(next!)).toEqual(['anonymousId']);
    expect(next!.anonymousId).not.toBe(ada!.anonymousId);
  });
});
