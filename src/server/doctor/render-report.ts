import type { Group, Status } from './check.js';
import type { CheckResult } from './run-checks.js';

const MARKS: Record<Status, string> = { passed: '✔', failed: '✘', skipped: '–' };
const HEADINGS: Record<Group, string> = {
  keys: 'Keys and secrets',
  api: 'Klaviyo',
  live: 'A test profile and test events',
  orders: 'The order endpoint',
  webhooks: 'Klaviyo’s webhooks',
  page: 'The shop’s page',
};

/** Room for most titles. */
const TITLE_WIDTH = 27;

/** One line, after a heading where a group begins. */
export function renderResult(result: CheckResult, before: CheckResult | undefined): string {
  const { group, title, status, message } = result;
  const isFirst = before?.group !== group;
  const heading = isFirst ? `${before ? '\n' : ''}${HEADINGS[group]}\n` : '';
  const isSame = !isFirst && before.status === status && before.message === message;
  const skipped = isSame ? 'skipped, as the one above.' : `skipped: ${message}`;
  const words = status === 'skipped' ? skipped : message;
  return `${heading}  ${MARKS[status]} ${title.padEnd(TITLE_WIDTH)} ${words}`;
}

/** What `--json` prints. */
export interface Report {
  /** No check has failed. */
  ok: boolean;
  passed: number;
  failed: number;
  skipped: number;
  checks: CheckResult[];
}

export function reportOf(checks: CheckResult[]): Report {
  const count = (status: Status) => checks.filter((check) => check.status === status).length;
  const counts = { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
  return { ok: counts.failed === 0, ...counts, checks };
}

export const renderSum = ({ passed, failed, skipped }: Report): string =>
  `\n${passed} passed, ${failed} failed, ${skipped} skipped.`;
