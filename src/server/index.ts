export {
  addedToCart,
  type Cart,
  type Item,
  type Product,
  startedCheckout,
  viewedProduct,
} from '../shared/commerce.js';
export type { EventName, PropertiesOf, TrackedEvent, TrackOptions } from '../shared/event.js';
export type { Identifiers, Location, Profile } from '../shared/profile.js';
export type { ServerEnv } from './env.js';
export { EnvironmentError, readEnvironment, type ServerConfig } from './environment.js';
export type { KlaviyoOptions } from './exchange.js';
export { createOrderHandler, type OrderHandler } from './handler.js';
export { OrderHandlerError, type OrderHandlerOptions } from './handler-options.js';
export type { Many, Rejected } from './klaviyo/batches.js';
export { KlaviyoBulkError } from './klaviyo/bulk-error.js';
export type { EventOfProfile, TrackedAll } from './klaviyo/bulk-events.js';
export type { CallOptions, Reply } from './klaviyo/call.js';
export type {
  Campaign,
  CampaignChannel,
  CampaignPerformance,
  CampaignStatus,
} from './klaviyo/campaigns.js';
export {
  type CreateKlaviyoOptions,
  createKlaviyo,
  type Klaviyo,
  KlaviyoOptionsError,
  type KlaviyoWithOutbox,
} from './klaviyo/create-klaviyo.js';
export type { StoredEvent } from './klaviyo/event.js';
export type { EventToTrack } from './klaviyo/events.js';
export type { Flow, FlowPerformance } from './klaviyo/flows.js';
export { KlaviyoInputError } from './klaviyo/input-error.js';
export { KlaviyoApiError, type KlaviyoErrorDetail } from './klaviyo/klaviyo-error.js';
export type { Joined, Joining, List } from './klaviyo/lists.js';
export type { Metric } from './klaviyo/metric.js';
export type { Page, Walk } from './klaviyo/pages.js';
export type { Statistic } from './klaviyo/performance.js';
export type {
  ChannelConsent,
  Member,
  PredictiveAnalytics,
  ProfileSubscriptions,
  StoredProfile,
  Suppression,
} from './klaviyo/profile.js';
export type { ImportError, ProfileImport, UpsertedAll } from './klaviyo/profile-imports.js';
export type { ProfileChanges, ProfileInput } from './klaviyo/profile-input.js';
export type { Upserted, UpsertOptions } from './klaviyo/profiles.js';
export type { ApiPath, RequestOptions } from './klaviyo/request.js';
export type { Segment } from './klaviyo/segments.js';
export type { SubscriptionStatus } from './klaviyo/subscription-status.js';
export type {
  Channel,
  Consenting,
  Subscribed,
  Subscriber,
  Unsubscribed,
} from './klaviyo/subscriptions.js';
export { type SyncedOrder, type SyncOrderCode, SyncOrderError } from './klaviyo/sync-order.js';
export {
  type VerifiedWebhook,
  verifyWebhook,
  WebhookError,
  type WebhookEvent,
  type WebhookRefusal,
} from './klaviyo/verify-webhook.js';
export {
  createWebhookHandler,
  type WebhookHandlerOptions,
  type WebhookListener,
  type WebhookStore,
} from './klaviyo/webhook-handler.js';
export type { Webhook, WebhookToCreate } from './klaviyo/webhooks.js';
export type { Log } from './log.js';
export {
  createOrderServer,
  type OrderServer,
  type OrderServerOptions,
  openOutbox,
} from './node.js';
export type {
  Order,
  OrderAction,
  OrderAddress,
  OrderChange,
  OrderCustomer,
  OrderItem,
} from './order.js';
export type { OrderEvent } from './order-events.js';
export {
  canceledOrder,
  fulfilledOrder,
  type OrderTrackedEvent,
  orderedProducts,
  placedOrder,
  refundedOrder,
} from './order-metrics.js';
export type { FieldProblem } from './order-schema.js';
export type {
  Acceptance,
  Accepted,
  Claim,
  ClaimWish,
  Entry,
  EntryFilter,
  EntryView,
  Outbox,
  OutboxStats,
} from './outbox.js';
export { MissingPeerError } from './peer.js';
export { createPostgresOutbox, type PostgresOutboxOptions } from './postgres-outbox.js';
export type { OutboxOptions } from './sql-outbox.js';
export { createSqliteOutbox, type SqliteOutboxOptions } from './sqlite-outbox.js';
export type { WorkerOptions } from './worker.js';
