/**
 * What Klaviyo's API reference says of every endpoint that is used here, revision 2026-07-15. The pacing goes by
 * it, errors name its scopes, and the README's table and the docstrings are tested against it.
 */
import type { Rate } from '../pacer.js';

export const METHODS = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];

export interface Endpoint {
  method: Method;
  /** With names in braces for what differs from call to call. */
  path: string;
  /** What the account may send, all its servers and apps together. */
  rate: Rate;
  scopes: readonly string[];
  /**
   * Whether sending it twice does what sending it once does. One that isn't is never repeated unless it is
   * known that it was not done: a second list of the same name is nobody's wish.
   */
  isRepeatable: boolean;
  /** What its answer has to have: one thing, or a list that may be empty. Default: nothing that is needed. */
  answers?: 'one' | 'many' | undefined;
  /** Which of several rates, where a parameter makes a request dearer. */
  variant?: string;
}

// Klaviyo's classes of limits, a second and a minute.
const xs: Rate = { burst: 1, steady: 15 };
const s: Rate = { burst: 3, steady: 60 };
const m: Rate = { burst: 10, steady: 150 };
const l: Rate = { burst: 75, steady: 750 };
const xl: Rate = { burst: 350, steady: 3500 };
const report: Rate = { burst: 1, steady: 2, daily: 225 };

/** What an endpoint gets that is not in the table: the class most of Klaviyo's are in. */
export const DEFAULT_RATE = m;

const endpoint = (
  method: Method,
  path: string,
  rate: Rate,
  scopes: readonly string[],
  isRepeatable = true,
): Endpoint => ({ method, path, rate, scopes, isRepeatable });

/** What it answers with is needed, too. */
const one = (endpoint: Endpoint): Endpoint => ({ ...endpoint, answers: 'one' });
const many = (endpoint: Endpoint): Endpoint => ({ ...endpoint, answers: 'many' });

const consent = ['lists:write', 'profiles:write', 'subscriptions:write'];
const membership = ['lists:write', 'profiles:write'];
const PREDICTIVE = 'predictive analytics';

export const ENDPOINTS = {
  importProfile: one(endpoint('POST', '/api/profile-import', l, ['profiles:write'])),
  getProfiles: many(endpoint('GET', '/api/profiles', l, ['profiles:read'])),
  getProfilesPredictive: {
    ...many(endpoint('GET', '/api/profiles', m, ['profiles:read'])),
    variant: PREDICTIVE,
  },
  getProfile: one(endpoint('GET', '/api/profiles/{id}', l, ['profiles:read'])),
  updateProfile: one(endpoint('PATCH', '/api/profiles/{id}', l, ['profiles:write'])),
  importProfiles: one(endpoint('POST', '/api/profile-bulk-import-jobs', m, membership)),
  getImport: one(
    endpoint('GET', '/api/profile-bulk-import-jobs/{id}', m, ['lists:read', 'profiles:read']),
  ),
  getImportErrors: many(
    endpoint('GET', '/api/profile-bulk-import-jobs/{id}/import-errors', m, ['profiles:read']),
  ),

  // Repeating it changes nothing but, with double opt-in, a second mail that asks for confirmation.
  subscribe: endpoint('POST', '/api/profile-subscription-bulk-create-jobs', l, consent),
  unsubscribe: endpoint('POST', '/api/profile-subscription-bulk-delete-jobs', l, consent),

  // Repeatable because we give every event a unique_id.
  createEvent: endpoint('POST', '/api/events', xl, ['events:write']),
  createEvents: endpoint('POST', '/api/event-bulk-create-jobs', m, ['events:write']),
  getEvents: many(endpoint('GET', '/api/events', xl, ['events:read'])),
  getMetrics: many(endpoint('GET', '/api/metrics', m, ['metrics:read'])),

  getLists: many(endpoint('GET', '/api/lists', l, ['lists:read'])),
  createList: one(endpoint('POST', '/api/lists', { ...m, daily: 150 }, ['lists:write'], false)),
  getListMembers: many(
    endpoint('GET', '/api/lists/{id}/profiles', l, ['lists:read', 'profiles:read']),
  ),
  getListMembersPredictive: {
    ...many(endpoint('GET', '/api/lists/{id}/profiles', m, ['lists:read', 'profiles:read'])),
    variant: PREDICTIVE,
  },
  addListMembers: endpoint('POST', '/api/lists/{id}/relationships/profiles', m, membership),
  removeListMembers: endpoint('DELETE', '/api/lists/{id}/relationships/profiles', m, membership),

  getSegments: many(endpoint('GET', '/api/segments', l, ['segments:read'])),
  getSegmentMembers: many(
    endpoint('GET', '/api/segments/{id}/profiles', l, ['profiles:read', 'segments:read']),
  ),

  getCampaigns: many(endpoint('GET', '/api/campaigns', m, ['campaigns:read'])),
  reportCampaigns: one(
    endpoint('POST', '/api/campaign-values-reports', report, ['campaigns:read']),
  ),
  getFlows: many(endpoint('GET', '/api/flows', s, ['flows:read'])),
  getFlow: one(endpoint('GET', '/api/flows/{id}', s, ['flows:read'])),
  reportFlows: one(endpoint('POST', '/api/flow-values-reports', report, ['flows:read'])),

  getWebhookTopics: many(endpoint('GET', '/api/webhook-topics', xs, ['webhooks:read'])),
  getWebhooks: many(endpoint('GET', '/api/webhooks', xs, ['webhooks:read'])),
  createWebhook: one(endpoint('POST', '/api/webhooks', xs, ['webhooks:write'], false)),
  deleteWebhook: endpoint('DELETE', '/api/webhooks/{id}', xs, ['webhooks:write']),
} as const satisfies Record<string, Endpoint>;

const all: readonly Endpoint[] = Object.values(ENDPOINTS);

/** The endpoint a path is of, if it is in the table. */
export const endpointOf = (method: Method, path: string): Endpoint | undefined =>
  all.find((each) => {
    const shape = new RegExp(`^${each.path.replace('{id}', '[^/]+')}/?$`);
    return each.method === method && shape.test(path);
  });

/** As errors and the log name it. */
export const nameOf = ({ method, path }: Pick<Endpoint, 'method' | 'path'>): string =>
  `${method} ${path}`;
