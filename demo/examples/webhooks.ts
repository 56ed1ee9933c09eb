// Webhooks: made, received, and removed again.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { createKlaviyo, createWebhookHandler, verifyWebhook } from 'klaviyo-storefront/server';
import type { Example } from './example.js';

const secret = 'made with openssl rand -base64 32';

export default async function webhooks({ options, sandbox, print }: Example): Promise<void> {
  const klaviyo = createKlaviyo(options);

  const handler = createWebhookHandler({
    secret,
    // Klaviyo sends again what was not answered. In a shop this is a table of its database.
    store: new Set(),
    on: {
      'event:klaviyo.opened_email': ({ id, event }) => print('opened', id, event?.properties),
      'event:klaviyo.clicked_email': ({ id }) => print('clicked', id),
    },
  });
  // A route of Next's, Hono's or Express'; here a server of Node's. Behind it is the first half alone.
  const server = createServer(
    getRequestListener(async (request) => {
      const verified = await verifyWebhook(request.clone(), secret);
      print('refused' in verified ? verified.refused : 'genuine');
      return handler(request);
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  print((await klaviyo.webhooks.topics()).includes('event:klaviyo.opened_email'));
  // Klaviyo takes https:// only; on one's own machine the sandbox takes this, too.
  sandbox.configure({ allowHttpWebhooks: true });
  const webhook = await klaviyo.webhooks.create({
    name: 'Mails',
    endpointUrl: `http://127.0.0.1:${port}/klaviyo`,
    secret,
    topics: ['event:klaviyo.opened_email', 'event:klaviyo.clicked_email'],
  });

  // What Klaviyo would do, and then once more.
  const opened = {
    topic: 'event:klaviyo.opened_email',
    eventId: 'E1',
    properties: { Subject: 'Hi' },
  };
  for (let times = 0; times < 2; times += 1) {
    for (const { status } of await sandbox.sendWebhook(opened)) print('answered', status);
  }

  for await (const { name, topics, isEnabled } of klaviyo.webhooks.list()) {
    print(name, topics.length, isEnabled);
  }
  await klaviyo.webhooks.delete(webhook.id);
  server.close();
}
