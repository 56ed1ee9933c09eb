import { describe, expect, it } from 'vitest';
import type { Klaviyo } from '../../../src/server/klaviyo/create-klaviyo.js';
import { KlaviyoApiError } from '../../../src/server/klaviyo/klaviyo-error.js';
import {
  errorsBody,
  outcomeOf,
  privateKey,
  type ScriptedAnswer,
  scriptKlaviyo,
} from '../../helpers/scripted-klaviyo.js';
import { allOf } from '../../helpers/start-toolkit.js';

/** What each attempt gets, in order; the last for all that come after. */
const inTurn =
  (...answers: ScriptedAnswer[]) =>
  (_: unknown, index: number) =>
    answers[Math.min(index, answers.length - 1)];

const profile = { type: 'profile', id: 'P1', attributes: { email: 'ada@lovelace.shop' } };
const found = { body: { data: profile } };
const made = { status: 201, body: { data: { type: 'list', id: 'L1', attributes: { name: 'A' } } } };

/** Sees a call through to its end, however long that takes. */
async function finish<T>(
  { clock }: Pick<ReturnType<typeof scriptKlaviyo>, 'clock'>,
  promise: Promise<T>,
  withinMs = 600_000,
) {
  const outcome = outcomeOf(promise);
  await clock.advance(withinMs);
  return outcome;
}

async function failureOf(
  world: ReturnType<typeof scriptKlaviyo>,
  promise: Promise<unknown>,
): Promise<KlaviyoApiError> {
  const outcome = await finish(world, promise);
  if ('error' in outcome && outcome.error instanceof KlaviyoApiError) return outcome.error;
  throw new Error(`There should have been an error, not ${JSON.stringify(outcome)}`);
}

describe('a call', () => {
  it('has key, revision and media type, and a body only where there is one', async () => {
    const { klaviyo, requests } = scriptKlaviyo(() => found);
    await klaviyo.profiles.getById('P1');
    const [request] = requests;
    expect(request?.method).toBe('GET');
    expect(request?.path).toBe('/api/profiles/P1');
    expect(Object.fromEntries(request?.headers ?? [])).toEqual({
      accept: 'application/vnd.api+json',
      authorization: `Klaviyo-API-Key ${privateKey}`,
      'content-type': 'application/vnd.api+json',
      revision: '2026-07-15',
    });
    expect(request?.text).toBe('');
  });

  it('goes elsewhere, and with another revision, when it is told to', async () => {
    const urls: string[] = [];
    const world = scriptKlaviyo();
    const { klaviyo, requests } = scriptKlaviyo(() => found, {
      apiHost: 'http://127.0.0.1:4000/',
      revision: '2027-01-15',
      env: {
        ...world.env,
        fetch: ((url: string, init: RequestInit) => {
          urls.push(url);
          return Promise.resolve(Response.json({ data: profile }, { headers: init.headers ?? {} }));
        }) as typeof fetch,
      },
    });
    await klaviyo.profiles.getById('P1');
    expect(urls).toEqual(['http://127.0.0.1:4000/api/profiles/P1']);
    expect(requests).toEqual([]);
  });

  it('takes an answer without a body', async () => {
    const { klaviyo } = scriptKlaviyo(() => ({ status: 204 }));
    const reply = await klaviyo.request('DELETE', '/api/lists/L1');
    expect(reply).toEqual({ status: 204, body: undefined, klaviyoRequestId: undefined });
  });

  it.each(['', ' ', '.', '..'])('refuses %j for an id: the list of all is no thing', async (id) => {
    const { klaviyo, requests } = scriptKlaviyo();
    await expect(klaviyo.profiles.getById(id)).rejects.toThrow(TypeError);
    await expect(klaviyo.webhooks.delete(id)).rejects.toThrow(/needs an id/);
    expect(requests).toEqual([]);
  });

  it('keeps an id in its place, whatever it is', async () => {
    const { klaviyo, requests } = scriptKlaviyo(() => found);
    await klaviyo.profiles.getById('../lists?a=b&$&');
    expect(requests[0]?.path).toBe('/api/profiles/..%2Flists%3Fa%3Db%26%24%26');
  });
});

