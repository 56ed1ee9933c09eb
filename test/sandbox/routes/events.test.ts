import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/index.js';
import {
  call,
  createClock,
  eventBody,
  follow,
  listOf,
  oneOf,
  post,
  profileBody,
  profileData,
  refusal,
  startSandbox,
} from '../requests.js';

type Json = Record<string, unknown>;

const email = (name: string) => `${name}@shop.test-mail.net`;
const track = (sandbox: Sandbox, name: string, metric: string, over: Json = {}) =>
  post(sandbox, 'api/events', eventBody(over, metric, profileData({ email: email(name) })));
const list = async (sandbox: Sandbox, query: Record<string, string> = {}) =>
  listOf(await call(sandbox, 'GET api/events', { query }));
const idsBy = async (sandbox: Sandbox, query: Record<string, string>) =>
  (await list(sandbox, query)).data.map(
    ({ attributes }) => (attributes.event_properties as Json).$event_id,
  );

/** Six events of two people and two metrics, a minute apart, not in the order of their times. */
async function start() {
  const clock = createClock(Date.parse('2026-11-22T10:00:00Z'));
  const sandbox = await startSandbox({ now: clock.now });
  for (const [index, minute] of [5, 3, 1, 6, 4, 2].entries()) {
    const name = index % 2 === 0 ? 'ada' : 'bo';
    const metric = index < 3 ? 'Viewed Product' : 'Placed Order';
    const time = `2026-11-22T09:0${minute}:00Z`;
    await track(sandbox, name, metric, { unique_id: `${minute}`, time, value: minute });
  }
  const metrics = (await listOf(await call(sandbox, 'GET api/metrics'))).data;
  const metric = (name: string) => metrics.find(({ attributes }) => attributes.name === name)?.id;
  return { sandbox, clock, metric };
}

describe('GET /api/events', () => {
  it('shows what was recorded, with what makes it one of its kind', async () => {
    const { sandbox, metric } = await start();
    const { data } = await list(sandbox, { 'page[size]': '1' });
    expect(data).toMatchObject([
      {
        type: 'event',
        attributes: {
          timestamp: Date.parse('2026-11-22T09:01:00Z') / 1000,
          datetime: '2026-11-22T09:01:00+00:00',
          event_properties: { ProductName: 'Tide Mug', $event_id: '1', $value: 1 },
        },
        relationships: {
          metric: { data: { type: 'metric', id: metric('Viewed Product') } },
          profile: { data: { type: 'profile', id: sandbox.profiles()[0]?.id } },
        },
      },
    ]);
    expect(data[0]?.attributes.uuid).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('filters by metric, profile and time', async () => {
    const { sandbox, metric } = await start();
    const by = (filter: string) => idsBy(sandbox, { filter });
    const [ada, bo] = sandbox.profiles();
    expect(await by(`equals(metric_id,"${metric('Placed Order')}")`)).toEqual(['2', '4', '6']);
    const both = ['Placed Order', 'Viewed Product'].map((name) => `"${metric(name)}"`).join();
    expect(await by(`equals(metric_id,[${both}])`)).toHaveLength(6);
    expect(await by(`equals(profile_id,"${bo?.id}")`)).toEqual(['2', '3', '6']);
    expect(
      await by(`equals(profile_id,"${ada?.id}"),equals(metric_id,"${metric('Placed Order')}")`),
    ).toEqual(['4']);
    expect(await by('greater-than(datetime,2026-11-22T09:04:00Z)')).toEqual(['5', '6']);
    const second = Date.parse('2026-11-22T09:02:00Z') / 1000;
    expect(await by(`less-or-equal(timestamp,${second})`)).toEqual(['1', '2']);
    expect(await by('has(profile),has(metric)')).toHaveLength(6);
  });

  it('sorts by time, both ways, in pages of up to 1000', async () => {
    const { sandbox } = await start();
    expect(await idsBy(sandbox, { sort: '-datetime' })).toEqual(['6', '5', '4', '3', '2', '1']);
    let page = await list(sandbox, { sort: '-timestamp', 'page[size]': '4' });
    expect(page.data).toHaveLength(4);
    page = await listOf(await follow(page.links.next));
    expect([page.data.length, page.links.next]).toEqual([2, null]);
  });

  it('includes metrics and profiles, each once', async () => {
    const { sandbox } = await start();
    const { included = [] } = await list(sandbox, {
      include: 'metric,profile,attributions',
      'fields[metric]': 'name',
      'fields[profile]': 'email',
    });
    expect(included.map(({ type, attributes }) => [type, attributes])).toEqual(
      expect.arrayContaining([
        ['metric', { name: 'Viewed Product' }],
        ['metric', { name: 'Placed Order' }],
        ['profile', { email: email('ada') }],
        ['profile', { email: email('bo') }],
      ]),
    );
    expect(included).toHaveLength(4);
  });

  it('moves an event to the person its visitor turns out to be', async () => {
    const sandbox = await startSandbox();
    const visitor = profileData({ anonymous_id: 'browser-1' });
    await post(sandbox, 'events', eventBody({ unique_id: 'a' }, 'Viewed Product', visitor));
    const known = { anonymous_id: 'browser-1', email: email('ada') };
    await post(sandbox, 'profiles', profileBody({ email: email('ada') }));
    await post(sandbox, 'profiles', profileBody(known));
    const [ada] = sandbox.profiles();
    expect(await idsBy(sandbox, { filter: `equals(profile_id,"${ada?.id}")` })).toEqual(['a']);
  });

  it('tells the profile when something last happened', async () => {
    const { sandbox } = await start();
    const { data } = await listOf(await call(sandbox, 'GET api/profiles'));
    expect(data.map(({ attributes }) => attributes.last_event_date)).toEqual([
      '2026-11-22T09:05:00+00:00',
      '2026-11-22T09:06:00+00:00',
    ]);
  });
});

describe('GET /api/events/{id}', () => {
  it('shows one', async () => {
    const { sandbox } = await start();
    const id = sandbox.events()[0]?.id ?? '';
    const query = { include: 'profile', 'fields[event]': 'datetime' };
    const { data, included } = await oneOf(
      await call(sandbox, 'GET api/events/{id}', { id, query }),
    );
    expect(data.attributes).toEqual({ datetime: '2026-11-22T09:05:00+00:00' });
    expect(included).toMatchObject([{ type: 'profile', attributes: { email: email('ada') } }]);
  });

  it('answers 404 for one that is not there, 400 for what is no id of an event', async () => {
    const sandbox = await startSandbox();
    const show = (id: string) => call(sandbox, 'GET api/events/{id}', { id });
    expect((await show('event-1')).status).toBe(404);
    expect(await refusal(await show('nothing'))).toEqual([400, '/data/id']);
  });
});
