import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Sandbox, SandboxOptions } from '../../../src/sandbox/index.js';
import {
  call,
  eventAttributes,
  eventBody,
  jobBody,
  jobEntry,
  oneOf,
  post,
  startSandbox,
} from '../requests.js';

const secret = 'a-secret-of-mine';
const placed = 'event:api.placed_order';
const opened = 'event:klaviyo.opened_email';

interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

/** A shop's endpoint: answers with each status in turn, and with the last one from then on. */
async function startEndpoint(...statuses: (number | 'reset')[]) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    received.push({ headers: request.headers, body: Buffer.concat(parts).toString('utf8') });
    const status = statuses[Math.min(received.length, statuses.length) - 1] ?? 200;
    if (status === 'reset') request.socket.destroy();
    else response.writeHead(status, { location: '/elsewhere' }).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

const start = (options: SandboxOptions = {}) =>
  startSandbox({
    rateLimits: false,
    allowHttpWebhooks: true,
    webhookRetryDelaysMs: [0, 0, 0],
    ...options,
  });

async function subscribe(sandbox: Sandbox, url: string, ...topics: string[]): Promise<string> {
  const attributes = { name: 'Hook', endpoint_url: url, secret_key: secret };
  const data = topics.map((id) => ({ type: 'webhook-topic', id }));
  const relationships = { 'webhook-topics': { data } };
  const body = { data: { type: 'webhook', attributes, relationships } };
  return (await oneOf(await call(sandbox, 'POST api/webhooks', { body }))).data.id;
}

const place = (sandbox: Sandbox, unique_id: string) =>
  post(sandbox, 'api/events', eventBody({ unique_id, value: 24 }, 'Placed Order'));

describe('a recorded event', () => {
  it('is told to the webhooks of its topic, signed', async () => {
    const sandbox = await start({ now: () => Date.parse('2026-11-22T10:00:00Z') });
    sandbox.addMetric({ name: 'Placed Order' });
    const [own, other] = [await startEndpoint(), await startEndpoint()];
    const id = await subscribe(sandbox, own.url, placed);
    await subscribe(sandbox, other.url, opened);
    await place(sandbox, '1001');
    await sandbox.waitFor(() => sandbox.deliveries().length === 1);
    expect(other.received).toEqual([]);
    const [{ headers, body } = { headers: {}, body: '' }] = own.received;
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'klaviyo-webhook-id': id,
      'klaviyo-timestamp': 'Sun, 22 Nov 2026 10:00:00 GMT',
      'klaviyo-signature': createHmac('sha256', secret)
        .update(`${body}Sun, 22 Nov 2026 10:00:00 GMT`)
        .digest('hex'),
    });
    const [event] = sandbox.events();
    expect(JSON.parse(body)).toMatchObject({
      data: [
        {
          topic: placed,
          external_id: event?.id,
          payload: {
            data: {
              type: 'event',
              id: event?.id,
              attributes: { event_properties: { $event_id: '1001', $value: 24 } },
              relationships: { profile: { data: { id: event?.profileId } } },
            },
          },
        },
      ],
      meta: {
        klaviyo_webhook_id: id,
        klaviyo_account_id: 'AbC123',
        timestamp: '2026-11-22T10:00:00+00:00',
      },
    });
    expect(sandbox.deliveries()).toMatchObject([
      { webhookId: id, topics: [placed], eventIds: [event?.id], attempt: 1, status: 200, body },
    ]);
  });

  it('is told once, and what comes with it in the same delivery', async () => {
    const sandbox = await start({ bulkDuplicates: 'discard' });
    sandbox.addMetric({ name: 'Placed Order' });
    const endpoint = await startEndpoint();
    await subscribe(sandbox, endpoint.url, placed);
    const event = (unique_id: string) => eventAttributes({ unique_id }, 'Placed Order');
    const job = jobBody(jobEntry(['1', '2', '3', '3'].map(event)));
    await post(sandbox, 'api/event-bulk-create-jobs', job);
    await sandbox.waitFor(() => sandbox.deliveries().length === 1);
    expect(sandbox.deliveries()[0]?.eventIds).toHaveLength(3);
    await place(sandbox, '1');
    await place(sandbox, '4');
    await sandbox.waitFor(() => sandbox.deliveries().length === 2);
    expect(sandbox.deliveries()[1]?.eventIds).toHaveLength(1);
  });
});

