import { inspect } from 'node:util';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../../src/sandbox/endpoints.js';
import type { Sandbox } from '../../../src/sandbox/index.js';
import type { Many } from '../../../src/server/klaviyo/batches.js';
import { KlaviyoBulkError } from '../../../src/server/klaviyo/bulk-error.js';
import type { TrackedAll } from '../../../src/server/klaviyo/bulk-events.js';
import type { Klaviyo } from '../../../src/server/klaviyo/create-klaviyo.js';
import { errorsBody, outcomeOf, scriptKlaviyo } from '../../helpers/scripted-klaviyo.js';
import { allOf, startToolkit } from '../../helpers/start-toolkit.js';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const emailOf = (n: number): string => `p${n}@lovelace.shop`;
const channels = ['email'] as const;

async function failureOf(promise: Promise<unknown>): Promise<KlaviyoBulkError<unknown>> {
  const outcome = await outcomeOf(promise);
  const { error } = outcome as { error: KlaviyoBulkError };
  expect(error).toBeInstanceOf(KlaviyoBulkError);
  return error;
}

/** A call that takes many things, and how it is seen in the sandbox that each was done once. */
interface Bulk {
  count: number;
  /** Of one request. */
  size: number;
  endpoint: Endpoint;
  prepare?(klaviyo: Klaviyo, listId: string): Promise<unknown>;
  run(klaviyo: Klaviyo, listId: string, some: Many<number>): Promise<unknown>;
  /** What `done` says after one request. */
  done: object;
  look(world: { sandbox: Sandbox; klaviyo: Klaviyo }, listId: string): unknown;
}

async function* mapped<T>(some: Many<number>, make: (n: number) => T): AsyncGenerator<T> {
  for await (const n of some) yield make(n);
}

const everybody = ({ profiles }: Klaviyo, count: number) =>
  profiles.upsertAll(numbers(count).map((n) => ({ email: emailOf(n) })));
const membersOf = async (klaviyo: Klaviyo, listId: string) =>
  (await allOf(klaviyo.lists.members(listId, { fields: ['email'] }))).length;

const bulks: [name: string, bulk: Bulk][] = [
  [
    'profiles.upsertAll',
    {
      ...{ count: 10_050, size: 10_000, endpoint: 'POST api/profile-bulk-import-jobs' },
      run: ({ profiles }, _, some) =>
        profiles.upsertAll(mapped(some, (n) => ({ email: emailOf(n) }))),
      done: { imports: [{ totalCount: 10_000 }], rejected: [] },
      look: ({ sandbox }) => expect(sandbox.profiles()).toHaveLength(10_050),
    },
  ],
  [
    'events.trackAll',
    {
      ...{ count: 1700, size: 1000, endpoint: 'api/event-bulk-create-jobs' },
      run: ({ events }, _, some) =>
        events.trackAll(
          mapped(some, (n) => ({
            profile: { email: emailOf(n % 7) },
            name: 'A',
            uniqueId: `u${n}`,
          })),
        ),
      done: { accepted: 1000, duplicates: 0, rejected: [] },
      look: ({ sandbox }) => expect(sandbox.events()).toHaveLength(1700),
    },
  ],
  [
    'subscriptions.subscribe',
    {
      ...{ count: 1700, size: 1000, endpoint: 'POST api/profile-subscription-bulk-create-jobs' },
      run: ({ subscriptions }, listId, some) =>
        subscriptions.subscribe(
          mapped(some, (n) => ({ email: emailOf(n), channels })),
          { listId },
        ),
      done: { accepted: 1000, rejected: [] },
      look: async ({ klaviyo }, listId) => expect(await membersOf(klaviyo, listId)).toBe(1700),
    },
  ],
  [
    'subscriptions.unsubscribe',
    {
      ...{ count: 170, size: 100, endpoint: 'POST api/profile-subscription-bulk-delete-jobs' },
      prepare: ({ subscriptions }, listId) =>
        subscriptions.subscribe(
          numbers(170).flatMap((n) => (n % 10 === 0 ? [] : [{ email: emailOf(n), channels }])),
          { listId },
        ),
      run: ({ subscriptions }, listId, some) =>
        subscriptions.unsubscribe(
          mapped(some, (n) => ({ email: emailOf(n), channels })),
          { from: { listId } },
        ),
      // Every tenth is in no list. Those of the second request were found out before it failed.
      done: { accepted: 90, rejected: [], skipped: numbers(17).map((n) => n * 10) },
      look: async ({ klaviyo }, listId) => expect(await membersOf(klaviyo, listId)).toBe(0),
    },
  ],
  [
    'lists.add',
    {
      ...{ count: 1700, size: 1000, endpoint: 'POST api/lists/{id}/relationships/profiles' },
      prepare: (klaviyo) => everybody(klaviyo, 1700),
      run: ({ lists }, listId, some) => lists.add(listId, { emails: mapped(some, emailOf) }),
      done: { count: 1000, unknownEmails: [] },
      look: async ({ klaviyo }, listId) => expect(await membersOf(klaviyo, listId)).toBe(1700),
    },
  ],
  [
    'lists.remove',
    {
      ...{ count: 1700, size: 1000, endpoint: 'DELETE api/lists/{id}/relationships/profiles' },
      prepare: async (klaviyo, listId) => {
        await everybody(klaviyo, 1700);
        await klaviyo.lists.add(listId, { emails: numbers(1700).map(emailOf) });
      },
      run: ({ lists }, listId, some) => lists.remove(listId, { emails: mapped(some, emailOf) }),
      done: { count: 1000, unknownEmails: [] },
      look: async ({ klaviyo }, listId) => expect(await membersOf(klaviyo, listId)).toBe(0),
    },
  ],
];

