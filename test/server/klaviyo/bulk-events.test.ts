import { describe, expect, it } from 'vitest';
import { errorsBody, scriptKlaviyo } from '../../helpers/scripted-klaviyo.js';
import { startToolkit } from '../../helpers/start-toolkit.js';

const ada = { email: 'ada@lovelace.shop' };
const at = Date.parse('2026-06-01T10:00:00Z');
const events = (count: number, over: object = {}) =>
  Array.from({ length: count }, (_, n) => ({
    ...{ profile: { email: `p${n % 7}@lovelace.shop` }, name: 'Tasted Sample' },
    ...{ properties: { Flavour: `F${n}` }, uniqueId: `u${n}`, time: at, ...over },
  }));

type Job = {
  data: {
    attributes: {
      'events-bulk-create': { data: { attributes: { events: { data: unknown[] } } }[] };
    };
  };
};
const entriesIn = (body: unknown) => (body as Job).data.attributes['events-bulk-create'].data;
const countIn = (body: unknown): number =>
  entriesIn(body).reduce((sum, { attributes }) => sum + attributes.events.data.length, 0);

describe('trackAll', () => {
  it('records events of many people, each person once in a request', async () => {
    const { klaviyo, sandbox, sent } = await startToolkit();
    const done = await klaviyo.events.trackAll(events(20, { value: 3, valueCurrency: 'EUR' }));
    expect(done).toEqual({ accepted: 20, duplicates: 0, rejected: [] });
    expect(sent.map(({ path }) => path)).toEqual(['/api/event-bulk-create-jobs']);
    expect(entriesIn(sent[0]?.body)).toHaveLength(7);
    expect(sandbox.events()).toHaveLength(20);
    expect(sandbox.profiles()).toHaveLength(7);
    expect(sandbox.events().find(({ uniqueId }) => uniqueId === 'u3')).toMatchObject({
      ...{
        metric: 'Tasted Sample',
        properties: { Flavour: 'F3' },
        value: 3,
        time: new Date(at).toISOString(),
      },
    });
  });

  it('goes 1000 at a time, and takes its events one by one', async () => {
    const { klaviyo, requests } = scriptKlaviyo(() => ({ status: 202 }));
    async function* source() {
      yield* events(2500);
    }
    expect((await klaviyo.events.trackAll(source())).accepted).toBe(2500);
    expect(requests.map(({ body }) => countIn(body))).toEqual([1000, 1000, 500]);
  });

  it('goes 5 MB at a time', async () => {
    const { klaviyo, requests } = scriptKlaviyo(() => ({ status: 202 }));
    const large = events(120, { properties: { Text: 'ä'.repeat(49_000) } });
    const apart = large.map((event, n) => ({ ...event, profile: { email: `x${n}@x.shop` } }));
    expect((await klaviyo.events.trackAll(apart)).accepted).toBe(120);
    expect(requests.length).toBeGreaterThan(2);
    for (const { text } of requests) expect(Buffer.byteLength(text)).toBeLessThan(5_000_000);
  });

  it('finds the culprits of a request that is refused, and records the others once', async () => {
    const { klaviyo, sandbox } = await startToolkit();
    const some = events(10);
    const bad = { ...some[4], profile: { phoneNumber: 'none' }, name: 'Tasted Sample' };
    const worse = { ...some[7], profile: ada, name: 'x'.repeat(200) };
    const given = [...some.slice(0, 4), bad, ...some.slice(5, 7), worse, ...some.slice(8)];
    const done = await klaviyo.events.trackAll(given);
    expect(done).toMatchObject({
      ...{ accepted: 8, duplicates: 0 },
      rejected: [
        { index: 4, error: { status: 400 } },
        { index: 7, error: { status: 400 } },
      ],
    });
    expect(sandbox.events()).toHaveLength(8);
  });

  it('sends nothing twice in one request, which Klaviyo may drop whole for it', async () => {
    const { klaviyo, sandbox } = await startToolkit({ bulkDuplicates: 'fail' });
    const some = events(3);
    const done = await klaviyo.events.trackAll([...some, ...some.slice(1)]);
    expect(done).toEqual({ accepted: 3, duplicates: 2, rejected: [] });
    expect(sandbox.events()).toHaveLength(3);
  });

  it('gives each event an id and a time of its own', async () => {
    const { klaviyo, sandbox } = await startToolkit();
    const event = { profile: ada, name: 'Tasted Sample' };
    expect((await klaviyo.events.trackAll([event, event])).accepted).toBe(2);
    expect(sandbox.events()).toHaveLength(2);
    expect(Date.parse(String(sandbox.events()[0]?.time))).toBeGreaterThan(Date.now() - 60_000);
  });

  it.each(['fail', 'refuse', 'discard'] as const)(
    'records each once when an answer is lost and a repeated id makes Klaviyo %s',
    async (bulkDuplicates) => {
      const { klaviyo, sandbox } = await startToolkit({ bulkDuplicates });
      sandbox.addFault({ reset: 'after', times: 1 });
      const done = await klaviyo.events.trackAll(events(5));
      expect(done.accepted).toBe(5);
      expect(
        sandbox
          .events()
          .map(({ uniqueId }) => uniqueId)
          .sort(),
      ).toEqual([...['u0', 'u1', 'u2', 'u3', 'u4']]);
    },
  );

  it('does not try a thousand times what is wrong with the way they are sent', async () => {
    const body = errorsBody({ source: { parameter: 'revision' } });
    const { klaviyo, requests } = scriptKlaviyo(() => ({ status: 400, body }));
    await expect(klaviyo.events.trackAll(events(50))).rejects.toMatchObject({
      cause: { status: 400 },
    });
    expect(requests).toHaveLength(1);
  });

  it('sends nothing any more once it has rejected', async () => {
    const { klaviyo, requests, clock } = scriptKlaviyo(({ path }) =>
      path === '/api/events'
        ? { status: 401, body: errorsBody({}) }
        : { status: 400, body: errorsBody({ source: { pointer: '/data' } }) },
    );
    let sent = 0;
    const done = klaviyo.events.trackAll(events(500)).catch((error: unknown) => {
      sent = requests.length;
      return error;
    });
    await clock.advance(600_000);
    expect(await done).toMatchObject({
      ...{ name: 'KlaviyoBulkError', next: 500, isOutcomeUnknown: false },
      ...{ done: { accepted: 0, rejected: [] }, pending: { length: 500 } },
      cause: { status: 401, endpoint: 'POST /api/events' },
    });
    expect(sent).toBeLessThan(100);
    // Those that were on their way.
    expect(requests.length - sent).toBeLessThan(50);
  });

  it('does not append twice', async () => {
    const { klaviyo, requests } = scriptKlaviyo(() => 'lost');
    const event = { profile: { ...ada, append: { Tags: 'a' } }, name: 'Tasted Sample' };
    await expect(klaviyo.events.trackAll([event])).rejects.toMatchObject({
      isOutcomeUnknown: true,
    });
    expect(requests).toHaveLength(1);
  });
});
