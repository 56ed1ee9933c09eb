import { checkProperties } from '../shared/check-properties.js';
import type { TrackedEvent, TrackOptions } from '../shared/event.js';
import { BODY_MAX_BYTES, METRIC_NAME_MAX, UNIQUE_ID_MAX } from '../shared/limits.js';
import { eventData } from '../shared/payload.js';
import { bytesOf } from './bytes-of.js';

/** What one call of `track` comes to, taken in before the page can change its objects. */
export interface Composed {
  metric: string;
  uniqueId: string;
  /** Whether the id is a UUID of ours. */
  isOurs: boolean;
  data: string;
}

/** Says what would be lost without a word on Klaviyo's side. Names only, never a value. */
const hints = (name: string, properties: Record<string, unknown>, warn: (text: string) => void) => {
  for (const [key, value] of Object.entries(properties)) {
    if (value === 0 || value === '' || value === null) {
      warn(`${name}: Klaviyo ignores ${key}, as it does every 0, "" and null.`);
    }
  }
};

/**
 * Turns a call of `track` into what the queue keeps.
 * @returns a sentence instead when it could not be a Klaviyo event.
 */
export const composeEvent = (
  first: string | TrackedEvent,
  given: Record<string, unknown> | undefined,
  options: TrackOptions | undefined,
  now: number,
  uuid: () => string,
  warn?: (text: string) => void,
): Composed | string => {
  try {
    const { name, value, valueCurrency, time, ...rest } =
      typeof first === 'string' ? { ...options, name: first, properties: given } : first;
    const properties = rest.properties ?? {};
    const isOurs = rest.uniqueId == null;
    const uniqueId = `${rest.uniqueId ?? uuid()}`;
    if (typeof name !== 'string' || !name.trim() || name.length > METRIC_NAME_MAX) {
      return `metric name must be 1 to ${METRIC_NAME_MAX} characters`;
    }
    if (!uniqueId || uniqueId.length > UNIQUE_ID_MAX) {
      return `uniqueId must be 1 to ${UNIQUE_ID_MAX} characters`;
    }
    const problem = checkProperties(properties);
    if (problem) return `properties: ${problem}`;
    const isNumber = Number.isFinite(value);
    if (warn) {
      if (value != null && !isNumber) warn(`${name}: value is not a finite number: left out.`);
      hints(name, properties, warn);
    }
    const data = eventData({
      name,
      properties,
      uniqueId,
      at: time == null ? now : +time,
      value: isNumber ? value : undefined,
      valueCurrency,
    });
    if (!data.startsWith('"properties":{')) return 'properties must be an object';
    if (bytesOf(data) > BODY_MAX_BYTES) return 'event over 5 MB';
    return { metric: name, uniqueId, isOurs, data };
  } catch (error) {
    // A BigInt, a getter that throws, a time that is none.
    return `${error}`;
  }
};
