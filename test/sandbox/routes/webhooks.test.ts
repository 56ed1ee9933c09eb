import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/index.js';
import { call, listOf, oneOf, refusal, startSandbox } from '../requests.js';

type Json = Record<string, unknown>;

const start = () => startSandbox({ rateLimits: false });
const topics = (...ids: string[]) => ({
  'webhook-topics': { data: ids.map((id) => ({ type: 'webhook-topic', id })) },
});
const opened = 'event:klaviyo.opened_email';
const create = (sandbox: Sandbox, attributes: Json = {}, relationships: Json = topics(opened)) =>
  call(sandbox, 'POST api/webhooks', {
    body: {
      data: {
        type: 'webhook',
        attributes: {
          name: 'Mails',
          endpoint_url: 'https://hooks.shop.test-mail.net/secret/path?key=1',
          secret_key: 'a-secret-of-mine',
          ...attributes,
        },
        relationships,
      },
    },
  });

describe('webhook topics', () => {
  it('are Klaviyo’s own and one for each metric', async () => {
    const sandbox = await start();
    sandbox.addMetric({ name: 'Placed Order' });
    const { data } = await listOf(await call(sandbox, 'GET api/webhook-topics'));
    const ids = data.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining([opened, 'event:api.placed_order']));
    expect(ids).toEqual([...ids].sort());
    expect(data[0]?.links.self).toBe(`${sandbox.url}/api/webhook-topics/${ids[0]}/`);
  });
});

describe('a webhook', () => {
  it('is created, with its address hidden in every answer and its secret in none', async () => {
    const sandbox = await start();
    const response = await create(sandbox);
    expect(response.status).toBe(201);
    const { data } = await oneOf(response);
    expect(data.attributes).toMatchObject({
      name: 'Mails',
      description: null,
      endpoint_url: 'https://hooks.shop.test-mail.net/*****',
      enabled: true,
    });
    expect(data.relationships['webhook-topics']?.data).toEqual([
      { type: 'webhook-topic', id: opened },
    ]);
    const query = { include: 'webhook-topics' };
    const list = await call(sandbox, 'GET api/webhooks', { query });
    const text = await list.clone().text();
    expect(text).not.toMatch(/a-secret-of-mine|key=1/);
    expect((await listOf(list)).included).toMatchObject([{ type: 'webhook-topic', id: opened }]);
    const one = await call(sandbox, 'GET api/webhooks/{id}', { id: data.id });
    expect((await oneOf(one)).data).toEqual(data);
  });

  it.each<[string, Json, Json | undefined, string]>([
    ['http', { endpoint_url: 'http://a.test-mail.net' }, undefined, 'attributes/endpoint_url'],
    ['no address', { endpoint_url: 'hooks' }, undefined, 'attributes/endpoint_url'],
    ['no secret', { secret_key: '' }, undefined, 'attributes/secret_key'],
    ['no topic', {}, topics(), 'relationships/webhook-topics/data'],
    [
      'a topic that is none',
      {},
      topics(opened, 'event:api.placed_order'),
      'relationships/webhook-topics/data/1/id',
    ],
  ])('is refused with %s', async (_, attributes, relationships, place) => {
    const sandbox = await start();
    const response = await create(sandbox, attributes, relationships);
    expect(await refusal(response)).toEqual([400, `/data/${place}`]);
  });

  it('may be on this machine without https where the sandbox is told so', async () => {
    const sandbox = await startSandbox({ rateLimits: false, allowHttpWebhooks: true });
    const to = async (endpoint_url: string) => (await create(sandbox, { endpoint_url })).status;
    expect(await to('http://127.0.0.1:4000/hook')).toBe(201);
    expect(await to('http://localhost/hook')).toBe(201);
    expect(await to('http://shop.test-mail.net/hook')).toBe(400);
  });

  it('is changed and deleted', async () => {
    const sandbox = await start();
    const { id } = (await oneOf(await create(sandbox, { description: 'First' }))).data;
    const patch = (attributes: Json, over: Json = {}) =>
      call(sandbox, 'PATCH api/webhooks/{id}', {
        id,
        body: { data: { type: 'webhook', id, attributes, ...over } },
      });
    const changes = { name: 'Texts', enabled: false, description: null };
    const changed = await patch(changes, { relationships: topics('event:klaviyo.sent_sms') });
    expect((await oneOf(changed)).data).toMatchObject({
      attributes: { name: 'Texts', enabled: false, description: 'First' },
      relationships: { 'webhook-topics': { data: [{ id: 'event:klaviyo.sent_sms' }] } },
    });
    expect(await refusal(await patch({}, { id: 'other' }))).toEqual([400, '/data/id']);
    const deleted = await call(sandbox, 'DELETE api/webhooks/{id}', { id });
    expect([deleted.status, await deleted.text()]).toEqual([204, '']);
    expect((await call(sandbox, 'GET api/webhooks/{id}', { id })).status).toBe(404);
    expect((await listOf(await call(sandbox, 'GET api/webhooks'))).data).toEqual([]);
  });
});
