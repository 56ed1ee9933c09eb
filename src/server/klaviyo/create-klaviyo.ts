import { type ServerEnv, serverEnv } from '../env.js';
import type { KlaviyoOptions } from '../exchange.js';
import { createKlaviyoApi } from '../klaviyo-api.js';
import { type Log, silentLog } from '../log.js';
import { createMetrics } from '../metrics.js';
import type { Outbox } from '../outbox.js';
import { createWorker, type WorkerOptions } from '../worker.js';
import { type BulkEvents, createBulkEvents } from './bulk-events.js';
import { createCall } from './call.js';
import { type Campaigns, createCampaigns } from './campaigns.js';
import { createEvents, type Events } from './events.js';
import { createFlows, type Flows } from './flows.js';
import { createLists, type Lists } from './lists.js';
import { createMetricList, type Metrics } from './metrics.js';
import { createProfileImports, type ProfileImports } from './profile-imports.js';
import { createProfiles, type Profiles } from './profiles.js';
import { createRequest, type RequestEndpoint } from './request.js';
import { createSegments, type Segments } from './segments.js';
import { createSubscriptionStatuses, type SubscriptionStatuses } from './subscription-status.js';
import { createSubscriptions, type Subscriptions } from './subscriptions.js';
import { createSyncOrder, type SyncOrder } from './sync-order.js';
import { createWebhooks, type Webhooks } from './webhooks.js';

export interface CreateKlaviyoOptions extends KlaviyoOptions {
  /** Where `syncOrder` keeps orders: `createSqliteOutbox` or `createPostgresOutbox`. Default: there is no `syncOrder`. */
  outbox?: Outbox;
  /** How this process delivers what is in the outbox; false when another one does, such as `serve`. */
  worker?: WorkerOptions | false;
  /** Default: no log. A pino logger fits. */
  log?: Log;
  /** The platform, for tests. */
  env?: ServerEnv;
}

/**
 * Klaviyo's private API, for a shop's backend. Every call is paced to the account's limits, repeated after a failure
 * that passes where that does no harm, and rejects with a `KlaviyoApiError`, with a `KlaviyoInputError` when it was called
 * wrongly, and with a signal's reason. What takes many things has a `KlaviyoBulkError` around these.
 */
export interface Klaviyo {
  profiles: Profiles & ProfileImports;
  subscriptions: Subscriptions & SubscriptionStatuses;
  events: Events & BulkEvents;
  metrics: Metrics;
  lists: Lists;
  segments: Segments;
  campaigns: Campaigns;
  flows: Flows;
  webhooks: Webhooks;
  /**
   * Calls any other endpoint of the private API, paced, repeated and with errors like all others:
   * `klaviyo.request<TagList>('GET', '/api/tags', { query: { 'fields[tag]': ['name'] } })`.
   */
  request: RequestEndpoint;
  /** Stops delivering, waits for what is under way, and leaves the rest in the outbox. Does not close that. */
  close(): Promise<void>;
}

/** A client that has an outbox. */
export interface KlaviyoWithOutbox extends Klaviyo {
  syncOrder: SyncOrder;
}

/** What can be wrong with the options. The message says what to change, and shows nothing of the key. */
export class KlaviyoOptionsError extends Error {
  override readonly name = 'KlaviyoOptionsError';
}

function check({ privateKey }: CreateKlaviyoOptions): void {
  if (typeof privateKey !== 'string' || !/^pk_\w+$/.test(privateKey)) {
    throw new KlaviyoOptionsError('privateKey must be a private API key: pk_ and more.');
  }
  if ('window' in globalThis && 'document' in globalThis) {
    throw new KlaviyoOptionsError(
      'A private key must not be in a browser, where every visitor can read it. Use createClient with the company id there.',
    );
  }
}

const withoutOutbox: SyncOrder = () =>
  Promise.reject(new KlaviyoOptionsError('syncOrder needs an outbox: createKlaviyo({ outbox }).'));

/**
 * Makes a client of Klaviyo's private API. Make one for each key: it is what keeps the limits.
 * Throws a `KlaviyoOptionsError` for options that can't work.
 */
export function createKlaviyo(
  options: CreateKlaviyoOptions & { outbox: Outbox },
): KlaviyoWithOutbox;
export function createKlaviyo(options: CreateKlaviyoOptions): Klaviyo;
export function createKlaviyo(options: CreateKlaviyoOptions): KlaviyoWithOutbox {
  check(options);
  const { outbox, log = silentLog, env = serverEnv() } = options;
  const call = createCall({ env, log, klaviyo: options });
  const events = createEvents(call, env);
  const worker =
    outbox === undefined || options.worker === false
      ? undefined
      : createWorker({
          ...{ outbox, env, log, api: createKlaviyoApi(env, options), metrics: createMetrics() },
          ...(options.worker && { options: options.worker }),
        });
  return {
    profiles: { ...createProfiles(call), ...createProfileImports(call) },
    subscriptions: {
      ...createSubscriptions(call),
      ...createSubscriptionStatuses(events, env.now),
    },
    events: { ...events, ...createBulkEvents(call, env) },
    metrics: createMetricList(call),
    lists: createLists(call),
    segments: createSegments(call),
    campaigns: createCampaigns(call),
    flows: createFlows(call),
    webhooks: createWebhooks(call),
    request: createRequest(call),
    syncOrder: outbox
      ? createSyncOrder({ outbox, env, onAccepted: () => worker?.wake() })
      : withoutOutbox,
    close: async () => worker?.stop(),
  };
}