describe.each(bulks)('%s', (name, { count, size, endpoint, prepare, run, done, look }) => {
  it('says what was done when it fails half way, and goes on with the rest', async () => {
    const world = await startToolkit();
    const { sandbox, klaviyo } = world;
    const listId = sandbox.addList({ name: 'News' });
    await prepare?.(klaviyo, listId);

    async function* failing(): AsyncGenerator<number> {
      for (const n of numbers(count)) {
        // By now one request's worth has been sent, and this one belongs to the second.
        if (n === size + 1) sandbox.addFault({ endpoint, status: 401 });
        yield n;
      }
    }
    const error = await failureOf(run(klaviyo, listId, failing()));
    expect(error).toMatchObject({
      ...{ name: 'KlaviyoBulkError', next: count, isOutcomeUnknown: false, done },
      cause: { name: 'KlaviyoApiError', status: 401 },
    });
    expect(error.message).toMatch(
      new RegExp(`^${name} ended early: of the first ${count} given \\d+ settled, \\d+ pending. `),
    );
    expect(error.message).toContain('401');

    const left = numbers(count).filter((_, index) => error.isPending(index));
    expect(left).toEqual(error.pending);
    const skipped = (error.done as { skipped?: number[] }).skipped ?? [];
    expect(left).toEqual(
      numbers(count)
        .slice(size)
        .filter((n) => !skipped.includes(n)),
    );
    sandbox.clearFaults();
    await run(klaviyo, listId, left);
    await look(world, listId);
  });
});

const people = (count: number) => numbers(count).map((n) => ({ email: emailOf(n), channels }));

