import type { PrivateEndpoint } from '../endpoints.js';
import { campaignRoutes } from './campaigns.js';
import { eventRoutes } from './events.js';
import { flowRoutes } from './flows.js';
import { listRoutes } from './lists.js';
import { metricRoutes } from './metrics.js';
import { profileJobRoutes } from './profile-jobs.js';
import { profileRoutes } from './profiles.js';
import { recordRoutes } from './record.js';
import { reportRoutes } from './reports.js';
import type { Rows, World } from './row.js';
import { segmentRoutes } from './segments.js';
import { subscriptionRoutes } from './subscriptions.js';
import { webhookRoutes } from './webhooks.js';

/** Every endpoint of the private API. */
export const createRoutes = (world: World): Rows<PrivateEndpoint> => ({
  ...recordRoutes(world),
  ...profileRoutes(world),
  ...profileJobRoutes(world),
  ...subscriptionRoutes(world),
  ...eventRoutes(world),
  ...metricRoutes(world),
  ...listRoutes(world),
  ...segmentRoutes(world),
  ...campaignRoutes(world),
  ...flowRoutes(world),
  ...reportRoutes(world),
  ...webhookRoutes(world),
});
