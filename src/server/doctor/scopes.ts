/**
 * What a private key may be allowed to do, what needs it, and how one finds out without doing anything: reading asks
 * for one row, and writing sends a body without its `data`, which Klaviyo refuses after it has looked at the key.
 */
import type { Method } from '../klaviyo/endpoints.js';

interface ScopeFacts {
  /** The functions of `createKlaviyo` that need it, and what else does. */
  for: readonly string[];
  /** Those that need it for a part of what they can do: to look people up first. */
  lookups?: readonly string[];
  method: Method;
  /** With its query. */
  path: string;
  /** Which the endpoint needs besides: it says nothing about this one before those are there. */
  besides?: readonly string[];
}

const read = (path: string, ...uses: string[]): ScopeFacts => ({ method: 'GET', path, for: uses });
const write = (path: string, ...uses: string[]): ScopeFacts => ({
  method: 'POST',
  path,
  for: uses,
});

export const SCOPES = {
  'events:write': write(
    '/api/events',
    ...['serve', 'syncOrder', 'events.track', 'events.trackAll', 'subscriptions.syncStatus'],
  ),
  'events:read': read('/api/events?page[size]=1', 'events.iterate'),
  'profiles:write': write(
    '/api/profile-import',
    ...['profiles.upsert', 'profiles.upsertAll', 'profiles.update', 'profiles.append'],
    ...['profiles.unappend', 'profiles.unset', 'subscriptions.subscribe'],
    ...['subscriptions.unsubscribe', 'lists.add', 'lists.remove'],
  ),
  'profiles:read': {
    ...read(
      '/api/profiles?page[size]=1',
      ...['profiles.getByEmail', 'profiles.getByPhone', 'profiles.getByExternalId'],
      ...['profiles.getById', 'profiles.iterate', 'profiles.getImport', 'profiles.importErrors'],
      ...['lists.members', 'segments.members'],
    ),
    lookups: [
      ...['subscriptions.unsubscribe from a list'],
      ...['lists.add by emails', 'lists.remove by emails'],
    ],
  },
  'metrics:read': read('/api/metrics', 'metrics.list'),
  'lists:write': {
    // Of one list, which is not there: making lists has a limit of a day.
    ...write('/api/lists/klaviyo-storefront-doctor'),
    method: 'PATCH',
    for: [
      ...['lists.create', 'lists.add', 'lists.remove', 'profiles.upsertAll'],
      ...['subscriptions.subscribe', 'subscriptions.unsubscribe'],
    ],
  },
  'lists:read': {
    ...read('/api/lists?page[size]=1', ...['lists.list', 'lists.members', 'profiles.getImport']),
    lookups: ['subscriptions.unsubscribe from a list'],
  },
  'subscriptions:write': {
    ...write(
      '/api/profile-subscription-bulk-create-jobs',
      ...['subscriptions.subscribe', 'subscriptions.unsubscribe'],
    ),
    besides: ['lists:write', 'profiles:write'],
  },
  'segments:read': read('/api/segments?page[size]=1', 'segments.list', 'segments.members'),
  'campaigns:read': read(
    '/api/campaigns?filter=equals(messages.channel,"email")&page[size]=1',
    ...['campaigns.list', 'campaigns.performance'],
  ),
  'flows:read': read(
    '/api/flows?page[size]=1',
    ...['flows.list', 'flows.get', 'flows.performance'],
  ),
  'webhooks:read': read('/api/webhooks', 'webhooks.list', 'webhooks.topics'),
  'webhooks:write': write('/api/webhooks', 'webhooks.create', 'webhooks.delete'),
} as const satisfies Record<string, ScopeFacts>;

export type Scope = keyof typeof SCOPES;

export const isScope = (name: string): name is Scope => Object.hasOwn(SCOPES, name);

export const factsOf = (scope: Scope): ScopeFacts => SCOPES[scope];
