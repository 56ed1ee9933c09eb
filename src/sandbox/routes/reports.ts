import { randomUUID } from 'node:crypto';
import type { Answer } from '../api-error.js';
import { maxBodyBytes } from '../limits.js';
import { type Filter, type FilterRules, readFilter } from '../query/filter.js';
import type { Condition } from '../query/filter-grammar.js';
import { addUp, type Statistic } from '../reports/statistics.js';
import { type Span, spanOf, type TimeframeName } from '../reports/timeframe.js';
import type { Statistics } from '../store/flows.js';
import { reportBody } from '../validate/report.js';
import { answerReport, refusePointer } from './answers.js';
import { type Call, type Rows, row, type World } from './row.js';

export type ReportEndpoint = 'POST api/campaign-values-reports' | 'POST api/flow-values-reports';

/** How one message did at one time, and what it can be grouped and filtered by. */
interface Result {
  at: number;
  statistics: Statistics;
  groupings: Record<string, string | null>;
}

interface ReportBody {
  data: {
    attributes: {
      statistics: Statistic[];
      timeframe: { key: TimeframeName } | { start: string; end: string };
      conversion_metric_id: string;
      group_by?: string[] | null;
      filter?: string | null;
    };
  };
}

/** What a report is about. */
interface Subject {
  type: string;
  /** What it may be grouped by; the first two have to be among it. */
  groups: readonly [string, string, ...string[]];
  /** What it is grouped by unless the request says otherwise. */
  usual: readonly string[];
  results(companyId: string): Result[];
}

/** "Max of 100 items per list filter." */
const maxListedValues = 100;
const sendChannels = ['email', 'sms', 'push-notification', 'whatsapp'];

function filtersOf({ groups }: Subject): FilterRules<Result> {
  const ofList = ['tag_id', 'tag_name'];
  const names = groups.filter((name) => name !== 'group' && name !== 'group_name');
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        type: 'string',
        operators: ofList.includes(name)
          ? ['contains-any', 'contains-all']
          : ['equals', 'contains-any'],
        ...(name === 'send_channel' && { values: sendChannels }),
        read: ({ groupings }: Result) => groupings[name] ?? null,
      } as const,
    ]),
  );
}

const spanIn = ({ timeframe }: ReportBody['data']['attributes'], at: number): Span =>
  'key' in timeframe
    ? spanOf(timeframe.key, at)
    : { from: Date.parse(timeframe.start), until: Date.parse(timeframe.end) };

/** What a report does not allow in a filter, besides what no endpoint does. */
function objection({ conditions }: Filter<Result>): string | undefined {
  const fields = new Set(conditions.map(({ field }) => field));
  if (fields.size < conditions.length) return 'Only one filter can be used per attribute.';
  const isLong = ({ operand }: Condition) =>
    Array.isArray(operand) && operand.length > maxListedValues;
  if (conditions.some(isLong)) {
    return `A list in a filter must not have more than ${maxListedValues} items.`;
  }
  return undefined;
}

/** How campaigns and flows did, from the statistics they were given to the sandbox with. */
export function reportRoutes({ ledger }: World): Rows<ReportEndpoint> {
  const { campaigns, flows, metrics } = ledger;

  const campaignResults = (companyId: string): Result[] =>
    [...campaigns.of(companyId).values()].flatMap(({ id, channel, sendTime, messages }) =>
      messages.map((message) => ({
        at: sendTime ?? Number.NEGATIVE_INFINITY,
        statistics: message.statistics,
        groupings: {
          campaign_id: id,
          campaign_message_id: message.id,
          campaign_message_name: message.label,
          send_channel: channel === 'mobile_push' ? 'push-notification' : channel,
          variation: message.id,
          variation_name: message.label,
        },
      })),
    );
  const flowResults = (companyId: string): Result[] =>
    [...flows.of(companyId).values()].flatMap((flow) =>
      flow.messages.flatMap((message) =>
        message.results.map(({ at, statistics }) => ({
          at,
          statistics,
          groupings: {
            flow_id: flow.id,
            flow_name: flow.name,
            flow_message_id: message.id,
            flow_message_name: message.name,
            send_channel: message.channel,
            variation: message.id,
            variation_name: message.name,
          },
        })),
      ),
    );

  function answer(call: Call<never>, subject: Subject): Answer {
    const { companyId, body, at } = call;
    const { attributes } = (body as ReportBody).data;
    const metricId = attributes.conversion_metric_id;
    if (!metrics.of(companyId).get(metricId)) {
      const detail = `The metric with id ${metricId} does not exist.`;
      return refusePointer('/data/attributes/conversion_metric_id', detail);
    }
    const filter = readFilter<Result>(attributes.filter ?? '', filtersOf(subject));
    const wrong = attributes.filter && ('wrong' in filter ? filter.wrong : objection(filter));
    if (wrong) return refusePointer('/data/attributes/filter', wrong);
    const matches = 'wrong' in filter ? () => true : filter.matches;
    const { from, until } = spanIn(attributes, at);
    const groupBy = attributes.group_by ?? subject.usual;
    const groups = new Map<string, { groupings: object; all: Statistics[] }>();
    for (const result of subject.results(companyId)) {
      if (result.at < from || result.at >= until || !matches(result)) continue;
      const groupings = Object.fromEntries(
        groupBy.map((name) => [name, result.groupings[name] ?? null]),
      );
      const key = JSON.stringify(groupings);
      const group = groups.get(key) ?? { groupings, all: [] };
      group.all.push(result.statistics);
      groups.set(key, group);
    }
    const results = [...groups.values()].map(({ groupings, all }) => ({
      groupings,
      statistics: addUp(all, attributes.statistics),
    }));
    return answerReport(call, { type: subject.type, id: randomUUID(), attributes: { results } });
  }

  const reportRow = (subject: Subject) =>
    row({
      query: () => ({
        fields: { [subject.type]: ['id', 'results'] },
        // A report fits on one page here, so there is no cursor to come back with.
        page: { size: 0, cursor: 'page_cursor' },
      }),
      body: {
        maxBytes: maxBodyBytes,
        check: () => reportBody(subject.type, subject.groups, subject.groups.slice(0, 2)),
      },
      handle: (call) => answer(call, subject),
    });

  return {
    'POST api/campaign-values-reports': reportRow({
      type: 'campaign-values-report',
      groups: [
        ...(['campaign_id', 'campaign_message_id'] as const),
        ...['campaign_message_name', 'group', 'group_name', 'send_channel', 'tag_id', 'tag_name'],
        ...['text_message_format', 'variation', 'variation_name'],
      ],
      usual: ['campaign_id', 'campaign_message_id', 'send_channel'],
      results: campaignResults,
    }),
    'POST api/flow-values-reports': reportRow({
      type: 'flow-values-report',
      groups: [
        ...(['flow_id', 'flow_message_id'] as const),
        ...['flow_message_name', 'flow_name', 'send_channel', 'tag_id', 'tag_name'],
        ...['text_message_format', 'variation', 'variation_name'],
      ],
      usual: ['flow_id', 'flow_message_id', 'send_channel'],
      results: flowResults,
    }),
  };
}
