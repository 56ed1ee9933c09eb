import { describe, expect, it } from 'vitest';
import { allOf, startToolkit } from '../../helpers/start-toolkit.js';

const day = 86_400_000;

async function withCampaigns() {
  const world = await startToolkit();
  const { sandbox } = world;
  const sendTime = Date.now() - day;
  const statistics = { recipients: 200, delivered: 190, opens_unique: 95, conversion_value: 480 };
  const ids = {
    advent: sandbox.addCampaign({
      ...{ name: 'Advent', channel: 'email', sendTime },
      messages: [{ id: 'm-advent', statistics }],
    }),
    easter: sandbox.addCampaign({
      ...{ name: 'Easter', channel: 'email', sendTime },
      messages: [{ id: 'm-easter', statistics: { recipients: 10 } }],
    }),
    draft: sandbox.addCampaign({ name: 'Draft', channel: 'email', archived: true }),
    text: sandbox.addCampaign({
      ...{ name: 'Text', channel: 'sms', sendTime },
      messages: [{ id: 'm-text', statistics: { recipients: 5 } }],
    }),
  };
  return {
    ...world,
    ids,
    sendTime,
    conversionMetricId: sandbox.addMetric({ name: 'Placed Order' }),
  };
}

describe('campaigns', () => {
  it('are listed by channel and status', async () => {
    const { klaviyo, ids, sendTime, sent } = await withCampaigns();
    const namesOf = async (options: Parameters<typeof klaviyo.campaigns.list>[0]) =>
      (await allOf(klaviyo.campaigns.list({ sort: 'name', ...options }))).map(({ name }) => name);
    expect(await namesOf({ channel: 'email' })).toEqual(['Advent', 'Draft', 'Easter']);
    expect(await namesOf({ channel: 'sms' })).toEqual(['Text']);
    expect(await namesOf({ channel: 'mobile_push' })).toEqual([]);
    expect(await namesOf({ channel: 'email', status: 'Sent' })).toEqual(['Advent', 'Easter']);
    expect(await namesOf({ channel: 'email', status: ['Draft', 'Sending'] })).toEqual(['Draft']);
    expect(
      await namesOf({ channel: 'email', filter: ({ contains }) => contains('name', 'ast') }),
    ).toEqual(['Easter']);
    expect(
      await namesOf({
        ...{ channel: 'email', status: 'Draft' },
        filter: ({ and, equals, any }) => and(equals('isArchived', true), any('id', [ids.draft])),
      }),
    ).toEqual(['Draft']);
    expect(sent.at(-1)?.query.get('filter')).toBe(
      `and(equals(messages.channel,"email"),any(status,["Draft"]),equals(archived,true),any(id,["${ids.draft}"]))`,
    );
    const [advent] = await allOf(klaviyo.campaigns.list({ channel: 'email', sort: 'name' }));
    expect(advent).toMatchObject({
      ...{ id: ids.advent, name: 'Advent', status: 'Sent', isArchived: false },
      audiences: { included: [] },
    });
    expect(Math.abs(Number(advent?.sendAt) - sendTime)).toBeLessThan(1000);
  });

  it('have a performance', async () => {
    const { klaviyo, ids, conversionMetricId, sent } = await withCampaigns();
    const rows = await klaviyo.campaigns.performance({
      ...{ statistics: ['recipients', 'openRate', 'conversionValue'], timeframe: 'last_30_days' },
      conversionMetricId,
    });
    expect(sent).toHaveLength(1);
    expect(rows).toHaveLength(3);
    expect(rows.find(({ campaignId }) => campaignId === ids.advent)).toEqual({
      ...{ campaignId: ids.advent, messageId: 'm-advent', channel: 'email' },
      statistics: { recipients: 200, openRate: 0.5, conversionValue: 480 },
    });
  });

  it('have one of some campaigns, one channel and one span', async () => {
    const { klaviyo, ids, conversionMetricId } = await withCampaigns();
    const report = { statistics: ['recipients'] as ['recipients'], conversionMetricId };
    const some = await klaviyo.campaigns.performance({
      ...{ ...report, timeframe: 'last_30_days' },
      campaignIds: [ids.easter, ids.text],
    });
    expect(some.map(({ statistics }) => statistics.recipients).sort()).toEqual([10, 5]);
    const texts = await klaviyo.campaigns.performance({
      ...{ ...report, timeframe: 'last_30_days', channel: 'sms' },
      campaignIds: [ids.easter, ids.text],
    });
    expect(texts.map(({ campaignId }) => campaignId)).toEqual([ids.text]);
    const past = { start: '2020-01-01T00:00:00', end: '2020-02-01T00:00:00' };
    expect(await klaviyo.campaigns.performance({ ...report, timeframe: past })).toEqual([]);
  });

  it('need a metric that is there', async () => {
    const { klaviyo } = await withCampaigns();
    const report = klaviyo.campaigns.performance({
      ...{ statistics: ['opens'], timeframe: 'today', conversionMetricId: 'nothing' },
    });
    await expect(report).rejects.toMatchObject({ name: 'KlaviyoApiError' });
  });
});