describe('what passes', () => {
  it.each<[string, ScriptedAnswer]>([
    ['a broken connection', 'lost'],
    ['no connection', 'refused'],
    ['a failure of Klaviyo’s', { status: 500 }],
    ['one of Cloudflare’s', { status: 522 }],
    ['a limit', { status: 429, headers: { 'retry-after': '3' } }],
    ['an answer that breaks off', { ...found, cut: true }],
  ])('is waited out: %s', async (_, answer) => {
    const world = scriptKlaviyo(inTurn(answer, answer, found));
    const outcome = await finish(world, world.klaviyo.profiles.getById('P1'));
    expect(outcome).toMatchObject({ value: { id: 'P1' } });
    const [first, second, third] = world.requests.map(({ at }) => at);
    expect(world.requests).toHaveLength(3);
    // Half of the exponential ceilings of 2 and 4 s, or longer where Klaviyo asked for it.
    expect(Number(second) - Number(first)).toBeGreaterThanOrEqual(1000);
    expect(Number(third) - Number(second)).toBeGreaterThanOrEqual(2000);
  });

  it('is reported after the fifth time', async () => {
    const world = scriptKlaviyo(() => ({
      status: 503,
      headers: { 'x-klaviyo-request-id': 'r-7' },
    }));
    const error = await failureOf(world, world.klaviyo.profiles.upsert({ email: 'ada@x.shop' }));
    expect(world.requests).toHaveLength(5);
    expect(error).toMatchObject({
      ...{ status: 503, attempts: 5, klaviyoRequestId: 'r-7', isOutcomeUnknown: true },
      endpoint: 'POST /api/profile-import',
    });
  });

  it('is no matter where an answer has no body anyway', async () => {
    const world = scriptKlaviyo(() => ({ status: 202, text: 'xxxxxxxx', cut: true }));
    await world.klaviyo.events.track({ email: 'ada@x.shop' }, { name: 'Tasted Sample' });
    expect(world.requests).toHaveLength(1);
  });

  it('sends the same each time', async () => {
    const world = scriptKlaviyo(inTurn('lost', { status: 500 }, { status: 202 }));
    await finish(
      world,
      world.klaviyo.events.track({ email: 'ada@x.shop' }, { name: 'Tasted Sample' }),
    );
    const texts = new Set(world.requests.map(({ text }) => text));
    expect(world.requests).toHaveLength(3);
    expect(texts.size).toBe(1);
    expect([...texts][0]).toContain('"unique_id":"uuid-1"');
  });

  it('keeps the process alive while it is waited for', async () => {
    const world = scriptKlaviyo(
      inTurn('lost', { status: 429, headers: { 'retry-after': '3' } }, found),
    );
    await finish(world, world.klaviyo.profiles.getById('P1'));
    expect(world.waits.filter(({ holds }) => holds).map(({ delayMs }) => delayMs)).toEqual([
      1000, 4500,
    ]);
  });

  it('is a request that takes longer than its time', async () => {
    const world = scriptKlaviyo(inTurn('hang', found), { requestTimeoutMs: 5000 });
    const outcome = await finish(world, world.klaviyo.profiles.getById('P1'));
    expect(outcome).toMatchObject({ value: { id: 'P1' } });
    expect(Number(world.requests[1]?.at) - Number(world.requests[0]?.at)).toBe(6000);
  });
});

