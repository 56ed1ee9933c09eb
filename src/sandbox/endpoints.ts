// What each endpoint is called, where it is, and how often it may be asked: Klaviyo's API reference,
// revision 2026-07-15. Limits are per account: burst a second, steady a minute, daily a day.

/** How many requests one account may make to one endpoint. */
export interface RateLimit {
  /** Requests in one burst window (`burstWindowMs`). */
  burst: number;
  /** Requests in one steady window (`steadyWindowMs`). */
  steady: number;
  /** Requests in 24 hours. Default: as many as the others allow. */
  daily?: number;
}

const perSecondAndMinute = (burst: number, steady: number, daily?: number): RateLimit => ({
  burst,
  steady,
  ...(daily !== undefined && { daily }),
});

/** The endpoints for browsers, each at `/client/<name>`. */
export const endpoints = [
  'events',
  'event-bulk-create',
  'profiles',
  'subscriptions',
  'back-in-stock-subscriptions',
] as const;

export type ClientEndpoint = (typeof endpoints)[number];

const clientLimits: Record<ClientEndpoint, RateLimit> = {
  events: perSecondAndMinute(350, 3500),
  'event-bulk-create': perSecondAndMinute(10, 150),
  profiles: perSecondAndMinute(350, 3500),
  subscriptions: perSecondAndMinute(350, 750),
  'back-in-stock-subscriptions': perSecondAndMinute(350, 3500),
};

/** What a private key may be allowed to do. */
export const scopes = [
  'campaigns:read',
  'events:read',
  'events:write',
  'flows:read',
  'lists:read',
  'lists:write',
  'metrics:read',
  'profiles:read',
  'profiles:write',
  'segments:read',
  'subscriptions:write',
  'webhooks:read',
  'webhooks:write',
] as const;

export type Scope = (typeof scopes)[number];

interface PrivateEndpointFacts {
  scopes: readonly Scope[];
  limit: RateLimit;
}

const needs = (limit: RateLimit, ...needed: Scope[]): PrivateEndpointFacts => ({
  limit,
  scopes: needed,
});

const fast = perSecondAndMinute(75, 750);
const slow = perSecondAndMinute(10, 150);

const subscribing = ['lists:write', 'profiles:write', 'subscriptions:write'] as const;

/**
 * The endpoints for servers: `GET api/profiles/{id}` is what its name says. The two that write events
 * were here before the others and are named by their path alone.
 */
const privateFacts = {
  'api/events': needs(perSecondAndMinute(350, 3500), 'events:write'),
  'api/event-bulk-create-jobs': needs(slow, 'events:write'),
  'POST api/profile-import': needs(fast, 'profiles:write'),
  'GET api/profiles': needs(fast, 'profiles:read'),
  'POST api/profiles': needs(fast, 'profiles:write'),
  'GET api/profiles/{id}': needs(fast, 'profiles:read'),
  'PATCH api/profiles/{id}': needs(fast, 'profiles:write'),
  'POST api/profile-bulk-import-jobs': needs(slow, 'lists:write', 'profiles:write'),
  'GET api/profile-bulk-import-jobs/{id}': needs(slow, 'lists:read', 'profiles:read'),
  'GET api/profile-bulk-import-jobs/{id}/import-errors': needs(slow, 'profiles:read'),
  'POST api/profile-subscription-bulk-create-jobs': needs(fast, ...subscribing),
  'POST api/profile-subscription-bulk-delete-jobs': needs(fast, ...subscribing),
  'GET api/events': needs(perSecondAndMinute(350, 3500), 'events:read'),
  'GET api/events/{id}': needs(slow, 'events:read'),
  'GET api/metrics': needs(slow, 'metrics:read'),
  'GET api/metrics/{id}': needs(slow, 'metrics:read'),
  'GET api/lists': needs(fast, 'lists:read'),
  'POST api/lists': needs(perSecondAndMinute(10, 150, 150), 'lists:write'),
  'GET api/lists/{id}': needs(fast, 'lists:read'),
  'PATCH api/lists/{id}': needs(slow, 'lists:write'),
  'DELETE api/lists/{id}': needs(slow, 'lists:write'),
  'GET api/lists/{id}/profiles': needs(fast, 'lists:read', 'profiles:read'),
  'POST api/lists/{id}/relationships/profiles': needs(slow, 'lists:write', 'profiles:write'),
  'DELETE api/lists/{id}/relationships/profiles': needs(slow, 'lists:write', 'profiles:write'),
  'GET api/segments': needs(fast, 'segments:read'),
  'GET api/segments/{id}': needs(fast, 'segments:read'),
  'GET api/segments/{id}/profiles': needs(fast, 'profiles:read', 'segments:read'),
  'GET api/campaigns': needs(slow, 'campaigns:read'),
  'GET api/campaigns/{id}': needs(slow, 'campaigns:read'),
  'POST api/campaign-values-reports': needs(perSecondAndMinute(1, 2, 225), 'campaigns:read'),
  'GET api/flows': needs(perSecondAndMinute(3, 60), 'flows:read'),
  'GET api/flows/{id}': needs(perSecondAndMinute(3, 60), 'flows:read'),
  'POST api/flow-values-reports': needs(perSecondAndMinute(1, 2, 225), 'flows:read'),
  'GET api/webhook-topics': needs(perSecondAndMinute(1, 15), 'webhooks:read'),
  'GET api/webhooks': needs(perSecondAndMinute(1, 15), 'webhooks:read'),
  'POST api/webhooks': needs(perSecondAndMinute(1, 15), 'webhooks:write'),
  'GET api/webhooks/{id}': needs(perSecondAndMinute(1, 15), 'webhooks:read'),
  'PATCH api/webhooks/{id}': needs(perSecondAndMinute(1, 15), 'webhooks:write'),
  'DELETE api/webhooks/{id}': needs(perSecondAndMinute(1, 15), 'webhooks:write'),
} as const satisfies Record<string, PrivateEndpointFacts>;

export type PrivateEndpoint = keyof typeof privateFacts;

/**
 * A client endpoint, by the last part of its path (`events` is `POST /client/events`), or a private
 * one, by method and path (`GET api/profiles/{id}`; `api/events` and `api/event-bulk-create-jobs`
 * are short for their POST).
 */
export type Endpoint = ClientEndpoint | PrivateEndpoint;

export const privateEndpoints = Object.keys(privateFacts) as PrivateEndpoint[];

export const documentedLimits = {
  ...clientLimits,
  ...Object.fromEntries(privateEndpoints.map((name) => [name, privateFacts[name].limit])),
} as Record<Endpoint, RateLimit>;

export const scopesOf = (endpoint: PrivateEndpoint): readonly Scope[] =>
  privateFacts[endpoint].scopes;

export const isClientEndpoint = (value: unknown): value is ClientEndpoint =>
  endpoints.some((endpoint) => endpoint === value);

export const isPrivateEndpoint = (value: unknown): value is PrivateEndpoint =>
  typeof value === 'string' && Object.hasOwn(privateFacts, value);

export const isEndpoint = (value: unknown): value is Endpoint =>
  isClientEndpoint(value) || isPrivateEndpoint(value);

/** Method and path of a private endpoint, the path with `{id}` where an id goes. */
export function placeOf(endpoint: PrivateEndpoint): { method: string; path: string } {
  const [method, path] = endpoint.includes(' ') ? endpoint.split(' ') : ['POST', endpoint];
  return { method: method ?? '', path: `/${path}` };
}
