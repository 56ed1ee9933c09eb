import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/index.js';
import {
  backInStockBody,
  bulkBody,
  createClock,
  eventAttributes,
  eventBody,
  post,
  profileBody,
  profileData,
  startSandbox,
  subscriptionBody,
} from '../requests.js';

const identify = async (
  sandbox: Sandbox,
  attributes: Record<string, unknown>,
  over: Record<string, unknown> = {},
) => {
  const response = await post(sandbox, 'profiles', profileBody(attributes, over));
  expect(response.status).toBe(202);
};
const track = async (sandbox: Sandbox, attributes: Record<string, unknown>, unique_id: string) => {
  const body = eventBody({ unique_id }, 'Viewed Product', profileData(attributes));
  expect((await post(sandbox, 'events', body)).status).toBe(202);
};

describe('identifiers', () => {
  it.each([
    ['email', { email: 'ada@shop.test-mail.net' }],
    ['phone_number', { phone_number: '+4915112345678' }],
    ['external_id', { external_id: 'customer-1' }],
    ['anonymous_id', { anonymous_id: 'browser-1' }],
    ['_kx', { _kx: 'exchange.AbC123' }],
  ])('find the profile again by %s', async (_, identifier) => {
    const sandbox = await startSandbox();
    await identify(sandbox, { ...identifier, first_name: 'Ada' });
    await identify(sandbox, { ...identifier, last_name: 'Lovelace' });
    expect(sandbox.profiles()).toHaveLength(1);
    expect(sandbox.profiles()[0]?.attributes).toEqual({ first_name: 'Ada', last_name: 'Lovelace' });
  });

  it('find the profile again by its id', async () => {
    const sandbox = await startSandbox();
    await identify(sandbox, { first_name: 'Ada' }, { id: '01ABC' });
    await identify(sandbox, { last_name: 'Lovelace' }, { id: '01ABC' });
    expect(sandbox.profiles().map((profile) => profile.id)).toEqual(['01ABC']);
  });

  it('are kept apart by company', async () => {
    const sandbox = await startSandbox({ companies: ['AbC123', 'XyZ789'] });
    await identify(sandbox, { email: 'ada@shop.test-mail.net' });
    await post(sandbox, 'profiles', profileBody(), { query: '?company_id=XyZ789' });
    expect(sandbox.profiles().map((profile) => profile.companyId)).toEqual(['AbC123', 'XyZ789']);
  });

  it('compare addresses in lower case', async () => {
    const sandbox = await startSandbox();
    await identify(sandbox, { email: 'Ada@Shop.Test-Mail.net' });
    await identify(sandbox, { email: 'ada@shop.test-mail.net' });
    expect(sandbox.profiles().map((profile) => profile.email)).toEqual(['ada@shop.test-mail.net']);
  });

  it('of an existing profile are filled in where it has none', async () => {
    const sandbox = await startSandbox();
    await identify(sandbox, { email: 'ada@shop.test-mail.net' });
    await identify(sandbox, {
      email: 'ada@shop.test-mail.net',
      phone_number: '+4915112345678',
      external_id: 'customer-1',
      _kx: 'exchange.AbC123',
    });
    expect(sandbox.profiles()).toMatchObject([
      {
        email: 'ada@shop.test-mail.net',
        phoneNumber: '+4915112345678',
        externalId: 'customer-1',
        exchangeIds: ['exchange.AbC123'],
      },
    ]);
  });

  it('of an existing profile are never changed, although the answer is 202', async () => {
    const sandbox = await startSandbox();
    await identify(sandbox, { external_id: 'customer-1', email: 'ada@shop.test-mail.net' });
    await identify(sandbox, { external_id: 'customer-1', email: 'grace@shop.test-mail.net' });
    expect(sandbox.profiles().map((profile) => profile.email)).toEqual(['ada@shop.test-mail.net']);
  });

  it('of somebody else are never taken', async () => {
    const sandbox = await startSandbox();
    await identify(sandbox, { email: 'ada@shop.test-mail.net', phone_number: '+4915112345678' });
    await identify(sandbox, { email: 'grace@shop.test-mail.net' });
    await identify(sandbox, { email: 'grace@shop.test-mail.net', phone_number: '+4915112345678' });
    expect(sandbox.profiles().map(({ email, phoneNumber }) => [email, phoneNumber])).toEqual([
      ['ada@shop.test-mail.net', '+4915112345678'],
      ['grace@shop.test-mail.net', undefined],
    ]);
  });
});

describe('an anonymous profile', () => {
  it('becomes the person it turns out to be', async () => {
    const sandbox = await startSandbox();
    await track(sandbox, { anonymous_id: 'browser-1' }, 'a');
    await identify(sandbox, { anonymous_id: 'browser-1', email: 'ada@shop.test-mail.net' });
    await track(sandbox, { email: 'ada@shop.test-mail.net' }, 'b');
    const [profile, ...others] = sandbox.profiles();
    expect(others).toEqual([]);
    expect(profile).toMatchObject({
      email: 'ada@shop.test-mail.net',
      anonymousIds: ['browser-1'],
    });
    expect(sandbox.events().map((event) => event.profileId)).toEqual([profile?.id, profile?.id]);
  });

  it('is folded, events and all, into a profile that is there already', async () => {
    const sandbox = await startSandbox();
    await identify(sandbox, { email: 'ada@shop.test-mail.net', first_name: 'Ada' });
    await track(sandbox, { anonymous_id: 'browser-1', first_name: 'A.' }, 'a');
    expect(sandbox.profiles()).toHaveLength(2);
    await track(sandbox, { anonymous_id: 'browser-1', email: 'ada@shop.test-mail.net' }, 'b');
    const [ada, ...others] = sandbox.profiles();
    expect(others).toEqual([]);
    expect(ada).toMatchObject({ attributes: { first_name: 'Ada' }, anonymousIds: ['browser-1'] });
    expect(sandbox.events().map((event) => event.profileId)).toEqual([ada?.id, ada?.id]);
    // The copy of an event is known as one after the merge too.
    await track(sandbox, { email: 'ada@shop.test-mail.net' }, 'a');
    expect(sandbox.events().map((event) => event.duplicates)).toEqual([1, 0]);
  });

  it('does not make two people on one device into one', async () => {
    const sandbox = await startSandbox();
    await identify(sandbox, { anonymous_id: 'browser-1', email: 'ada@shop.test-mail.net' });
    await identify(sandbox, { anonymous_id: 'browser-1', email: 'grace@shop.test-mail.net' });
    expect(sandbox.profiles().map(({ email, anonymousIds }) => [email, anonymousIds])).toEqual([
      ['ada@shop.test-mail.net', ['browser-1']],
      ['grace@shop.test-mail.net', []],
    ]);
  });
});

