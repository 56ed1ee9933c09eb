import { describe, expect, it } from 'vitest';
import { scriptKlaviyo } from '../../helpers/scripted-klaviyo.js';
import { startToolkit } from '../../helpers/start-toolkit.js';

const email = 'ada@lovelace.shop';
const phoneNumber = '+4915112345678';
const additional = ['subscriptions'] as const;

type JobBody = {
  data: { attributes: { profiles: { data: unknown[] }; historical_import?: boolean } };
};
const countIn = (body: unknown) => (body as JobBody).data.attributes.profiles.data.length;

describe('subscribe', () => {
  it('records consent for each channel, and joins the list', async () => {
    const { klaviyo, sandbox, sent } = await startToolkit();
    const listId = sandbox.addList({ name: 'News' });
    const done = await klaviyo.subscriptions.subscribe(
      [
        { email, channels: ['email'] },
        { email: 'bo@lovelace.shop', phoneNumber, channels: ['email', 'sms', 'smsTransactional'] },
      ],
      { listId, source: 'Checkout' },
    );
    expect(done).toEqual({ accepted: 2, rejected: [] });
    const ada = await klaviyo.profiles.getByEmail(email, { additional });
    expect(ada?.subscriptions?.email).toMatchObject({ consent: 'SUBSCRIBED', canReceive: true });
    expect(ada?.subscriptions?.sms?.consent).not.toBe('SUBSCRIBED');
    const bo = await klaviyo.profiles.getByPhone(phoneNumber, { additional });
    expect(bo?.subscriptions?.sms).toMatchObject({ consent: 'SUBSCRIBED', canReceive: true });
    expect(bo?.subscriptions?.smsTransactional?.consent).toBe('SUBSCRIBED');
    expect(bo?.subscriptions?.email?.consentedAt).toBeGreaterThan(Date.now() - 60_000);
    expect(sent[0]?.body).toMatchObject({
      data: {
        attributes: { custom_source: 'Checkout' },
        relationships: { list: { data: { type: 'list', id: listId } } },
      },
    });
  });

  it('keeps consent of the past apart, with its moment', async () => {
    const { klaviyo, sandbox, sent } = await startToolkit();
    const listId = sandbox.addList({ name: 'News', optInProcess: 'double_opt_in' });
    const consentedAt = new Date('2024-05-01T10:00:00Z');
    const done = await klaviyo.subscriptions.subscribe(
      [
        { email: 'now@lovelace.shop', channels: ['email'] },
        { email, channels: ['email'], consentedAt },
      ],
      { listId },
    );
    expect(done.accepted).toBe(2);
    const jobs = sent.map(({ body }) => (body as JobBody).data.attributes.historical_import);
    expect(jobs).toEqual([undefined, true]);
    const past = await klaviyo.profiles.getByEmail(email, { additional });
    expect(past?.subscriptions?.email).toMatchObject({
      ...{ consent: 'SUBSCRIBED', consentedAt: consentedAt.getTime() },
    });
    const now = await klaviyo.profiles.getByEmail('now@lovelace.shop', { additional });
    expect(now?.subscriptions?.email?.consent).not.toBe('SUBSCRIBED');
  });

  it('leaves out whom Klaviyo names, and takes the others', async () => {
    const { klaviyo } = await startToolkit();
    const { accepted, rejected } = await klaviyo.subscriptions.subscribe([
      { email, channels: ['email'] },
      { phoneNumber: 'none', channels: ['sms'] },
      { email: 'bo@lovelace.shop', channels: ['email'] },
    ]);
    expect(accepted).toBe(2);
    expect(rejected).toMatchObject([{ index: 1, error: { status: 400 } }]);
    const bo = await klaviyo.profiles.getByEmail('bo@lovelace.shop', { additional });
    expect(bo?.subscriptions?.email?.consent).toBe('SUBSCRIBED');
  });

  it('goes 1000 at a time', async () => {
    const { klaviyo, requests } = scriptKlaviyo(() => ({ status: 202 }));
    const people = Array.from({ length: 2001 }, (_, n) => ({
      ...{ email: `p${n}@x.shop`, channels: ['email'] as const },
    }));
    expect(await klaviyo.subscriptions.subscribe(people)).toEqual({ accepted: 2001, rejected: [] });
    expect(requests.map(({ body }) => countIn(body))).toEqual([1000, 1000, 1]);
  });

  it('rejects for a list that is not there', async () => {
    const { klaviyo } = await startToolkit();
    const people = [{ email, channels: ['email'] as const }];
    const subscribed = klaviyo.subscriptions.subscribe(people, { listId: 'NoList' });
    await expect(subscribed).rejects.toMatchObject({ cause: { status: 404 } });
  });
});

