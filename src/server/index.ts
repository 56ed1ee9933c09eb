export type { ServerEnv } from './env.js';
export { EnvironmentError, readEnvironment, type ServerConfig } from './environment.js';
export { createOrderHandler, type OrderHandler } from './handler.js';
export { OrderHandlerError, type OrderHandlerOptions } from './handler-options.js';
export type { KlaviyoOptions } from './klaviyo-api.js';
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