describe('a limit that is met', () => {
  it('makes all of its endpoint wait as long as Klaviyo asks, and no other', async () => {
    const { klaviyo, clock, requests } = scriptKlaviyo(({ path }, index) => {
      if (path !== '/api/lists') return found;
      return index === 0
        ? { status: 429, headers: { 'retry-after': '30' } }
        : { body: { data: [] } };
    });
    const walkLists = async () => {
      for await (const list of klaviyo.lists.list()) expect(list).toBeUndefined();
    };
    const first = walkLists();
    await clock.advance(10);
    const second = walkLists();
    const other = klaviyo.profiles.getById('P1');
    await clock.advance(29_000);
    await other;
    expect(requests.map(({ path }) => path)).toEqual(['/api/lists', '/api/profiles/P1']);
    await clock.advance(12_000);
    await Promise.all([first, second]);
    expect(requests.filter(({ path }) => path === '/api/lists')).toHaveLength(3);
  });

  it('is believed in Klaviyo’s own sentence too', async () => {
    const limited = {
      status: 429,
      body: errorsBody({ detail: 'Expected available in 9 seconds.' }),
    };
    const world = scriptKlaviyo(inTurn(limited, found));
    await finish(world, world.klaviyo.profiles.getById('P1'));
    expect(Number(world.requests[1]?.at) - Number(world.requests[0]?.at)).toBeGreaterThan(9000);
  });

  it('is waited out for two minutes', async () => {
    const limited = { status: 429, headers: { 'retry-after': '120' } };
    const world = scriptKlaviyo(inTurn(limited, found));
    const outcome = await finish(world, world.klaviyo.profiles.getById('P1'));
    expect(outcome).toMatchObject({ value: { id: 'P1' } });
  });

  it('is reported when it is one of a day', async () => {
    const world = scriptKlaviyo(() => ({ status: 429, headers: { 'retry-after': '3000' } }));
    const outcome = outcomeOf(world.klaviyo.lists.create({ name: 'A' }));
    await world.clock.settle();
    expect(await outcome).toMatchObject({
      error: { status: 429, attempts: 1, retryAfterMs: 3_000_000, isOutcomeUnknown: false },
    });
  });
});

describe('what does not pass', () => {
  it.each([400, 401, 403, 404, 409, 410, 413, 422])('is sent once: %i', async (status) => {
    const world = scriptKlaviyo(() => ({ status, body: errorsBody({ code: 'wrong' }) }));
    const error = await failureOf(world, world.klaviyo.lists.create({ name: 'A' }));
    expect(world.requests).toHaveLength(1);
    expect(error).toMatchObject({ status, codes: ['wrong'], isOutcomeUnknown: false });
  });

  it('is a page where JSON belongs', async () => {
    const page = { text: '<html>Sign in</html>', headers: { 'content-type': 'text/html' } };
    const world = scriptKlaviyo(() => page);
    const error = await failureOf(world, world.klaviyo.profiles.getById('P1'));
    expect(error.message).toMatch(/Not Klaviyo’s words/);
    expect(world.requests).toHaveLength(1);
  });

  it('is text that is no JSON', async () => {
    const world = scriptKlaviyo(() => ({ text: 'welcome' }));
    const error = await failureOf(world, world.klaviyo.profiles.getById('P1'));
    expect(error.message).toMatch(/Not Klaviyo’s words/);
  });
});

describe('a 404', () => {
  const page = {
    status: 404,
    text: '<h1>Nothing here</h1>',
    headers: { 'content-type': 'text/html' },
  };

  it('of Klaviyo says that a thing is not there', async () => {
    const { klaviyo } = scriptKlaviyo(() => ({ status: 404, body: errorsBody({}) }));
    expect(await klaviyo.profiles.getById('P1')).toBeUndefined();
    expect(await klaviyo.flows.get('F1')).toBeUndefined();
  });

  it.each([page, { status: 404 }])('of somebody else says nothing of it', async (answer) => {
    const world = scriptKlaviyo(() => answer);
    await failureOf(world, world.klaviyo.profiles.getById('P1'));
    await failureOf(world, world.klaviyo.flows.get('F1'));
  });

  it('of somebody else does not mean that a webhook has been deleted', async () => {
    const world = scriptKlaviyo((_, index) => (index === 0 ? { status: 503 } : page));
    const error = await failureOf(world, world.klaviyo.webhooks.delete('W1'));
    expect(error).toMatchObject({ status: 404, isOutcomeUnknown: true });
  });
});