describe('unsubscribe', () => {
  it('takes consent back from everything when that is said', async () => {
    const { klaviyo } = await startToolkit();
    await klaviyo.subscriptions.subscribe([{ email, phoneNumber, channels: ['email', 'sms'] }]);
    const done = await klaviyo.subscriptions.unsubscribe([{ email, channels: ['email'] }], {
      from: 'everything',
    });
    expect(done).toEqual({ accepted: 1, rejected: [], skipped: [] });
    const ada = await klaviyo.profiles.getByEmail(email, { additional });
    expect(ada?.subscriptions?.email).toMatchObject({
      ...{ consent: 'UNSUBSCRIBED', canReceive: false },
      suppressions: [{ reason: 'UNSUBSCRIBE' }],
    });
    expect(ada?.subscriptions?.sms?.consent).toBe('SUBSCRIBED');
  });

  it('skips who is not in the list: Klaviyo would unsubscribe them from everything', async () => {
    const { klaviyo, sandbox } = await startToolkit();
    const listId = sandbox.addList({ name: 'News' });
    const bo = { phoneNumber, channels: ['sms'] as const };
    await klaviyo.subscriptions.subscribe([{ email, channels: ['email'] }, bo], { listId });
    const elsewhere = { email: 'cy@lovelace.shop', channels: ['email'] as const };
    await klaviyo.subscriptions.subscribe([elsewhere]);
    const people = [
      elsewhere,
      { email: email.toUpperCase(), channels: ['email'] as const },
      { email: 'nobody@lovelace.shop', channels: ['email'] as const },
      bo,
    ];
    const done = await klaviyo.subscriptions.unsubscribe(people, { from: { listId } });
    expect(done).toEqual({ accepted: 2, rejected: [], skipped: [0, 2] });
    const cy = await klaviyo.profiles.getByEmail(elsewhere.email, { additional });
    expect(cy?.subscriptions?.email?.consent).toBe('SUBSCRIBED');
  });

  it('does to everybody what Klaviyo does, without a look, when that is said', async () => {
    const { klaviyo, sandbox, sent } = await startToolkit();
    const listId = sandbox.addList({ name: 'News' });
    await klaviyo.subscriptions.subscribe([{ email, channels: ['email'] }]);
    const options = { from: { listId }, nonMembers: 'unsubscribeFromEverything' } as const;
    const done = await klaviyo.subscriptions.unsubscribe([{ email, channels: ['email'] }], options);
    expect(done.accepted).toBe(1);
    expect(sent.map(({ method }) => method)).toEqual(['POST', 'POST']);
    const ada = await klaviyo.profiles.getByEmail(email, { additional });
    expect(ada?.subscriptions?.email?.consent).toBe('UNSUBSCRIBED');
  });

  it.each([
    ['an id that is not there', { listId: undefined }],
    ['an empty id', { listId: '' }],
    ['the id alone', 'L1'],
    ['nothing', undefined],
  ])('takes no consent back from everything for %s', async (_, from) => {
    const { klaviyo, requests } = scriptKlaviyo(() => ({ status: 202 }));
    for (const nonMembers of ['skip', 'unsubscribeFromEverything'] as const) {
      const options = { from: from as never, nonMembers };
      const people = [{ email, channels: ['email'] }] as const;
      const done = klaviyo.subscriptions.unsubscribe(people, options);
      await expect(done).rejects.toThrow("or 'everything'");
    }
    expect(requests).toEqual([]);
  });

  it('goes 100 at a time', async () => {
    const { klaviyo, requests } = scriptKlaviyo(() => ({ status: 202 }));
    const people = Array.from({ length: 250 }, (_, n) => ({
      ...{ email: `p${n}@x.shop`, channels: ['email'] as const },
    }));
    await klaviyo.subscriptions.unsubscribe(people, { from: 'everything' });
    expect(requests.map(({ body }) => countIn(body))).toEqual([100, 100, 50]);
  });
});
