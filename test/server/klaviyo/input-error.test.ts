import { describe, expect, it } from 'vitest';
import type { Klaviyo } from '../../../src/server/klaviyo/create-klaviyo.js';
import { KlaviyoInputError } from '../../../src/server/klaviyo/input-error.js';
import { scriptKlaviyo } from '../../helpers/scripted-klaviyo.js';

const nothing = undefined as never;
const ada = { email: 'ada@lovelace.shop' };
const subscription = { id: '1', status: 'active' };
const webhook = { name: 'W', endpointUrl: 'https://shop.test/', secret: 's', topics: ['t'] };
const report = { statistics: ['opens'], timeframe: 'today', conversionMetricId: 'M1' };

/** Wrong calls, as they come from code that nobody compiles, and what the error says to give. */
const wrong: [call: string, run: (klaviyo: Klaviyo) => Promise<unknown>, words: string][] = [
  ['upsert(undefined)', ({ profiles }) => profiles.upsert(nothing), 'A profile must be'],
  ['getByEmail(undefined)', ({ profiles }) => profiles.getByEmail(nothing), 'email must be a text'],
  ['getByEmail("")', ({ profiles }) => profiles.getByEmail(' '), 'email must be a text'],
  ['getByPhone(17)', ({ profiles }) => profiles.getByPhone(17 as never), 'phoneNumber must be'],
  [
    'getByExternalId(null)',
    ({ profiles }) => profiles.getByExternalId(null as never),
    'externalId',
  ],
  ['getById(undefined)', ({ profiles }) => profiles.getById(nothing), 'needs an id'],
  ['update(id)', ({ profiles }) => profiles.update('P1', nothing), 'A profile must be'],
  ['append(id)', ({ profiles }) => profiles.append('P1', nothing), 'What is appended must be'],
  ['unappend(id, text)', ({ profiles }) => profiles.unappend('P1', 'a' as never), 'taken out'],
  ['unset(id)', ({ profiles }) => profiles.unset('P1', nothing), 'names of properties'],
  [
    'unset(id, text)',
    ({ profiles }) => profiles.unset('P1', 'Tags' as never),
    'names of properties',
  ],
  ['getImport()', ({ profiles }) => profiles.getImport(nothing), 'needs an id'],
  ['unsubscribe(people)', ({ subscriptions }) => subscriptions.unsubscribe([], nothing), "'from'"],
  ['syncStatus()', ({ subscriptions: s }) => s.syncStatus(nothing, subscription), 'A profile must'],
  ['syncStatus(profile)', ({ subscriptions: s }) => s.syncStatus(ada, nothing), 'A subscription'],
  [
    'syncStatus without an id',
    ({ subscriptions }) => subscriptions.syncStatus(ada, { status: 'active' } as never),
    'The id of a subscription',
  ],
  [
    'syncStatus without a status',
    ({ subscriptions }) => subscriptions.syncStatus(ada, { id: '1' } as never),
    'The status of a subscription',
  ],
  [
    'syncStatus with a charge that is no moment',
    ({ subscriptions }) =>
      subscriptions.syncStatus(ada, { ...subscription, nextChargeAt: new Date('soon') }),
    'nextChargeAt must be a moment',
  ],
  [
    'syncStatus with a time that is none',
    ({ subscriptions }) => subscriptions.syncStatus(ada, { ...subscription, time: Number.NaN }),
    'The time of a subscription must be a moment',
  ],
  ['track()', ({ events }) => events.track(nothing, { name: 'A' }), 'A profile must be an object'],
  ['track(profile)', ({ events }) => events.track(ada, nothing), 'An event must be an object'],
  ['track without a name', ({ events }) => events.track(ada, {} as never), 'The name of an event'],
  ['lists.create()', ({ lists }) => lists.create(nothing), 'A list must be an object'],
  ['lists.create({})', ({ lists }) => lists.create({} as never), 'The name of a list'],
  ['lists.add()', ({ lists }) => lists.add(nothing, {}), 'The id of the list'],
  ['lists.remove(id)', ({ lists }) => lists.remove('L1', nothing), 'Who joins or leaves'],
  ['campaigns.performance()', ({ campaigns }) => campaigns.performance(nothing), 'asked for'],
  [
    'campaigns.performance without a span',
    ({ campaigns }) => campaigns.performance({ ...report, timeframe: nothing } as never),
    'timeframe must be',
  ],
  ['flows.get()', ({ flows }) => flows.get(nothing), 'needs an id'],
  ['flows.performance()', ({ flows }) => flows.performance(nothing), 'asked for must be'],
  ['webhooks.create()', ({ webhooks }) => webhooks.create(nothing), 'A webhook must be'],
  [
    'webhooks.create without a secret',
    ({ webhooks }) => webhooks.create({ ...webhook, secret: '' } as never),
    'secret must be a text',
  ],
  [
    'webhooks.create with one topic outside of brackets',
    ({ webhooks }) => webhooks.create({ ...webhook, topics: 't' } as never),
    'topics must be a list',
  ],
  ['webhooks.delete()', ({ webhooks }) => webhooks.delete(nothing), 'needs an id'],
  ['request()', ({ request }) => request(nothing, '/api/tags'), 'method must be one of GET'],
  ['request(method)', ({ request }) => request('GET', nothing), 'path must begin with /api/'],
];

describe('a wrong call', () => {
  it.each(wrong)('rejects, throws nothing and sends nothing: %s', async (_, run, words) => {
    const { klaviyo, requests } = scriptKlaviyo();
    let promise: Promise<unknown> | undefined;
    expect(() => {
      promise = run(klaviyo);
      promise.catch(() => undefined);
    }).not.toThrow();
    const error = await promise?.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(KlaviyoInputError);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain(words);
    expect(requests).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['none', []],
    ['nothing', undefined],
    ['an unknown one', ['fax']],
    ['one that every object has', ['toString']],
    ['a text', 'email'],
  ])('has no channels: %s', async (_, channels) => {
    const { klaviyo, requests } = scriptKlaviyo(() => ({ status: 202 }));
    const people = [{ ...ada, channels }] as never;
    const { subscribe, unsubscribe } = klaviyo.subscriptions;
    for (const promise of [subscribe(people), unsubscribe(people, { from: 'everything' })]) {
      await expect(promise).rejects.toMatchObject({
        ...{ name: 'KlaviyoBulkError', next: 0, pending: [] },
        cause: { name: 'KlaviyoInputError' },
        message: expect.stringMatching(
          /^subscriptions\.\w+ has sent nothing\. Number 0, counted from 0: channels must be one or/,
        ),
      });
    }
    expect(requests).toEqual([]);
  });

  it('says nothing of what was given', async () => {
    const { klaviyo } = scriptKlaviyo();
    const secret = 'ada@lovelace.shop';
    const error = await klaviyo.profiles.unset('P1', secret as never).catch(String);
    expect(error).not.toContain(secret);
    // A profile where its id belongs.
    const other = await klaviyo.profiles.getById({ email: secret } as never).catch(String);
    expect(other).toContain('needs an id');
    expect(other).not.toContain(secret);
  });
});
