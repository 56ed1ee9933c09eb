import type { PrivateEndpoint } from '../endpoints.js';
import { eventRoutes } from './events.js';
import { listRoutes } from './lists.js';
import { metricRoutes } from './metrics.js';
import { profileJobRoutes } from './profile-jobs.js';
import { profileRoutes } from './profiles.js';
import { recordRoutes } from './record.js';
import type { Rows, World } from './row.js';
import { subscriptionRoutes } from './subscriptions.js';

/** Every endpoint of the private API. */
export const createRoutes = (world: World): Rows<PrivateEndpoint> => ({
  ...recordRoutes(world),
  ...profileRoutes(world),
  ...profileJobRoutes(world),
  ...subscriptionRoutes(world),
  ...eventRoutes(world),
  ...metricRoutes(world),
  ...listRoutes(world),
});
