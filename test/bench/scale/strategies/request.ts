/** Requests of trackers that are not ours. */
import { API_HOST, REVISION } from '../../../../src/shared/limits.js';
import { COMPANY } from '../klaviyo.js';

export const post = (send: typeof fetch, endpoint: string, body: string): Promise<Response> =>
  send(`${API_HOST}/client/${endpoint}?company_id=${COMPANY}`, {
    method: 'POST',
    headers: { revision: REVISION, 'content-type': 'application/vnd.api+json' },
    body,
    keepalive: true,
  });
