import type { ClientEndpoint } from '../endpoints.js';
import type { Check } from './check.js';
import { data } from './check.js';
import { bulkBody, eventBody } from './event.js';
import { onsiteProfile } from './profile.js';
import { backInStockBody, subscriptionBody } from './subscription.js';

const profileBody = data(onsiteProfile);

const bodies: Record<ClientEndpoint, (now: number) => Check> = {
  events: eventBody,
  'event-bulk-create': bulkBody,
  profiles: () => profileBody,
  subscriptions: () => subscriptionBody,
  'back-in-stock-subscriptions': () => backInStockBody,
};

/** What looks at the body of a client request; `now` bounds how far ahead an event's time may be. */
export const clientBody = (endpoint: ClientEndpoint, now: number): Check => bodies[endpoint](now);
