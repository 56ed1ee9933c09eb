// @vitest-environment node
/** An identifier that only Klaviyo knows to be wrong: it is given up, the visitor's events are not. */
import { describe, expect, it } from 'vitest';
import { createOrigin, type Origin } from '../helpers/fake-env.js';
import { start, startKnown, startOn } from '../helpers/start-client.js';

const BAD = '+15550000000';
const SHOP = 'https://shop.example/p';

/** Klaviyo's words, with the place of the mistake as in its own answers. */
const refusalOf = (name: string, endpoint: string): string => {
  const profile = endpoint === 'profiles' ? '' : '/attributes/profile/data';
  const pointer = `/data${profile}/attributes/${name}`;
  return JSON.stringify({
    errors: [{ status: 400, code: 'invalid', detail: 'Invalid.', source: { pointer } }],
  });
};

const refuse = (origin: Origin, name: string, value: string): void => {
  for (const endpoint of ['profiles', 'events', 'event-bulk-create']) {
    origin.klaviyo.answer({
      endpoint,
      status: 400,
      body: refusalOf(name, endpoint),
      when: ({ profile }) => profile[name] === value,
    });
  }
};

describe('a phone number of the right shape that is nobody’s', () => {
  it.each([1, 5, 40])('costs none of %s events, nor the profile', async (count) => {
    const origin = createOrigin();
    refuse(origin, 'phone_number', BAD);
    const { client, reports } = start(origin);
    void client.identify({ email: 'ada@shop.example', phoneNumber: BAD, firstName: 'Ada' });
    for (let n = 0; n < count; n++) void client.track('Looked Around', { n });
    await origin.advance(10_000);
    expect(origin.klaviyo.events.length).toBe(count);
    expect(origin.klaviyo.duplicates).toEqual([]);
    expect(origin.klaviyo.profiles).toEqual([
      expect.objectContaining({ email: 'ada@shop.example', first_name: 'Ada' }),
    ]);
    expect(JSON.stringify([origin.klaviyo.events, origin.klaviyo.profiles])).not.toContain(BAD);
    expect(reports.dropped).toEqual([]);
  });

  it('is refused once, however often and on however many pages it is said', async () => {
    const origin = createOrigin();
    refuse(origin, 'phone_number', BAD);
    for (let page = 0; page < 3; page++) {
      const { client, tab } = start(origin);
      void client.identify({ email: 'ada@shop.example', phoneNumber: BAD });
      await origin.advance(5000);
      void client.track('Looked Around');
      await origin.advance(5000);
      tab.close();
    }
    const refused = origin.klaviyo.requests.filter(({ status }) => status === 400);
    expect(refused.length).toBe(1);
    expect(origin.klaviyo.events.length).toBe(3);
  });

  it('is followed by the corrected one', async () => {
    const origin = createOrigin();
    refuse(origin, 'phone_number', BAD);
    const { client } = start(origin);
    void client.identify({ email: 'ada@shop.example', phoneNumber: BAD });
    await origin.advance(5000);
    void client.identify({ phoneNumber: '+12025550123' });
    void client.track('Looked Around');
    await origin.advance(5000);
    expect(origin.klaviyo.events[0]!.profile).toMatchObject({
      email: 'ada@shop.example',
      phone_number: '+12025550123',
    });
  });
});

it('an address that was all there was: its events wait for a better one', async () => {
  const origin = createOrigin();
  refuse(origin, 'email', 'ada@nowhere.invalid');
  const { client, reports } = start(origin);
  void client.identify({ email: 'ada@nowhere.invalid' });
  void client.track('Looked Around');
  await origin.advance(60_000);
  expect(client.isIdentified()).toBe(false);
  expect(origin.klaviyo.events).toEqual([]);
  const requests = origin.klaviyo.requests.length;
  expect(requests).toBeLessThanOrEqual(2);
  void client.identify({ email: 'ada@shop.example' });
  await origin.advance(10_000);
  expect(origin.klaviyo.metrics()).toEqual(['Looked Around']);
  expect(reports.dropped).toEqual([]);
});

it('a property of that name is no identifier', async () => {
  const origin = createOrigin();
  const { client, reports } = await startKnown(origin);
  const pointer = '/data/attributes/properties/email';
  const body = JSON.stringify({ errors: [{ source: { pointer } }] });
  origin.klaviyo.answer({ endpoint: 'events', status: 400, body, times: 1 });
  void client.track('Looked Around');
  await origin.advance(5000);
  expect(reports.dropped).toEqual([expect.objectContaining({ reason: 'rejected' })]);
  expect(client.isIdentified()).toBe(true);
});

describe('a link in a mail', () => {
  it('is read once, so that a logout on its page is not undone by a reload', async () => {
    const origin = createOrigin();
    const url = `${SHOP}?a=1&_kx=abc.AbC123&utm_email=ada@shop.example#top`;
    const first = start(origin, {}, { url });
    await first.client.reset();
    first.tab.close();
    const second = start(origin, {}, { url });
    expect(second.client.isIdentified()).toBe(false);
    second.tab.close();
    expect(start(origin, {}, { url: SHOP }).client.isIdentified()).toBe(false);
    expect(start(origin, {}, { url }).client.isIdentified()).toBe(false);
    const other = `${SHOP}?utm_email=eve@shop.example`;
    expect(start(origin, {}, { url: other }).client.isIdentified()).toBe(true);
  });

  it('may have a plus in its address', async () => {
    const origin = createOrigin();
    const { client } = start(origin, {}, { url: `${SHOP}?utm_email=ada+shop@shop.example` });
    void client.track('Looked Around');
    await origin.advance(5000);
    expect(origin.klaviyo.events[0]!.profile).toMatchObject({ email: 'ada+shop@shop.example' });
  });

  it('counts for more than the cookie of klaviyo.js, which may be another person’s', async () => {
    const origin = createOrigin();
    const cookie = { cid: 'theirs', $exchange_id: 'bob.AbC123', $email: 'bob@shop.example' };
    origin.page.cookie = `__kla_id=${encodeURIComponent(btoa(JSON.stringify(cookie)))}`;
    const { client } = startOn(origin.open({ url: `${SHOP}?utm_email=ada@shop.example` }));
    void client.track('Looked Around');
    await origin.advance(5000);
    const { profile } = origin.klaviyo.events[0]!;
    expect(profile).toMatchObject({ email: 'ada@shop.example' });
    expect(JSON.stringify(profile)).not.toMatch(/bob|theirs/);
  });
});
