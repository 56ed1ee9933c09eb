import { describe, expect, it } from 'vitest';
import type { Sandbox, SandboxOptions } from '../../../src/sandbox/index.js';
import {
  call,
  createClock,
  listOf,
  oneOf,
  post,
  profileBody,
  refusal,
  startSandbox,
  subscriptionBody,
} from '../requests.js';

type Json = Record<string, unknown>;

const email = (name: string) => `${name}@shop.test-mail.net`;
const subscribed = { consent: 'SUBSCRIBED' };
const unsubscribed = { consent: 'UNSUBSCRIBED' };
const toMail = (name: string, consent: Json = subscribed): Json => ({
  type: 'profile',
  attributes: { email: email(name), subscriptions: { email: { marketing: consent } } },
});

const job = (kind: 'create' | 'delete', profiles: Json[], over: Json = {}, list?: string) => ({
  data: {
    type: `profile-subscription-bulk-${kind}-job`,
    attributes: { profiles: { data: profiles }, ...over },
    ...(list && { relationships: { list: { data: { type: 'list', id: list } } } }),
  },
});
const subscribe = (sandbox: Sandbox, profiles: Json[], over: Json = {}, list?: string) =>
  call(sandbox, 'POST api/profile-subscription-bulk-create-jobs', {
    body: job('create', profiles, over, list),
  });
const unsubscribe = (sandbox: Sandbox, profiles: Json[], list?: string) =>
  call(sandbox, 'POST api/profile-subscription-bulk-delete-jobs', {
    body: job('delete', profiles, {}, list),
  });

interface Shown {
  email: { marketing: Json & { suppression: Json[]; list_suppressions: Json[] } };
  sms: { marketing: Json };
}

/** What the API shows of somebody's subscriptions; undefined when there is nobody. */
async function shown(sandbox: Sandbox, name: string): Promise<Shown | undefined> {
  const query = {
    filter: `equals(email,"${email(name)}")`,
    'additional-fields[profile]': 'subscriptions',
  };
  const { data } = await listOf(await call(sandbox, 'GET api/profiles', { query }));
  return data[0]?.attributes.subscriptions as Shown | undefined;
}
const start = (options?: SandboxOptions) => {
  const clock = createClock(Date.parse('2026-11-22T10:00:00Z'));
  return startSandbox({ now: clock.now, ...options });
};

