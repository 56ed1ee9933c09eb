import * as limits from '../limits.js';
import type { Check, Report } from './check.js';
import {
  array,
  boolean,
  data,
  isObject,
  nullable,
  number,
  object,
  oneOf,
  required,
  string,
  stringThat,
} from './check.js';
import { isDateTime } from './date.js';
import { eventProfile, onsiteProfile } from './profile.js';

const metric = object('metric', {
  type: required(oneOf('metric')),
  attributes: required(
    object('metric', {
      name: required(
        stringThat(
          (name) => name !== '' && name.length <= limits.maxMetricNameLength,
          `not be empty and be shorter than ${limits.maxMetricNameLength + 1} characters`,
        ),
      ),
      service: nullable(string),
    }),
  ),
});

/** Strings, arrays and nesting below an event's `properties`. */
function checkDepths(value: unknown, pointer: string, level: number, report: Report): void {
  if (typeof value === 'string') {
    if (Buffer.byteLength(value) > limits.maxStringBytes) {
      report(pointer, `A string must not be larger than ${limits.maxStringBytes} bytes.`);
    }
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (level > limits.maxNesting) {
    report(pointer, `Properties must not be nested deeper than ${limits.maxNesting} levels.`);
    return;
  }
  if (Array.isArray(value) && value.length > limits.maxArrayItems) {
    report(pointer, `An array must not have more than ${limits.maxArrayItems} items.`);
    return;
  }
  for (const [name, entry] of Object.entries(value)) {
    checkDepths(entry, `${pointer}/${name}`, level + 1, report);
  }
}

const properties: Check = (value, pointer, report) => {
  if (!isObject(value)) {
    report(pointer, "'properties' must be an object.");
    return;
  }
  if (Object.keys(value).length > limits.maxEventProperties) {
    report(pointer, `An event must not have more than ${limits.maxEventProperties} properties.`);
  }
  checkDepths(value, pointer, 1, report);
};

/** The attributes both event endpoints share; `now` bounds how far ahead `time` may be. */
const eventAttributes = (now: number) => ({
  properties: required(properties),
  time: nullable((value, pointer, report) => {
    stringThat(isDateTime, 'be an ISO 8601 date and time with its offset')(value, pointer, report);
    if (typeof value !== 'string') return;
    const at = Date.parse(value);
    if (at < limits.earliestEventAt) report(pointer, "'time' must be after the year 1990.");
    if (at > now + limits.maxAheadMs) {
      report(pointer, "'time' must be at most one year in the future.");
    }
  }),
  value: nullable(number),
  value_currency: nullable(
    stringThat((code) => /^[A-Z]{3}$/.test(code), 'be an ISO 4217 currency code'),
  ),
  unique_id: nullable(
    stringThat(
      (id) => id !== '' && id.length <= limits.maxUniqueIdLength,
      `have between 1 and ${limits.maxUniqueIdLength} characters`,
    ),
  ),
  backfill: nullable(boolean),
  metric: required(data(metric)),
});

/** `POST /client/events`. */
export const eventBody = (now: number): Check =>
  data(
    object('event', {
      type: required(oneOf('event')),
      attributes: required(
        object('event', { ...eventAttributes(now), profile: required(data(eventProfile)) }),
      ),
    }),
  );

/** One profile with its events, as both bulk endpoints hold it. */
const profileEvents = (now: number): Check => {
  const event = object('event', {
    type: required(oneOf('event')),
    attributes: required(object('event', eventAttributes(now))),
  });
  return object('event-bulk-create', {
    type: required(oneOf('event-bulk-create')),
    attributes: required(
      object('event-bulk-create', {
        backfill: nullable(boolean),
        profile: required(data(onsiteProfile)),
        events: required(data(array(event))),
      }),
    ),
  });
};

const eventsIn = (group: unknown): number => {
  const attributes = isObject(group) && isObject(group.attributes) ? group.attributes : {};
  const events = isObject(attributes.events) ? attributes.events.data : undefined;
  return Array.isArray(events) ? events.length : 0;
};

/** Counts before it looks closer: a thousand and one reports would say less. */
const atMost =
  (pointer: string, count: (body: unknown) => number, check: Check): Check =>
  (value, at, report) => {
    if (count(value) <= limits.maxBulkEvents) return check(value, at, report);
    report(pointer, `A request must not have more than ${limits.maxBulkEvents} events.`);
  };

/** `POST /client/event-bulk-create`. */
export const bulkBody = (now: number): Check =>
  atMost(
    '/data/attributes/events/data',
    (body) => (isObject(body) ? eventsIn(body.data) : 0),
    data(profileEvents(now)),
  );

/** `POST /api/event-bulk-create-jobs`: many profiles, each with its events, 1000 events in all. */
export const jobBody = (now: number): Check =>
  atMost(
    '/data/attributes/events-bulk-create/data',
    (body) => groupsIn(body).reduce<number>((sum, group) => sum + eventsIn(group), 0),
    data(
      object('event-bulk-create-job', {
        type: required(oneOf('event-bulk-create-job')),
        attributes: required(
          object('event-bulk-create-job', {
            'events-bulk-create': required(data(array(profileEvents(now)))),
          }),
        ),
      }),
    ),
  );

function groupsIn(body: unknown): unknown[] {
  const inner = isObject(body) && isObject(body.data) ? body.data.attributes : undefined;
  const groups = isObject(inner) ? inner['events-bulk-create'] : undefined;
  return isObject(groups) && Array.isArray(groups.data) ? groups.data : [];
}
