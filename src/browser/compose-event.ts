import { checkProperties } from '../shared/check-properties.js';
import type { TrackedEvent, TrackOptions } from '../shared/event.js';
import {
  BODY_MAX_BYTES,
  METRIC_NAME_MAX,
  TIME_AHEAD_MAX_MS,
  TIME_MIN,
  UNIQUE_ID_MAX,
} from '../shared/limits.js';
import { eventData } from '../shared/payload.js';
import { bytesOf } from './bytes-of.js';
import type { Env } from './env.js';
import { type QueuedEvent, SINGLE } from './queued-event.js';

/** What one call of `track` comes to, taken in before the page can change its objects. */
export type Composed = Pick<QueuedEvent, 'uniqueId' | 'metric' | 'data' | 'createdAt' | 'batch'>;

/**
 * Turns a call of `track` into what the queue keeps.
 * @returns a sentence instead when it could not be a Klaviyo event.
 */
export const composeEvent = (
  first: string | TrackedEvent,
  given: Record<string, unknown> | undefined,
  options: TrackOptions | undefined,
  env: Env,
  warn: (text: string) => void,
): Composed | string => {
  try {
    const { name, value, valueCurrency, time, ...rest } =
      typeof first === 'string' ? { ...options, name: first, properties: given } : first;
    const properties = rest.properties ?? {};
    const uniqueId = `${rest.uniqueId ?? env.uuid()}`;
    const createdAt = env.now();
    if (typeof name !== 'string' || !name.trim() || name.length > METRIC_NAME_MAX) {
      return `metric name must be 1 to ${METRIC_NAME_MAX} characters`;
    }
    if (!uniqueId || uniqueId.length > UNIQUE_ID_MAX) {
      return `uniqueId must be 1 to ${UNIQUE_ID_MAX} characters`;
    }
    const problem = checkProperties(properties);
    if (problem) return `properties: ${problem}`;
    // Klaviyo refuses an event of another time; without one it takes its own clock's.
    const at = [time, createdAt].find(
      (given) => given != null && +given > TIME_MIN && +given < createdAt + TIME_AHEAD_MAX_MS,
    );
    if (time != null && at !== time)
      warn(`${name}: time is before 1990 or over a year ahead: left out`);
    const isNumber = Number.isFinite(value);
    if (value != null && !isNumber) warn(`${name}: value is no finite number: left out`);
    for (const key in properties) {
      if ([0, '', null].includes(properties[key] as null)) {
        // Names only, never a value.
        warn(`${name}: Klaviyo ignores ${key}, as every 0, "" and null`);
      }
    }
    const data = eventData(
      name,
      properties,
      uniqueId,
      at && +at,
      isNumber ? value : undefined,
      valueCurrency,
    );
    if (!data.startsWith('"properties":{')) return 'properties must be an object';
    // No character takes more than three bytes, so most events need not be measured.
    if (data.length * 3 > BODY_MAX_BYTES && bytesOf(data) > BODY_MAX_BYTES)
      return 'event over 5 MB';
    // An id of the shop's own may have been received before, from a reloaded page or from its server.
    const batch = rest.uniqueId == null ? undefined : SINGLE;
    return { metric: name, uniqueId, data, createdAt, batch };
  } catch {
    // Not the error's own words, which may be the page's and name somebody.
    return 'a BigInt, or something that throws';
  }
};