describe('what is said about a profile', () => {
  it('is merged: properties one by one, null says nothing', async () => {
    const sandbox = await startSandbox();
    const email = 'ada@shop.test-mail.net';
    await identify(sandbox, {
      email,
      first_name: 'Ada',
      location: { city: 'London' },
      properties: { size: 'M', colour: 'blue' },
    });
    await identify(sandbox, {
      email,
      first_name: null,
      title: 'Countess',
      properties: { size: 'L' },
    });
    expect(sandbox.profiles()[0]).toMatchObject({
      attributes: { first_name: 'Ada', title: 'Countess', location: { city: 'London' } },
      properties: { size: 'L', colour: 'blue' },
    });
  });

  it('appends, unappends and unsets, with `meta` beside the attributes', async () => {
    const sandbox = await startSandbox();
    const email = 'ada@shop.test-mail.net';
    const patch = (patch_properties: Record<string, unknown>) =>
      identify(sandbox, { email }, { meta: { patch_properties } });
    await identify(sandbox, { email, properties: { size: 'M', colour: 'blue', seen: 'mug' } });
    await patch({ append: { seen: ['bowl', 'mug'], liked: 'jar' } });
    expect(sandbox.profiles()[0]?.properties).toMatchObject({
      seen: ['mug', 'bowl'],
      liked: ['jar'],
    });
    await patch({ unappend: { seen: 'mug', unknown: 1 }, unset: 'size' });
    expect(sandbox.profiles()[0]?.properties).toEqual({
      colour: 'blue',
      seen: ['bowl'],
      liked: ['jar'],
    });
    await patch({ unset: ['colour', 'liked'] });
    expect(sandbox.profiles()[0]?.properties).toEqual({ seen: ['bowl'] });
  });

  it('appends with `meta` inside the attributes of an event, and beside them in bulk', async () => {
    const sandbox = await startSandbox();
    const meta = (seen: string) => ({ patch_properties: { append: { seen } } });
    const email = 'ada@shop.test-mail.net';
    const single = eventBody({}, 'Viewed', profileData({ email, meta: meta('mug') }));
    expect((await post(sandbox, 'events', single)).status).toBe(202);
    const bulk = bulkBody(
      [eventAttributes({}, 'Bought')],
      profileData({ email }, { meta: meta('bowl') }),
    );
    expect((await post(sandbox, 'event-bulk-create', bulk)).status).toBe(202);
    expect(sandbox.profiles()[0]?.properties).toEqual({ seen: ['mug', 'bowl'] });
  });
});

describe('subscriptions', () => {
  it('are recorded with their channels and list', async () => {
    const clock = createClock();
    const sandbox = await startSandbox({ now: clock.now });
    const email = 'ada@shop.test-mail.net';
    await post(sandbox, 'subscriptions', subscriptionBody({ email }, { custom_source: 'Footer' }));
    const consent = { consent: 'SUBSCRIBED' };
    await post(
      sandbox,
      'subscriptions',
      subscriptionBody({
        email,
        phone_number: '+4915112345678',
        subscriptions: { email: { marketing: consent }, sms: { transactional: consent } },
      }),
    );
    expect(sandbox.profiles()).toHaveLength(1);
    const receivedAt = clock.now();
    const listId = 'Y6nRLr';
    expect(sandbox.profiles()[0]?.subscriptions).toEqual([
      {
        endpoint: 'subscriptions',
        channels: ['email.marketing'],
        listId,
        customSource: 'Footer',
        receivedAt,
      },
      {
        endpoint: 'subscriptions',
        channels: ['email.marketing', 'sms.transactional'],
        listId,
        receivedAt,
      },
    ]);
  });

  it('to a product that is out of stock are recorded with their variant', async () => {
    const sandbox = await startSandbox();
    const response = await post(
      sandbox,
      'back-in-stock-subscriptions',
      backInStockBody({ email: 'ada@shop.test-mail.net' }, ['EMAIL', 'SMS']),
    );
    expect(response.status).toBe(202);
    expect(sandbox.profiles()[0]?.subscriptions).toMatchObject([
      { channels: ['EMAIL', 'SMS'], variantId: '$custom:::$default:::TIDE-MUG' },
    ]);
  });
});

it('keeps a property that is called like one of every object', async () => {
  const sandbox = await startSandbox();
  const append = JSON.parse('{"valueOf":1,"__proto__":2}');
  await identify(sandbox, { anonymous_id: 'a' }, { meta: { patch_properties: { append } } });
  const [profile] = sandbox.profiles();
  expect(Object.entries(profile?.properties ?? {})).toEqual([
    ['valueOf', [1]],
    ['__proto__', [2]],
  ]);
});
