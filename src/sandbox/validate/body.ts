import type { Endpoint } from '../options.js';
import type { Check, Problem } from './check.js';
import { data, problemsOf } from './check.js';
import { bulkBody, eventBody, jobBody } from './event.js';
import { onsiteProfile } from './profile.js';
import { backInStockBody, subscriptionBody } from './subscription.js';

const profileBody = data(onsiteProfile);

const bodies: Record<Endpoint, (now: number) => Check> = {
  events: eventBody,
  'event-bulk-create': bulkBody,
  profiles: () => profileBody,
  subscriptions: () => subscriptionBody,
  'back-in-stock-subscriptions': () => backInStockBody,
  'api/events': eventBody,
  'api/event-bulk-create-jobs': jobBody,
};

/** Everything that is wrong with a request body, in document order; empty when it is accepted. */
export function validateBody(endpoint: Endpoint, body: unknown, now: number): Problem[] {
  return problemsOf(bodies[endpoint](now), body);
}