describe('subscribing', () => {
  it('is answered 202 with nothing, and shows in the profile', async () => {
    const sandbox = await start();
    const person = {
      type: 'profile',
      attributes: {
        email: email('ada'),
        phone_number: '+4915112345678',
        subscriptions: {
          email: { marketing: subscribed },
          sms: { marketing: subscribed, transactional: subscribed },
        },
      },
    };
    const response = await subscribe(sandbox, [person], { custom_source: 'Footer' });
    expect([response.status, await response.text()]).toEqual([202, '']);
    const found = await shown(sandbox, 'ada');
    expect(found?.email.marketing).toMatchObject({
      can_receive_email_marketing: true,
      consent: 'SUBSCRIBED',
      consent_timestamp: '2026-11-22T10:00:00+00:00',
      custom_method_detail: 'Footer',
      double_optin: false,
      suppression: [],
    });
    expect(found?.sms).toMatchObject({
      marketing: { consent: 'SUBSCRIBED', can_receive_sms_marketing: true },
      transactional: { consent: 'SUBSCRIBED' },
    });
    expect(sandbox.profiles()[0]?.subscriptions).toMatchObject([
      {
        channels: ['email.marketing', 'sms.marketing', 'sms.transactional'],
        customSource: 'Footer',
      },
    ]);
  });

  it('adds to the list, which has to be there', async () => {
    const sandbox = await start();
    const list = sandbox.addList({ name: 'Newsletter' });
    await subscribe(sandbox, [toMail('ada')], {}, list);
    expect(sandbox.profiles()[0]?.subscriptions).toMatchObject([{ listId: list }]);
    const response = await subscribe(sandbox, [toMail('bo')], {}, 'nothing');
    expect(response.status).toBe(404);
    expect(await shown(sandbox, 'bo')).toBeUndefined();
  });

  it('waits for a click where the list or the account asks for one', async () => {
    const sandbox = await start();
    const list = sandbox.addList({ name: 'Newsletter', optInProcess: 'double_opt_in' });
    await subscribe(sandbox, [toMail('ada')], {}, list);
    expect(await shown(sandbox, 'ada')).toBeUndefined();
    expect(sandbox.confirmSubscriptions(email('bo'))).toBe(0);
    expect(sandbox.confirmSubscriptions(email('Ada'))).toBe(1);
    expect((await shown(sandbox, 'ada'))?.email.marketing).toMatchObject({
      consent: 'SUBSCRIBED',
      double_optin: true,
    });
    sandbox.configure({ optInProcess: 'double_opt_in' });
    await subscribe(sandbox, [toMail('cy')]);
    expect(await shown(sandbox, 'cy')).toBeUndefined();
    const single = sandbox.addList({ name: 'Customers', optInProcess: 'single_opt_in' });
    await subscribe(sandbox, [toMail('di')], {}, single);
    expect((await shown(sandbox, 'di'))?.email.marketing.consent).toBe('SUBSCRIBED');
  });

  it('takes consent of the past in a historical import, and only there', async () => {
    const sandbox = await start({ optInProcess: 'double_opt_in' });
    const old = { ...subscribed, consented_at: '2020-02-29T12:00:00+01:00' };
    const place =
      '/data/attributes/profiles/data/0/attributes/subscriptions/email/marketing/consented_at';
    expect(await refusal(await subscribe(sandbox, [toMail('ada', old)]))).toEqual([400, place]);
    const historical = { historical_import: true };
    const without = await subscribe(sandbox, [toMail('ada')], historical);
    expect(await refusal(without)).toEqual([400, place]);
    const ahead = { ...subscribed, consented_at: '2027-01-01T00:00:00Z' };
    expect(await refusal(await subscribe(sandbox, [toMail('ada', ahead)], historical))).toEqual([
      400,
      place,
    ]);
    expect((await subscribe(sandbox, [toMail('ada', old)], historical)).status).toBe(202);
    expect((await shown(sandbox, 'ada'))?.email.marketing).toMatchObject({
      consent: 'SUBSCRIBED',
      consent_timestamp: '2020-02-29T11:00:00+00:00',
    });
  });

  it('needs the address of each channel', async () => {
    const sandbox = await start();
    const person = {
      type: 'profile',
      attributes: { email: email('ada'), subscriptions: { sms: { marketing: subscribed } } },
    };
    expect(await refusal(await subscribe(sandbox, [person]))).toEqual([
      400,
      '/data/attributes/profiles/data/0/attributes/phone_number',
    ]);
    const body = profileBody({ email: email('ada') });
    const { id } = (await oneOf(await call(sandbox, 'POST api/profile-import', { body }))).data;
    expect((await subscribe(sandbox, [{ ...person, id }])).status).toBe(202);
  });

  it('takes 1000 people, unsubscribing 100', async () => {
    const sandbox = await start();
    const people = (count: number, consent: Json) =>
      Array.from({ length: count }, (_, index) => toMail(`p${index}`, consent));
    const place = '/data/attributes/profiles/data';
    expect((await subscribe(sandbox, people(1000, subscribed))).status).toBe(202);
    expect(await refusal(await subscribe(sandbox, people(1001, subscribed)))).toEqual([400, place]);
    expect((await unsubscribe(sandbox, people(100, unsubscribed))).status).toBe(202);
    expect(await refusal(await unsubscribe(sandbox, people(101, unsubscribed)))).toEqual([
      400,
      place,
    ]);
    expect(sandbox.profiles()).toHaveLength(1000);
  });

  it('drops addresses that Klaviyo drops', async () => {
    const sandbox = await start();
    const person = toMail('ada');
    Object.assign(person.attributes as Json, { email: 'ada@example.com' });
    expect((await subscribe(sandbox, [person])).status).toBe(202);
    expect(sandbox.profiles()).toEqual([]);
  });

  it('shows what a browser has subscribed', async () => {
    const sandbox = await start();
    await post(sandbox, 'subscriptions', subscriptionBody({ email: email('ada') }));
    expect((await shown(sandbox, 'ada'))?.email.marketing.consent).toBe('SUBSCRIBED');
  });
});

describe('unsubscribing', () => {
  const refused = toMail('ada', unsubscribed);

  it('is for everything without a list, and suppresses until there is consent again', async () => {
    const sandbox = await start();
    await subscribe(sandbox, [toMail('ada')]);
    const response = await unsubscribe(sandbox, [refused]);
    expect([response.status, await response.text()]).toEqual([202, '']);
    expect((await shown(sandbox, 'ada'))?.email.marketing).toMatchObject({
      consent: 'UNSUBSCRIBED',
      can_receive_email_marketing: false,
      suppression: [{ reason: 'UNSUBSCRIBE', timestamp: '2026-11-22T10:00:00+00:00' }],
    });
    const query = {
      filter: 'equals(subscriptions.email.marketing.suppression.reason,"UNSUBSCRIBE")',
    };
    const { data } = await listOf(await call(sandbox, 'GET api/profiles', { query }));
    expect(data).toHaveLength(1);
    await subscribe(sandbox, [toMail('ada')]);
    expect((await shown(sandbox, 'ada'))?.email.marketing).toMatchObject({
      consent: 'SUBSCRIBED',
      can_receive_email_marketing: true,
      suppression: [],
    });
  });

  it('is for the list where somebody is in it, and leaves the rest', async () => {
    const sandbox = await start();
    const list = sandbox.addList({ name: 'Newsletter' });
    await subscribe(sandbox, [toMail('ada')], {}, list);
    await unsubscribe(sandbox, [refused], list);
    expect((await shown(sandbox, 'ada'))?.email.marketing).toMatchObject({
      consent: 'SUBSCRIBED',
      suppression: [],
      list_suppressions: [{ list_id: list, reason: 'UNSUBSCRIBE' }],
    });
  });

  it('is for everything where somebody is not in the list: the trap Klaviyo warns of', async () => {
    const sandbox = await start();
    const list = sandbox.addList({ name: 'Newsletter' });
    await subscribe(sandbox, [toMail('ada')]);
    await unsubscribe(sandbox, [refused], list);
    expect((await shown(sandbox, 'ada'))?.email.marketing).toMatchObject({
      consent: 'UNSUBSCRIBED',
      suppression: [{ reason: 'UNSUBSCRIBE' }],
    });
  });
});
