import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/index.js';
import { call, createClock, oneOf, refusal, startSandbox } from '../requests.js';

type Json = Record<string, unknown>;

const at = (text: string) => Date.parse(text);
const clockAt = () => createClock(at('2026-11-22T10:00:00Z'));

async function start() {
  const clock = clockAt();
  const sandbox = await startSandbox({ now: clock.now, rateLimits: false });
  const metric = sandbox.addMetric({ name: 'Placed Order' });
  const counted = (recipients: number) => ({
    ...{ recipients, delivered: recipients - 10, opens_unique: 45, clicks_unique: 9 },
    ...{ conversions: 3, conversion_uniques: 2, conversion_value: 90 },
  });
  const campaigns = [
    sandbox.addCampaign({
      ...{ name: 'Last week', channel: 'email', sendTime: at('2026-11-18T08:00:00Z') },
      messages: [
        { id: 'm1', label: 'A', statistics: counted(100) },
        { id: 'm2', label: 'B', statistics: counted(190) },
      ],
    }),
    sandbox.addCampaign({
      ...{ name: 'Long ago', channel: 'sms', sendTime: at('2026-03-01T08:00:00Z') },
      messages: [{ id: 'm3', statistics: counted(100) }],
    }),
  ];
  const flow = sandbox.addFlow({
    name: 'Welcome',
    messages: [
      {
        ...{ id: 'f1', name: 'Hello' },
        results: [
          { at: at('2026-11-19T00:00:00Z'), statistics: { recipients: 5, opens: 2 } },
          { at: at('2026-11-20T00:00:00Z'), statistics: { recipients: 7, opens: 3 } },
          { at: at('2025-01-20T00:00:00Z'), statistics: { recipients: 70, opens: 30 } },
        ],
      },
    ],
  });
  return { sandbox, clock, metric, campaigns, flow };
}

const report = (sandbox: Sandbox, kind: 'campaign' | 'flow', attributes: Json) =>
  call(sandbox, `POST api/${kind}-values-reports`, {
    body: { data: { type: `${kind}-values-report`, attributes } },
  });
const resultsOf = async (response: Response) =>
  (await oneOf(response)).data.attributes.results as { groupings: Json; statistics: Json }[];

describe('a report on campaigns', () => {
  it('gives counts and rates by message, for what was sent in its time', async () => {
    const { sandbox, metric, campaigns } = await start();
    const response = await report(sandbox, 'campaign', {
      statistics: ['recipients', 'open_rate', 'click_to_open_rate', 'average_order_value'],
      timeframe: { key: 'last_7_days' },
      conversion_metric_id: metric,
    });
    expect(response.status).toBe(200);
    const groupings = { campaign_id: campaigns[0], send_channel: 'email' };
    const same = { open_rate: 0.5, click_to_open_rate: 0.2, average_order_value: 30 };
    expect(await resultsOf(response)).toEqual([
      {
        groupings: { ...groupings, campaign_message_id: 'm1' },
        statistics: { recipients: 100, ...same },
      },
      {
        groupings: { ...groupings, campaign_message_id: 'm2' },
        statistics: { recipients: 190, ...same, open_rate: 0.25 },
      },
    ]);
  });

  it('is filtered and grouped as asked', async () => {
    const { sandbox, metric } = await start();
    const ask = async (over: Json) =>
      resultsOf(
        await report(sandbox, 'campaign', {
          statistics: ['recipients'],
          timeframe: { start: '2026-01-01T00:00:00Z', end: '2026-12-31T00:00:00Z' },
          conversion_metric_id: metric,
          ...over,
        }),
      );
    const ids = async (filter: string) =>
      (await ask({ filter })).map(({ groupings }) => groupings.campaign_message_id);
    expect(await ids('equals(send_channel,"sms")')).toEqual(['m3']);
    expect(await ids('contains-any(send_channel,["email","sms"])')).toEqual(['m1', 'm2', 'm3']);
    expect(
      await ids('and(equals(campaign_message_name,"B"),contains-any(send_channel,["email"]))'),
    ).toEqual(['m2']);
    const group_by = ['campaign_id', 'campaign_message_id', 'variation_name'];
    expect((await ask({ group_by }))[0]?.groupings).toMatchObject({ variation_name: 'A' });
  });

  it.each<[string, Json, string]>([
    ['a metric that is not there', { conversion_metric_id: 'none' }, 'conversion_metric_id'],
    ['too few groups', { group_by: ['campaign_id'] }, 'group_by'],
    ['a group of flows', { group_by: ['campaign_id', 'flow_id'] }, 'group_by/1'],
    ['a statistic that is none', { statistics: ['opened'] }, 'statistics/0'],
    ['a time that has no name', { timeframe: { key: 'last_5_days' } }, 'timeframe/key'],
    [
      'more than a year',
      { timeframe: { start: '2025-01-01T00:00:00Z', end: '2026-06-01T00:00:00Z' } },
      'timeframe',
    ],
    ['a filter that is none', { filter: 'send_channel=email' }, 'filter'],
    [
      'a filter with or',
      { filter: 'or(equals(campaign_id,"1"),equals(send_channel,"sms"))' },
      'filter',
    ],
    [
      'two filters on one thing',
      { filter: 'equals(campaign_id,"1"),equals(campaign_id,"2")' },
      'filter',
    ],
    ['a channel that is none', { filter: 'equals(send_channel,"fax")' }, 'filter'],
    [
      'a list of more than 100',
      { filter: `contains-any(campaign_id,[${Array.from({ length: 101 }, () => '"1"')}])` },
      'filter',
    ],
  ])('is refused with %s', async (_, over, place) => {
    const { sandbox, metric } = await start();
    const attributes = {
      statistics: ['opens'],
      timeframe: { key: 'last_month' },
      conversion_metric_id: metric,
    };
    const response = await report(sandbox, 'campaign', { ...attributes, ...over });
    expect(await refusal(response)).toEqual([400, `/data/attributes/${place}`]);
  });

  it('is to be had once a second and twice a minute', async () => {
    const { sandbox, clock, metric } = await start();
    sandbox.configure({ rateLimits: true });
    const ask = () =>
      report(sandbox, 'campaign', {
        statistics: ['opens'],
        timeframe: { key: 'today' },
        conversion_metric_id: metric,
      });
    const first = await ask();
    expect(first.headers.get('ratelimit-limit')).toBe('1, 1;w=1, 2;w=60, 225;w=86400');
    expect((await ask()).status).toBe(429);
    clock.advance(1000);
    expect((await ask()).status).toBe(200);
    clock.advance(1000);
    expect((await ask()).headers.get('retry-after')).toBe('58');
  });
});

describe('a report on flows', () => {
  it('adds up what was counted in its time', async () => {
    const { sandbox, metric, flow } = await start();
    const response = await report(sandbox, 'flow', {
      statistics: ['recipients', 'opens'],
      timeframe: { key: 'last_30_days' },
      conversion_metric_id: metric,
    });
    expect(await resultsOf(response)).toEqual([
      {
        groupings: { flow_id: flow, flow_message_id: 'f1', send_channel: 'email' },
        statistics: { recipients: 12, opens: 5 },
      },
    ]);
  });
});