describe('a call that takes many things', () => {
  it('says so when what was not answered may have been done', async () => {
    const { klaviyo, clock } = scriptKlaviyo((_, index) => (index < 1 ? { status: 202 } : 'lost'));
    const failure = failureOf(klaviyo.subscriptions.subscribe(people(2500)));
    await clock.advance(600_000);
    const error = await failure;
    expect(error).toMatchObject({ next: 2000, isOutcomeUnknown: true, done: { accepted: 1000 } });
    expect(error.pending).toEqual(numbers(2000).slice(1000));
    expect([999, 1000, 1999, 2000, 2499].map((index) => error.isPending(index))).toEqual([
      ...[false, true, true, true, true],
    ]);
    expect(error.message).toContain('some of them perhaps done');
  });

  it('has the signal’s reason as its cause', async () => {
    const control = new AbortController();
    const reason = new Error('the shop closes');
    const { klaviyo } = scriptKlaviyo((_, index) => {
      if (index === 1) control.abort(reason);
      return { status: 202 };
    });
    const { signal } = control;
    const error = await failureOf(
      klaviyo.subscriptions.unsubscribe(people(250), { from: 'everything', signal }),
    );
    expect(error.cause).toBe(reason);
    expect(error).toMatchObject({ next: 200, isOutcomeUnknown: true, done: { accepted: 100 } });
  });

  it('may end for what it is given, and sends nothing of that', async () => {
    const { klaviyo, requests } = scriptKlaviyo(() => ({ status: 202 }));
    const broken = new Error('the database is gone');
    async function* source() {
      yield* people(1500);
      throw broken;
    }
    const error = await failureOf(klaviyo.subscriptions.subscribe(source()));
    expect(error).toMatchObject({
      cause: broken,
      next: 1000,
      pending: [],
      done: { accepted: 1000 },
    });
    expect(error.message).not.toContain(broken.message);
    expect([error.isPending(999), error.isPending(1000)]).toEqual([false, true]);
    expect(requests).toHaveLength(1);
  });

  it('names the place of what is wrong', async () => {
    const { klaviyo, requests } = scriptKlaviyo(() => ({ status: 202 }));
    const some = [...people(3), { email: emailOf(3), channels: [] as never }];
    const error = await failureOf(klaviyo.subscriptions.subscribe(some));
    expect(error.cause).toMatchObject({ name: 'KlaviyoInputError' });
    expect(error.message).toContain('Number 3, counted from 0: channels must be one or more of');
    const events = [
      { profile: {}, name: 'A' },
      { profile: {}, name: '' },
    ];
    const other = await failureOf(klaviyo.events.trackAll(events));
    expect(other.message).toContain('Number 1, counted from 0: The name of an event');
    expect(requests).toEqual([]);
  });

  it('counts ids before addresses', async () => {
    const { klaviyo } = scriptKlaviyo(({ method }) =>
      method === 'GET' ? { body: { data: [] } } : { status: 401 },
    );
    const joining = { ids: ['P1', 'P2'], emails: ['ada@lovelace.shop', ''] };
    const error = await failureOf(klaviyo.lists.add('L1', joining));
    expect(error.message).toContain('Number 3, counted from 0: an address');
  });

  it('settles each event that Klaviyo took before it took no more', async () => {
    const { klaviyo, sandbox } = await startToolkit();
    const events = numbers(100).map((n) => ({
      ...{ profile: { email: emailOf(n) }, name: n === 70 ? 'Last' : 'A', uniqueId: `u${n}` },
      // Klaviyo refuses the request for this one, and it is sent event by event.
      ...(n === 3 && { profile: { phoneNumber: 'none' } }),
    }));
    sandbox.addFault({ endpoint: 'api/events', metric: 'Last', status: 401 });
    const error = await failureOf(klaviyo.events.trackAll([...events, ...events.slice(0, 1)]));
    const { accepted, duplicates, rejected } = error.done as TrackedAll;
    expect(rejected).toMatchObject([{ index: 3, error: { status: 400 } }]);
    expect(accepted).toBeGreaterThanOrEqual(50);
    expect(sandbox.events()).toHaveLength(accepted);
    expect(accepted + duplicates + rejected.length + error.pending.length).toBe(101);
    expect(error.isPending(70)).toBe(true);
    const recorded = sandbox.events().map(({ uniqueId }) => uniqueId);
    const settled = events.filter((_, n) => n !== 3 && !error.isPending(n));
    expect(settled.map(({ uniqueId }) => uniqueId).sort()).toEqual(recorded.sort());
  });

  it('settles with an event those like it, which would append once more', async () => {
    const { klaviyo } = scriptKlaviyo(({ text }, index) => {
      if (index === 0) return { status: 400, body: errorsBody({}) };
      return { status: text.includes('Last') ? 401 : 202 };
    });
    const event = { profile: { email: emailOf(1), append: { Tags: 'tea' } }, uniqueId: 'u1' };
    const events = ['A', 'A', 'Last'].map((name) => ({ ...event, name }));
    const error = await failureOf(klaviyo.events.trackAll(events));
    expect(error.pending).toEqual([2]);
    expect(error.done).toEqual({ accepted: 1, duplicates: 1, rejected: [] });
  });

  it('gives up no event for an answer that is not Klaviyo’s', async () => {
    const headers = { 'content-type': 'text/html' };
    const { klaviyo, requests } = scriptKlaviyo(() => ({ status: 400, text: '<h1>', headers }));
    const events = numbers(3).map((n) => ({ profile: { email: emailOf(n) }, name: 'A' }));
    const error = await failureOf(klaviyo.events.trackAll(events));
    expect(error.pending).toEqual([0, 1, 2]);
    expect(error).toMatchObject({ done: { rejected: [] }, cause: { status: 400 } });
    expect(requests).toHaveLength(1);
  });

  it('shows nobody’s address, however its error is printed', async () => {
    const { klaviyo } = scriptKlaviyo(({ method }) =>
      method === 'GET' ? { body: { data: [] } } : { status: 401 },
    );
    const emails = numbers(1000).map(emailOf);
    const error = await failureOf(
      klaviyo.lists.add('L1', { emails: [...emails, 'é' as never, ''] }),
    );
    expect((error.done as { unknownEmails: string[] }).unknownEmails).toContain(emailOf(7));
    const lines: string[] = [];
    pino({}, { write: (line: string) => void lines.push(line) }).error({ err: error }, 'failed');
    const shown = [inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), ...lines];
    expect(shown.join()).toContain('KlaviyoBulkError');
    expect(shown.join()).not.toContain('lovelace');
  });

  it.each<[string, (klaviyo: Klaviyo, some: never) => Promise<unknown>]>([
    ['profiles.upsertAll', ({ profiles }, some) => profiles.upsertAll(some)],
    ['events.trackAll', ({ events }, some) => events.trackAll(some)],
    ['subscribe', ({ subscriptions }, some) => subscriptions.subscribe(some)],
    [
      'unsubscribe',
      ({ subscriptions }, some) => subscriptions.unsubscribe(some, { from: 'everything' }),
    ],
    ['lists.add', ({ lists }, some) => lists.add('L1', { emails: some })],
    ['lists.remove', ({ lists }, some) => lists.remove('L1', { ids: some })],
  ])('takes a list, and no letters of a text: %s', async (_, run) => {
    const { klaviyo, requests } = scriptKlaviyo(() => ({ status: 202 }));
    for (const wrong of ['ada@lovelace.shop', { email: 'ada@lovelace.shop' }, null, 7]) {
      await expect(run(klaviyo, wrong as never)).rejects.toThrow(/must be a list/);
    }
    expect(requests).toEqual([]);
  });
});
