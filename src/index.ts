export { type Client, createClient } from './browser/create-client.js';
export type { Inspection } from './browser/inspector.js';
export type { ClientOptions, Consent } from './browser/options.js';
export type { DropReason, EventReport, Listener, PauseReason, Reports } from './browser/reports.js';
export {
  addedToCart,
  type Cart,
  type Item,
  type Product,
  startedCheckout,
  viewedProduct,
} from './shared/commerce.js';
export { type ErrorCode, StorefrontError } from './shared/errors.js';
export type * from './shared/event.js';
export type { Identifiers, Location, Profile, Visitor } from './shared/profile.js';
