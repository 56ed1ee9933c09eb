// The spans of time a report can be asked for by name, in the account's time zone: here UTC.
const dayMs = 24 * 3_600_000;

export interface Span {
  /** The first moment in it, epoch ms. */
  from: number;
  /** The first moment after it. */
  until: number;
}

interface Calendar {
  year: number;
  month: number;
  /** Midnight of the day it is. */
  today: number;
  /** Midnight of the Sunday the week began with. */
  week: number;
}

const monthAt = (year: number, month: number) => Date.UTC(year, month, 1);
const lastDays =
  (days: number) =>
  ({ today }: Calendar): Span => ({ from: today - days * dayMs, until: today });
const lastMonths =
  (months: number) =>
  ({ year, month }: Calendar): Span => ({
    from: monthAt(year, month - months),
    until: monthAt(year, month),
  });

const named = {
  today: ({ today }) => ({ from: today, until: today + dayMs }),
  yesterday: lastDays(1),
  this_week: ({ week }) => ({ from: week, until: week + 7 * dayMs }),
  last_week: ({ week }) => ({ from: week - 7 * dayMs, until: week }),
  this_month: ({ year, month }) => ({
    from: monthAt(year, month),
    until: monthAt(year, month + 1),
  }),
  last_month: lastMonths(1),
  this_year: ({ year }) => ({ from: monthAt(year, 0), until: monthAt(year + 1, 0) }),
  last_year: ({ year }) => ({ from: monthAt(year - 1, 0), until: monthAt(year, 0) }),
  last_7_days: lastDays(7),
  last_30_days: lastDays(30),
  last_90_days: lastDays(90),
  last_365_days: lastDays(365),
  last_3_months: lastMonths(3),
  last_12_months: lastMonths(12),
} satisfies Record<string, (now: Calendar) => Span>;

export type TimeframeName = keyof typeof named;

export const timeframeNames = Object.keys(named) as TimeframeName[];

/** The longest span there may be: "Max length: 1 year". A leap year has a day more. */
export const maxSpanMs = 366 * dayMs;

/** What a name means at this moment (epoch ms). */
export function spanOf(name: TimeframeName, at: number): Span {
  const now = new Date(at);
  const today = Math.floor(at / dayMs) * dayMs;
  return named[name]({
    year: now.getUTCFullYear(),
    month: now.getUTCMonth(),
    today,
    week: today - now.getUTCDay() * dayMs,
  });
}
