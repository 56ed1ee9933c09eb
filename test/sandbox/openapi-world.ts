// What the bodies and queries of the contract tests refer to: everything with an id is called `text`.
import { isPrivateEndpoint } from '../../src/sandbox/endpoints.js';
import type { Endpoint, Sandbox } from '../../src/sandbox/index.js';
import type { Json } from './openapi-bodies.js';
import { call, eventBody, oneOf, post, profileBody, profileData } from './requests.js';

const id = 'text';
const topic = 'event:klaviyo.opened_email';

/** Whether the endpoint is one whose requests get into each other's way. */
const isLasting = (endpoint: Endpoint) =>
  isPrivateEndpoint(endpoint) && !endpoint.startsWith('api/event');

const sendTime = Date.parse('2026-06-01T00:00:00Z');
const statistics = { recipients: 10, delivered: 9, opens_unique: 3 };
const definition = {
  triggers: [{ type: 'metric', id }],
  entry_action_id: '1',
  actions: [{ id: '1', type: 'action-output-split' }],
};

/**
 * The same world for every request, with all that the endpoint may show or refer to. Resolves to the id
 * that goes in the endpoint's path.
 */
export async function prepare(sandbox: Sandbox, endpoint: Endpoint): Promise<string> {
  if (!isLasting(endpoint)) return id;
  sandbox.reset();
  sandbox.addList({ id, name: 'Newsletter' });
  sandbox.addMetric({ id, name: 'Placed Order' });
  const messages = [{ id, statistics }];
  sandbox.addCampaign({ id, name: 'Summer', channel: 'email', sendTime, messages });
  const results = [{ at: sendTime, statistics }];
  sandbox.addFlow({ id, name: 'Welcome', definition, messages: [{ name: 'First', results }] });
  if (endpoint.includes('api/webhooks')) return addWebhook(sandbox);
  // Where one is to be created, it would be in the way.
  if (endpoint !== 'POST api/profiles') await addProfile(sandbox);
  if (!endpoint.startsWith('GET')) return id;
  await call(sandbox, 'POST api/lists/{id}/relationships/profiles', {
    ...{ id, body: { data: [{ type: 'profile', id }] } },
  });
  sandbox.addSegment({ id, name: 'Customers', profileIds: [id] });
  await post(sandbox, 'events', eventBody({ unique_id: id, value: 24 }, 'Placed Order'));
  if (endpoint === 'GET api/events/{id}') return 'event-1';
  return endpoint.startsWith('GET api/profile-bulk-import-jobs') ? startJob(sandbox) : id;
}

/** Somebody with every identifier there is. */
async function addProfile(sandbox: Sandbox): Promise<void> {
  const identifiers = { email: 'ada@shop.test-mail.net', phone_number: '+4915112345678' };
  const attributes = { ...identifiers, external_id: id, _kx: id };
  await post(sandbox, 'profiles', profileBody(attributes, { id }));
}

async function addWebhook(sandbox: Sandbox): Promise<string> {
  const attributes = {
    name: 'Orders',
    endpoint_url: 'https://shop.test-mail.net/k',
    secret_key: id,
  };
  const relationships = { 'webhook-topics': { data: [{ type: 'webhook-topic', id: topic }] } };
  const body = { data: { type: 'webhook', attributes, relationships } };
  return (await oneOf(await call(sandbox, 'POST api/webhooks', { body }))).data.id;
}

async function startJob(sandbox: Sandbox): Promise<string> {
  const bo = profileData({ email: 'bo@shop.test-mail.net' });
  const nobody = profileData({ email: 'cy@shop.test-mail.net' }, { id: 'nobody' });
  const attributes = { profiles: { data: [bo, nobody] } };
  const relationships = { lists: { data: [{ type: 'list', id }] } };
  const data = { type: 'profile-bulk-import-job', attributes, relationships };
  const job = await call(sandbox, 'POST api/profile-bulk-import-jobs', { body: { data } });
  return (await oneOf(job)).data.id;
}

/** Calls any endpoint, with a body if it takes one. */
export const send = (
  sandbox: Sandbox,
  endpoint: Endpoint,
  body: Json | undefined,
  pathId: string,
  query: Record<string, string> = {},
): Promise<Response> =>
  isPrivateEndpoint(endpoint)
    ? call(sandbox, endpoint, {
        ...{ id: pathId, query },
        ...(body !== undefined && { body: named(endpoint, body, pathId) }),
      })
    : post(sandbox, endpoint, JSON.stringify(body));

/** The body with ids in it that are there: topics have names of their own, and a webhook an id of the sandbox's. */
function named(endpoint: Endpoint, body: Json, pathId: string): string {
  const text = JSON.stringify(body);
  if (!endpoint.endsWith('webhooks') && endpoint !== 'PATCH api/webhooks/{id}') return text;
  return text
    .replaceAll(`{"type":"webhook-topic","id":"${id}"}`, `{"type":"webhook-topic","id":"${topic}"}`)
    .replace(`{"type":"webhook","id":"${id}"`, `{"type":"webhook","id":"${pathId}"`);
}
