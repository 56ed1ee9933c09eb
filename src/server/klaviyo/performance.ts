/** What campaigns and flows have achieved: Klaviyo's values reports. */
import { FILTER_VALUES_MAX } from '../limits.js';
import type { CallEndpoint, CallOptions } from './call.js';
import type { Endpoint } from './endpoints.js';
import { isText, KlaviyoInputError, needText } from './input-error.js';
import { nextCursorOf } from './pages.js';
import { quote } from './query.js';
import { toQuery } from './to-query.js';
import type { Document } from './wire.js';

/** What can be asked for, with Klaviyo's names. Rates are from 0 to 1, values in the account's currency. */
const STATISTICS = {
  averageOrderValue: 'average_order_value',
  bounceRate: 'bounce_rate',
  bounced: 'bounced',
  bouncedOrFailed: 'bounced_or_failed',
  bouncedOrFailedRate: 'bounced_or_failed_rate',
  clickRate: 'click_rate',
  clickToOpenRate: 'click_to_open_rate',
  clicks: 'clicks',
  clicksUnique: 'clicks_unique',
  conversionRate: 'conversion_rate',
  conversionUniques: 'conversion_uniques',
  conversionValue: 'conversion_value',
  conversions: 'conversions',
  delivered: 'delivered',
  deliveryRate: 'delivery_rate',
  failed: 'failed',
  failedRate: 'failed_rate',
  openRate: 'open_rate',
  opens: 'opens',
  opensUnique: 'opens_unique',
  recipients: 'recipients',
  revenuePerRecipient: 'revenue_per_recipient',
  spamComplaintRate: 'spam_complaint_rate',
  spamComplaints: 'spam_complaints',
  unsubscribeRate: 'unsubscribe_rate',
  unsubscribeUniques: 'unsubscribe_uniques',
  unsubscribes: 'unsubscribes',
} as const;

export type Statistic = keyof typeof STATISTICS;

/** Spans with a name of Klaviyo's. */
type NamedTimeframe =
  | 'today'
  | 'yesterday'
  | `this_${'week' | 'month' | 'year'}`
  | `last_${'week' | 'month' | 'year'}`
  | `last_${7 | 30 | 90 | 365}_days`
  | `last_${3 | 12}_months`;

export interface PerformanceOptions<S extends Statistic> extends CallOptions {
  /** What to ask for; each becomes a number in every row. */
  statistics: readonly [S, ...S[]];
  /**
   * At most a year: `last_30_days`, or from one moment to another as `2026-11-01T00:00:00`, which is in the account's own
   * time zone whatever else one writes.
   */
  timeframe: NamedTimeframe | { start: string; end: string };
  /** What counts as a conversion: usually the id of the metric Placed Order, see `metrics.list`. */
  conversionMetricId: string;
  /** Only what was sent on this channel. */
  channel?: 'email' | 'sms' | 'push-notification' | 'whatsapp';
}

/** The numbers of one message. */
export interface Performance<S extends Statistic> {
  messageId: string;
  /** Such as `email`. */
  channel: string;
  statistics: Record<S, number>;
}

interface Report {
  data: {
    attributes?: {
      results?: { groupings?: Record<string, unknown>; statistics?: Record<string, unknown> }[];
    };
  };
}

interface ReportParts {
  call: CallEndpoint;
  endpoint: Endpoint;
  type: 'campaign-values-report' | 'flow-values-report';
  /** What it is of, as Klaviyo calls its id. */
  of: 'campaign_id' | 'flow_id';
  ids: readonly string[] | undefined;
}

const withOffset = (moment: string): string =>
  /(Z|[+-]\d\d:\d\d)$/i.test(moment) ? moment : `${moment}Z`;

function conditions({ of, ids }: ReportParts, channel: string | undefined): string[] {
  if (ids && (ids.length === 0 || ids.length > FILTER_VALUES_MAX)) {
    throw new KlaviyoInputError(`A report takes 1 to ${FILTER_VALUES_MAX} ids, or none for all.`);
  }
  return [
    ...(ids ? [`contains-any(${of},[${ids.map(quote).join(',')}])`] : []),
    ...(channel === undefined ? [] : [`equals(send_channel,${quote(channel)})`]),
  ];
}

/** The rows of a report, of all its pages. Each has the id of what it is of. */
export async function report<S extends Statistic>(
  parts: ReportParts,
  { statistics, timeframe, conversionMetricId, channel, signal }: PerformanceOptions<S>,
): Promise<(Performance<S> & { id: string })[]> {
  const { call, endpoint, type, of } = parts;
  needText(conversionMetricId, 'conversionMetricId');
  if (!isText(timeframe) && !(isText(timeframe?.start) && isText(timeframe?.end))) {
    throw new KlaviyoInputError('timeframe must be a span of Klaviyo’s, or have start and end.');
  }
  if (!Array.isArray(statistics)) throw new KlaviyoInputError('statistics must be a list.');
  const unknown = statistics.filter((name) => !Object.hasOwn(STATISTICS, name));
  if (statistics.length === 0 || unknown.length > 0) {
    throw new KlaviyoInputError(`statistics must be of ${Object.keys(STATISTICS).join(', ')}.`);
  }
  const filters = conditions(parts, channel);
  const attributes = {
    statistics: statistics.map((name) => STATISTICS[name]),
    timeframe:
      typeof timeframe === 'string'
        ? { key: timeframe }
        : { start: withOffset(timeframe.start), end: withOffset(timeframe.end) },
    conversion_metric_id: conversionMetricId,
    filter: filters.length > 1 ? `and(${filters.join(',')})` : filters[0],
  };
  const body = JSON.stringify({ data: { type, attributes } });
  const rows: (Performance<S> & { id: string })[] = [];
  let cursor: string | undefined;
  do {
    const query = toQuery({ page_cursor: cursor });
    const { body: answer } = await call<Report & Pick<Document, 'links'>>(endpoint, {
      ...{ body, query, signal },
    });
    const { results = [] } = answer.data.attributes ?? {};
    for (const { groupings = {}, statistics: found = {} } of results) {
      const messageId = groupings[of === 'flow_id' ? 'flow_message_id' : 'campaign_message_id'];
      const numbers = statistics.map((name) => [name, Number(found[STATISTICS[name]] ?? 0)]);
      rows.push({
        ...{ id: String(groupings[of] ?? ''), messageId: String(messageId ?? '') },
        channel: String(groupings.send_channel ?? ''),
        statistics: Object.fromEntries(numbers) as Record<S, number>,
      });
    }
    const next = nextCursorOf(answer);
    cursor = next === cursor ? undefined : next;
  } while (cursor !== undefined);
  return rows;
}
