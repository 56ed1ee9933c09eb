// A subscription to goods: one metric for whatever becomes of it, so that one flow can branch on the status.
import { createKlaviyo } from 'klaviyo-storefront/server';
import type { Example } from './example.js';

export default async function subscriptionStatus({ options, sandbox, print }: Example) {
  const klaviyo = createKlaviyo(options);
  const ada = { email: 'ada@lovelace.shop' };

  await klaviyo.subscriptions.syncStatus(ada, {
    id: 'sub-17',
    status: 'active',
    plan: 'Tea, monthly',
    price: 24,
    currency: 'EUR',
    nextChargeAt: new Date('2026-12-22'),
  });
  await klaviyo.subscriptions.syncStatus(ada, {
    id: 'sub-17',
    status: 'canceled',
    previousStatus: 'active',
    reason: 'Too much tea',
  });

  for (const { metric, properties } of sandbox.events()) print(metric, properties.Status);
  print((await klaviyo.profiles.getByEmail(ada.email))?.properties);
}
