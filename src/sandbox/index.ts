export type { Endpoint, RateLimit, Scope } from './endpoints.js';
export type { Fault } from './fault.js';
export type { ListFixture, MetricFixture, SegmentFixture } from './fixtures.js';
export type {
  CampaignFixture,
  CampaignMessageFixture,
  FlowFixture,
} from './message-fixtures.js';
export type { PrivateKey, SandboxOptions } from './options.js';
export type {
  ConsentKind,
  RecordedConsent,
  RecordedDelivery,
  RecordedEvent,
  RecordedProfile,
  RecordedRequest,
  RecordedSubscription,
} from './records.js';
export type { Sandbox } from './sandbox.js';
export { createSandbox } from './sandbox.js';
export type { WebhookEvent } from './webhooks/made-up-event.js';
