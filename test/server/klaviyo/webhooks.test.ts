import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { WebhookEvent } from '../../../src/server/klaviyo/verify-webhook.js';
import { createWebhookHandler } from '../../../src/server/klaviyo/webhook-handler.js';
import { allOf, startToolkit } from '../../helpers/start-toolkit.js';

const opened = 'event:klaviyo.opened_email';
const secret = 'a secret of at least sixteen';
const hook = { name: 'Mails', endpointUrl: 'https://shop.test/klaviyo', secret };

describe('webhooks', () => {
  it('are made, listed with their topics, and deleted', async () => {
    const { klaviyo } = await startToolkit();
    const topics = await klaviyo.webhooks.topics();
    expect(topics).toContain(opened);
    const made = await klaviyo.webhooks.create({
      ...{ ...hook, description: 'Ours', topics: [opened, 'event:klaviyo.clicked_email'] },
    });
    expect(made).toMatchObject({ name: 'Mails', description: 'Ours', isEnabled: true });
    expect(JSON.stringify(made)).not.toContain(secret);
    const [listed, ...others] = await allOf(klaviyo.webhooks.list());
    expect(others).toEqual([]);
    expect(listed).toMatchObject({ id: made.id, name: 'Mails' });
    expect(listed?.topics.sort()).toEqual(['event:klaviyo.clicked_email', opened]);
    await klaviyo.webhooks.delete(made.id);
    expect(await allOf(klaviyo.webhooks.list())).toEqual([]);
    await expect(klaviyo.webhooks.delete(made.id)).rejects.toMatchObject({ status: 404 });
  });

  it('say what is wrong with them', async () => {
    const { klaviyo } = await startToolkit();
    const made = klaviyo.webhooks.create({
      ...{ ...hook, endpointUrl: 'http://shop.test/', topics: [opened] },
    });
    await expect(made).rejects.toMatchObject({
      ...{ status: 400, pointers: ['/data/attributes/endpoint_url'] },
    });
  });

  it('are received as the sandbox sends them, once each however often they come', async () => {
    const { klaviyo, sandbox } = await startToolkit({ allowHttpWebhooks: true });
    const seen: WebhookEvent[] = [];
    const handler = createWebhookHandler({
      ...{ secret, store: new Set() },
      on: { [opened]: (event) => seen.push(event) },
    });
    const server = createServer(getRequestListener(handler));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const { port } = server.address() as AddressInfo;
    const endpointUrl = `http://127.0.0.1:${port}/klaviyo`;
    const { id } = await klaviyo.webhooks.create({ ...hook, endpointUrl, topics: [opened] });
    const event = { topic: opened, eventId: 'E1', properties: { Subject: 'Hi' } };
    for (const times of [1, 2]) {
      const [delivery] = await sandbox.sendWebhook(event);
      expect(delivery?.status, `${times}`).toBe(200);
    }
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      ...{ id: 'E1', topic: opened, webhookId: id },
      event: { properties: { Subject: 'Hi' } },
    });
  });
});