it('an empty answer is no page, whatever its type', async () => {
  const headers = { 'content-type': 'text/html; charset=utf-8' };
  const { klaviyo } = scriptKlaviyo(() => ({ status: 202, headers }));
  await klaviyo.events.track({ email: 'ada@lovelace.shop' }, { name: 'A' });
});

describe('what may not be done twice', () => {
  it.each<[string, ScriptedAnswer]>([
    ['after no answer', 'lost'],
    ['after a failure', { status: 500 }],
    ['after half an answer', { ...made, cut: true }],
  ])('is not repeated %s, and says that it may have been done', async (_, answer) => {
    const world = scriptKlaviyo(() => answer);
    for (const make of [
      () => world.klaviyo.lists.create({ name: 'A' }),
      () =>
        world.klaviyo.webhooks.create({
          ...{ name: 'W', endpointUrl: 'https://shop.test/hook', secret: 's' },
          topics: ['event:klaviyo.opened_email'],
        }),
      () => world.klaviyo.profiles.append('P1', { Interests: 'tea' }),
      () => world.klaviyo.profiles.upsert({ email: 'a@x.shop', append: { Interests: 'tea' } }),
      () => world.klaviyo.request('POST', '/api/coupons', { body: {} }),
      () => world.klaviyo.request('POST', '/api/events', { body: {} }),
    ]) {
      world.requests.length = 0;
      const error = await failureOf(world, make());
      expect(world.requests).toHaveLength(1);
      expect(error.isOutcomeUnknown).toBe(true);
      expect(error.message).toMatch(/may have been done/);
    }
  });

  it.each<[string, ScriptedAnswer]>([
    ['a limit', { status: 429 }],
    ['no connection', 'refused'],
  ])('is repeated after what proves that it was not done: %s', async (_, answer) => {
    const world = scriptKlaviyo(inTurn(answer, made));
    const outcome = await finish(world, world.klaviyo.lists.create({ name: 'A' }));
    expect(outcome).toMatchObject({ value: { id: 'L1', name: 'A' } });
    expect(world.requests).toHaveLength(2);
  });

  it('is repeated by request() when the caller says that it may', async () => {
    const world = scriptKlaviyo(inTurn('lost', { status: 202 }));
    const body = { data: {} };
    await finish(
      world,
      world.klaviyo.request('POST', '/api/coupon-codes', { body, isRepeatable: true }),
    );
    expect(world.requests).toHaveLength(2);
  });

  it('has been done when a webhook is gone at the second attempt, and only then', async () => {
    const gone = { status: 404, body: errorsBody({ code: 'not_found' }) };
    const again = scriptKlaviyo(inTurn('lost', gone));
    expect(await finish(again, again.klaviyo.webhooks.delete('W1'))).toEqual({ value: undefined });
    const never = scriptKlaviyo(() => gone);
    expect((await failureOf(never, never.klaviyo.webhooks.delete('W1'))).status).toBe(404);
  });
});

describe('a signal', () => {
  const reason = new Error('The shop closes.');

  it('that has been aborted before sends nothing', async () => {
    const { klaviyo, requests } = scriptKlaviyo();
    const signal = AbortSignal.abort(reason);
    await expect(klaviyo.profiles.getById('P1', { signal })).rejects.toBe(reason);
    expect(requests).toEqual([]);
  });

  it.each<[string, ScriptedAnswer]>([
    ['under way', 'hang'],
    ['between two attempts', 'lost'],
    ['in a closed lane', { status: 429, headers: { 'retry-after': '60' } }],
  ])('ends a call that is %s at once, and for good', async (_, answer) => {
    const { klaviyo, requests, clock } = scriptKlaviyo(() => answer);
    const control = new AbortController();
    const outcome = outcomeOf(klaviyo.profiles.getById('P1', { signal: control.signal }));
    await clock.advance(100);
    control.abort(reason);
    expect(await outcome).toEqual({ error: reason });
    await clock.advance(600_000);
    expect(requests).toHaveLength(1);
  });

  it('is good for any number of calls, and Node warns of no leak', async () => {
    const warnings: string[] = [];
    const note = ({ name }: Error) => warnings.push(name);
    process.on('warning', note);
    const { klaviyo, clock } = scriptKlaviyo((_, index) => (index < 12 ? 'lost' : 'hang'));
    const control = new AbortController();
    const many = Array.from({ length: 60 }, () =>
      outcomeOf(klaviyo.profiles.getById('P1', { signal: control.signal })),
    );
    await clock.advance(5000);
    control.abort(reason);
    expect(await Promise.all(many)).toEqual(many.map(() => ({ error: reason })));
    // Warnings are given in a turn of their own.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  it('ends nobody else’s call', async () => {
    const world = scriptKlaviyo(inTurn('hang', found));
    const control = new AbortController();
    const ended = outcomeOf(world.klaviyo.profiles.getById('P1', { signal: control.signal }));
    await world.clock.advance(100);
    const other = world.klaviyo.profiles.getById('P1');
    control.abort(reason);
    expect(await ended).toEqual({ error: reason });
    expect(await other).toMatchObject({ id: 'P1' });
  });
});

