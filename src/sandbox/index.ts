export type { Fault } from './fault.js';
export type { Endpoint, RateLimit, SandboxOptions } from './options.js';
export type {
  RecordedEvent,
  RecordedProfile,
  RecordedRequest,
  RecordedSubscription,
} from './records.js';
export type { Sandbox } from './sandbox.js';
export { createSandbox } from './sandbox.js';