describe('a delivery', () => {
  const send = async (sandbox: Sandbox, url: string) => {
    await subscribe(sandbox, url, opened);
    return sandbox.sendWebhook({ topic: opened, eventId: 'e1', properties: { Subject: 'Cups!' } });
  };
  const statuses = (sandbox: Sandbox) => sandbox.deliveries().map(({ status }) => status);

  it('is repeated, the same event each time, after 5xx, 429 and no answer', async () => {
    const sandbox = await start();
    const endpoint = await startEndpoint(503, 429, 'reset', 202);
    const [last] = await send(sandbox, endpoint.url);
    expect(last).toMatchObject({ attempt: 4, status: 202, eventIds: ['e1'] });
    expect(statuses(sandbox)).toEqual([503, 429, 'failed', 202]);
    const told = endpoint.received.map(({ body }) => JSON.parse(body).data[0].external_id);
    expect(told).toEqual(['e1', 'e1', 'e1', 'e1']);
  });

  it('is given up after the last repetition', async () => {
    const sandbox = await start();
    const endpoint = await startEndpoint(500);
    const [last] = await send(sandbox, endpoint.url);
    expect([last?.attempt, last?.status]).toEqual([4, 500]);
  });

  it.each([400, 401, 410, 302])('is not repeated after %i', async (status) => {
    const sandbox = await start();
    const endpoint = await startEndpoint(status);
    await send(sandbox, endpoint.url);
    expect(statuses(sandbox)).toEqual([status]);
  });

  it('is not for a webhook that is switched off or deleted', async () => {
    const sandbox = await start();
    const endpoint = await startEndpoint();
    const id = await subscribe(sandbox, endpoint.url, opened);
    const patch = (enabled: boolean) =>
      call(sandbox, 'PATCH api/webhooks/{id}', {
        id,
        body: { data: { type: 'webhook', id, attributes: { enabled } } },
      });
    await patch(false);
    expect(await sandbox.sendWebhook({ topic: opened })).toEqual([]);
    await patch(true);
    expect(await sandbox.sendWebhook({ topic: opened })).toHaveLength(1);
    await call(sandbox, 'DELETE api/webhooks/{id}', { id });
    expect(await sandbox.sendWebhook({ topic: opened })).toEqual([]);
  });

  it('has a timestamp that is ahead where the sandbox is told so, as Klaviyo’s was seen to be', async () => {
    const now = Date.parse('2026-11-22T10:00:00Z');
    const sandbox = await start({ now: () => now, webhookClockOffsetMs: 5 * 3_600_000 });
    const endpoint = await startEndpoint();
    await send(sandbox, endpoint.url);
    const [received] = endpoint.received;
    expect(received?.headers['klaviyo-timestamp']).toBe('Sun, 22 Nov 2026 15:00:00 GMT');
    expect(JSON.parse(received?.body ?? '').meta.timestamp).toBe('2026-11-22T10:00:00+00:00');
  });

  it('is not made for a topic that is none', async () => {
    const sandbox = await start();
    await expect(sandbox.sendWebhook({ topic: 'event:klaviyo.nothing' })).rejects.toThrow(
      TypeError,
    );
  });

  it('ends when the sandbox closes', async () => {
    const sandbox = await start({ webhookRetryDelaysMs: [3_600_000] });
    const endpoint = await startEndpoint(500);
    const sent = send(sandbox, endpoint.url);
    await sandbox.waitFor(() => sandbox.deliveries().length === 1);
    await sandbox.close();
    expect(await sent).toMatchObject([{ attempt: 1, status: 500 }]);
  });
});
