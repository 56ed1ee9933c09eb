import { statisticNames } from '../reports/statistics.js';
import { maxSpanMs, timeframeNames } from '../reports/timeframe.js';
import type { Check } from './check.js';
import {
  andThen,
  array,
  data,
  isObject,
  nullable,
  object,
  oneOf,
  required,
  string,
  stringThat,
} from './check.js';
import { isDateTime } from './date.js';

const moment = stringThat(isDateTime, 'be an ISO 8601 date and time with its offset');

/** By name, or from here to there. */
const timeframe: Check = (value, pointer, report) => {
  const isNamed = isObject(value) && 'key' in value;
  const check = isNamed
    ? object('timeframe', { key: required(oneOf(...timeframeNames)) })
    : object('timeframe', { start: required(moment), end: required(moment) });
  andThen(check, (passed, at, tell) => {
    if (isNamed) return;
    const { start, end } = passed as { start: string; end: string };
    const spanMs = Date.parse(end) - Date.parse(start);
    if (spanMs < 0) tell(at, "A timeframe's 'start' must not be after its 'end'.");
    if (spanMs > maxSpanMs) tell(at, 'A timeframe must not be longer than one year.');
  })(value, pointer, report);
};

/** `group_by` has to have some of what it may have. */
const groups = (allowed: readonly string[], needed: readonly string[]): Check =>
  andThen(array(oneOf(...allowed)), (value, pointer, report) => {
    const missing = needed.filter((name) => !(value as string[]).includes(name));
    if (missing.length > 0) report(pointer, `'group_by' must have ${missing.join(', ')}.`);
  });

/** `POST /api/campaign-values-reports` and `POST /api/flow-values-reports`. */
export const reportBody = (
  type: string,
  allowed: readonly string[],
  needed: readonly string[],
): Check =>
  data(
    object(type, {
      type: required(oneOf(type)),
      attributes: required(
        object(type, {
          statistics: required(array(oneOf(...statisticNames))),
          timeframe: required(timeframe),
          conversion_metric_id: required(string),
          group_by: nullable(groups(allowed, needed)),
          filter: nullable(string),
        }),
      ),
    }),
  );
