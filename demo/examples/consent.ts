// Who may be written to: consent, and taking it back.
import { createKlaviyo } from 'klaviyo-storefront/server';
import type { Example } from './example.js';

export default async function consent({ options, print }: Example): Promise<void> {
  const klaviyo = createKlaviyo(options);
  const { id: listId } = await klaviyo.lists.create({
    name: 'Newsletter',
    optInProcess: 'single_opt_in',
  });

  const { accepted, rejected } = await klaviyo.subscriptions.subscribe(
    [
      { email: 'ada@lovelace.shop', channels: ['email'] },
      { email: 'bo@lovelace.shop', phoneNumber: '+4915112345678', channels: ['email', 'sms'] },
    ],
    { listId, source: 'Checkout' },
  );
  print(accepted, 'subscribed', rejected.length, 'rejected');

  // Consent of the past skips double opt-in and the flows of the list.
  await klaviyo.subscriptions.subscribe(
    [{ email: 'cy@lovelace.shop', channels: ['email'], consentedAt: new Date('2024-05-01') }],
    { listId },
  );

  // From one list. Who is not in it is skipped: Klaviyo would unsubscribe them from everything.
  const { skipped } = await klaviyo.subscriptions.unsubscribe(
    [
      { email: 'ada@lovelace.shop', channels: ['email'] },
      { email: 'stranger@lovelace.shop', channels: ['email'] },
    ],
    { from: { listId } },
  );
  print('not in the list:', skipped);

  // From everything: no marketing mail at all any more.
  await klaviyo.subscriptions.unsubscribe([{ email: 'bo@lovelace.shop', channels: ['email'] }], {
    from: 'everything',
  });
  const additional = ['subscriptions'] as const;
  const bo = await klaviyo.profiles.getByEmail('bo@lovelace.shop', { additional });
  print('bo: email', bo?.subscriptions?.email?.consent, 'sms', bo?.subscriptions?.sms?.consent);
}
