import { asBackfill, eventData } from '../../shared/payload.js';
import type { Profile } from '../../shared/profile.js';
import type { ServerEnv } from '../env.js';
import type { ReadyEvent } from '../klaviyo-api.js';
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
  const { name, properties, value, valueCurrency, backfill } = event;
  const uniqueId = event.uniqueId ?? env.uuid();
  const at = new Date(event.time ?? env.now()).getTime();
  if (Number.isNaN(at)) throw new TypeError(`The time of ${name} is no moment.`);
  const own = { ...(properties as object | undefined) };
  const data = eventData(name, own, uniqueId, at, value, valueCurrency);
  return {
    ...{ metric: name, uniqueId, profile: profileJson(profile) },
    data: backfill ? asBackfill(data) : data,
  };
}