describe('a 2xx without what belongs into it', () => {
  const nothings: [string, ScriptedAnswer][] = [
    ['nothing', { status: 200 }],
    ['no data', { body: { meta: {} } }],
    ['null', { body: { data: null } }],
    ['text', { text: 'welcome' }],
  ];

  const reading: ((klaviyo: Klaviyo) => Promise<unknown>)[] = [
    ({ profiles }) => profiles.getById('P1'),
    ({ profiles }) => profiles.getByEmail('ada@lovelace.shop'),
    ({ flows }) => flows.get('F1'),
    ({ webhooks }) => webhooks.topics(),
    ({ profiles }) => allOf(profiles.iterate()),
  ];

  it.each(nothings)('is an error when something is read: %s', async (_, answer) => {
    for (const read of reading) {
      const world = scriptKlaviyo(() => answer);
      const error = await failureOf(world, read(world.klaviyo));
      expect(error).toMatchObject({ status: 200, attempts: 1, isOutcomeUnknown: false });
      expect(error.message).toMatch(/what is between here and there\? See apiHost\.$/);
    }
  });

  const writing: ((klaviyo: Klaviyo) => Promise<unknown>)[] = [
    ({ profiles }) => profiles.upsert({ email: 'ada@lovelace.shop' }),
    ({ profiles }) => profiles.update('P1', { title: null }),
    ({ lists }) => lists.create({ name: 'A' }),
  ];

  it.each(nothings)('may have been done when something is written: %s', async (_, answer) => {
    for (const write of writing) {
      const world = scriptKlaviyo(() => ({ ...(answer as object), status: 201 }));
      const error = await failureOf(world, write(world.klaviyo));
      expect(error).toMatchObject({ status: 201, attempts: 1, isOutcomeUnknown: true });
      expect(error.message).toMatch(/It may have been done: look before you repeat it\.$/);
      expect(world.requests).toHaveLength(1);
    }
  });

  it('says that it is empty', async () => {
    const world = scriptKlaviyo(() => ({ status: 201 }));
    const error = await failureOf(world, world.klaviyo.lists.create({ name: 'A' }));
    expect(error.message).toMatch(/^POST \/api\/lists: 201\. The answer is empty: /);
  });

  it('has one thing where a list belongs, or a list where one thing does', async () => {
    const world = scriptKlaviyo(() => ({ body: { data: [profile] } }));
    await failureOf(world, world.klaviyo.profiles.getById('P1'));
    const other = scriptKlaviyo(() => found);
    await failureOf(other, other.klaviyo.profiles.getByEmail('ada@lovelace.shop'));
  });

  it('is none where an endpoint answers with nothing', async () => {
    const world = scriptKlaviyo(() => ({ status: 202 }));
    expect(await world.klaviyo.events.track({ email: 'a@b.shop' }, { name: 'A' })).toBe('uuid-1');
    expect((await world.klaviyo.request('GET', '/api/tags')).body).toBeUndefined();
  });
});
