import { maxBodyBytes } from '../limits.js';
import { eventBody, jobBody } from '../validate/event.js';
import { type Rows, row, type World } from './row.js';

/** Events, one or many: what a client may send too, recorded by the same rules. */
export function recordRoutes({
  recorder,
}: World): Rows<'api/events' | 'api/event-bulk-create-jobs'> {
  return {
    'api/events': row({
      body: { maxBytes: maxBodyBytes, check: eventBody },
      handle: ({ companyId, body }) => recorder.record('api/events', companyId, body),
    }),
    'api/event-bulk-create-jobs': row({
      body: { maxBytes: maxBodyBytes, check: jobBody },
      handle: ({ companyId, body }) =>
        recorder.record('api/event-bulk-create-jobs', companyId, body),
    }),
  };
}
