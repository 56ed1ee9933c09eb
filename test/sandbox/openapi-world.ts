// What the bodies and queries of the contract tests refer to: everything with an id is called `text`.
import { isPrivateEndpoint } from '../../src/sandbox/endpoints.js';
import type { Endpoint, Sandbox } from '../../src/sandbox/index.js';
import type { Json } from './openapi-bodies.js';
import { call, eventBody, oneOf, post, profileBody, profileData } from './requests.js';

const id = 'text';

/** Whether the endpoint is one whose requests get into each other's way. */
const isLasting = (endpoint: Endpoint) =>
  isPrivateEndpoint(endpoint) && !endpoint.startsWith('api/event');

/**
 * The same world for every request: a profile with every identifier, except where it would be in the
 * way. Resolves to the id that goes in the endpoint's path.
 */
export async function prepare(sandbox: Sandbox, endpoint: Endpoint): Promise<string> {
  if (!isLasting(endpoint)) return id;
  sandbox.reset();
  sandbox.addList({ id, name: 'Newsletter' });
  sandbox.addMetric({ id, name: 'Placed Order' });
  if (endpoint !== 'POST api/profiles') {
    const identifiers = { email: 'ada@shop.test-mail.net', phone_number: '+4915112345678' };
    const attributes = { ...identifiers, external_id: id, _kx: id };
    await post(sandbox, 'profiles', profileBody(attributes, { id }));
    const members = { data: [{ type: 'profile', id }] };
    await call(sandbox, 'POST api/lists/{id}/relationships/profiles', { id, body: members });
    await post(sandbox, 'events', eventBody({ unique_id: id, value: 24 }, 'Placed Order'));
  }
  if (endpoint === 'GET api/events/{id}') return 'event-1';
  if (endpoint === 'GET api/profile-bulk-import-jobs/{id}') return startJob(sandbox);
  return id;
}

async function startJob(sandbox: Sandbox): Promise<string> {
  const attributes = { profiles: { data: [profileData({ email: 'bo@shop.test-mail.net' })] } };
  const relationships = { lists: { data: [{ type: 'list', id }] } };
  const data = { type: 'profile-bulk-import-job', attributes, relationships };
  const job = await call(sandbox, 'POST api/profile-bulk-import-jobs', { body: { data } });
  return (await oneOf(job)).data.id;
}

/** Sends a body to any endpoint that takes one. */
export const send = (sandbox: Sandbox, endpoint: Endpoint, body: Json): Promise<Response> =>
  isPrivateEndpoint(endpoint)
    ? call(sandbox, endpoint, { id, body: JSON.stringify(body) })
    : post(sandbox, endpoint, JSON.stringify(body));
