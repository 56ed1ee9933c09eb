import { describe, expect, it } from 'vitest';
import { scriptKlaviyo } from '../../helpers/scripted-klaviyo.js';

const row = (n: number) => ({
  groupings: { campaign_id: `C${n}`, campaign_message_id: `m${n}`, send_channel: 'email' },
  statistics: { opens: n, open_rate: null },
});
const report = { statistics: ['opens'], timeframe: 'today', conversionMetricId: 'M1' } as const;

describe('a report', () => {
  it('has the rows of all its pages, two requests a minute', async () => {
    const { klaviyo, clock, requests } = scriptKlaviyo(({ query }) => {
      const at = Number(query.get('page_cursor') ?? 0);
      const next =
        at < 2 ? `https://a.klaviyo.com/api/campaign-values-reports?page_cursor=${at + 1}` : null;
      return { body: { data: { attributes: { results: [row(at)] } }, links: { next } } };
    });
    const rows = klaviyo.campaigns.performance({ ...report, statistics: ['opens', 'openRate'] });
    await clock.advance(62_000);
    expect(await rows).toEqual(
      [0, 1, 2].map((n) => ({
        ...{ campaignId: `C${n}`, messageId: `m${n}`, channel: 'email' },
        statistics: { opens: n, openRate: 0 },
      })),
    );
    const [first, second, third] = requests.map(({ at }) => at);
    expect(Number(second) - Number(first)).toBeGreaterThanOrEqual(1000);
    expect(Number(third) - Number(first)).toBeGreaterThanOrEqual(60_000);
    expect(new Set(requests.map(({ text }) => text)).size).toBe(1);
  });

  it('asks in Klaviyo’s words', async () => {
    const { klaviyo, requests } = scriptKlaviyo(() => ({ body: { data: {} } }));
    await klaviyo.flows.performance({
      ...{ ...report, statistics: ['clicksUnique'], channel: 'sms', flowIds: ['a"b', 'c'] },
      timeframe: { start: '2026-11-01T00:00:00', end: '2026-11-02T00:00:00+01:00' },
    });
    expect(requests[0]?.body).toEqual({
      data: {
        type: 'flow-values-report',
        attributes: {
          statistics: ['clicks_unique'],
          timeframe: { start: '2026-11-01T00:00:00Z', end: '2026-11-02T00:00:00+01:00' },
          conversion_metric_id: 'M1',
          filter: 'and(contains-any(flow_id,["a\\"b","c"]),equals(send_channel,"sms"))',
        },
      },
    });
  });

  it.each<[string, object]>([
    ['no statistic', { statistics: [] }],
    ['an unknown one', { statistics: ['toString'] }],
    ['no id', { campaignIds: [] }],
    ['nothing to ask for', { statistics: undefined }],
    ['no metric', { conversionMetricId: undefined }],
    ['no span', { timeframe: { start: '2026-11-01T00:00:00' } }],
    ['too many ids', { campaignIds: Array(101).fill('a') }],
  ])('is not asked for with %s', async (_, over) => {
    const { klaviyo, requests } = scriptKlaviyo();
    await expect(klaviyo.campaigns.performance({ ...report, ...over })).rejects.toThrow(TypeError);
    expect(requests).toEqual([]);
  });

  it('may be empty', async () => {
    const { klaviyo } = scriptKlaviyo(() => ({ body: { data: {} } }));
    expect(await klaviyo.campaigns.performance(report)).toEqual([]);
  });
});
