// Statistics add up; rates are worked out from what has been added up.
import type { Statistics } from '../store/flows.js';

/** What is counted. */
const counted = [
  ...(['bounced', 'clicks', 'clicks_unique', 'conversion_uniques', 'conversion_value'] as const),
  ...(['conversions', 'delivered', 'failed', 'message_segment_count_sum', 'opens'] as const),
  ...([
    'opens_unique',
    'recipients',
    'spam_complaints',
    'text_message_credit_usage_amount',
  ] as const),
  ...(['text_message_spend', 'unsubscribe_uniques', 'unsubscribes'] as const),
];

type Count = (typeof counted)[number];
type Counts = Record<Count, number>;

/** A part of a whole, between 0 and 1; nothing of nothing is 0. */
const part = (of: number, whole: number) => (whole === 0 ? 0 : of / whole);

const derived = {
  average_order_value: (n) => part(n.conversion_value, n.conversions),
  bounce_rate: (n) => part(n.bounced, n.recipients),
  bounced_or_failed: (n) => n.bounced + n.failed,
  bounced_or_failed_rate: (n) => part(n.bounced + n.failed, n.recipients),
  click_rate: (n) => part(n.clicks_unique, n.delivered),
  click_to_open_rate: (n) => part(n.clicks_unique, n.opens_unique),
  conversion_rate: (n) => part(n.conversion_uniques, n.delivered),
  delivery_rate: (n) => part(n.delivered, n.recipients),
  failed_rate: (n) => part(n.failed, n.recipients),
  open_rate: (n) => part(n.opens_unique, n.delivered),
  revenue_per_recipient: (n) => part(n.conversion_value, n.delivered),
  spam_complaint_rate: (n) => part(n.spam_complaints, n.delivered),
  text_message_roi: (n) => part(n.conversion_value - n.text_message_spend, n.text_message_spend),
  unsubscribe_rate: (n) => part(n.unsubscribe_uniques, n.delivered),
} satisfies Record<string, (n: Counts) => number>;

type Derived = keyof typeof derived;

export type Statistic = Count | Derived;

export const statisticNames: readonly string[] = [...counted, ...Object.keys(derived)];

/** What a fixture may say of a message: what is counted; rates follow. */
export const isCounted = (name: string): boolean => counted.some((count) => count === name);

/** The statistics of several messages together. */
export function addUp(
  all: readonly Statistics[],
  wanted: readonly Statistic[],
): Record<string, number> {
  const sums = Object.fromEntries(
    counted.map((name) => [name, all.reduce((sum, one) => sum + (one[name] ?? 0), 0)]),
  ) as Counts;
  return Object.fromEntries(
    wanted.map((name) => [
      name,
      name in derived ? derived[name as Derived](sums) : sums[name as Count],
    ]),
  );
}
