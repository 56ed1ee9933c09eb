import { asBackfill, eventData } from '../../shared/payload.js';
import type { Profile } from '../../shared/profile.js';
import type { ServerEnv } from '../env.js';
import type { ReadyEvent } from '../klaviyo-api.js';
import { needFields, needMoment, needText } from './input-error.js';
import { profileJson } from './profile-input.js';

/** An event, whatever its metric. */
interface AnyEvent {
  name: string;
  properties?: unknown;
  value?: number;
  valueCurrency?: string;
  uniqueId?: string;
  time?: Date | number;
  backfill?: boolean;
}

/** An event as text that is ready to be sent. What it lacks to be sent twice without harm it gets here. */
export function writeEvent(
  profile: Profile,
  event: AnyEvent,
  env: Pick<ServerEnv, 'now' | 'uuid'>,
): ReadyEvent & { metric: string; uniqueId: string } {
  needFields(event, 'An event');
  const { name, properties, value, valueCurrency, backfill } = event;
  needText(name, 'The name of an event');
  const uniqueId = event.uniqueId ?? env.uuid();
  const at = needMoment(event.time ?? env.now(), `The time of ${name}`);
  const own = { ...(properties as object | undefined) };
  const data = eventData(name, own, uniqueId, at, value, valueCurrency);
  return {
    ...{ metric: name, uniqueId, profile: profileJson(profile) },
    data: backfill ? asBackfill(data) : data,
  };
}
