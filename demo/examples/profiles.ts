// Profiles: create or update, find, change, walk.
import { createKlaviyo } from 'klaviyo-storefront/server';
import type { Example } from './example.js';

export default async function profiles({ options, print }: Example): Promise<void> {
  const klaviyo = createKlaviyo(options);

  // One call, whether the profile is there or not.
  const { profile, isNew } = await klaviyo.profiles.upsert({
    email: 'ada+shop@lovelace.shop',
    phoneNumber: '+4915112345678',
    externalId: 'customer-17',
    firstName: 'Ada',
    properties: { 'Favourite Tea': 'Assam', Interests: ['tea'] },
  });
  print(isNew ? 'created' : 'updated', profile.id);

  // The plus, and quotes, are taken care of.
  const found = await klaviyo.profiles.getByEmail('Ada+shop@lovelace.shop', {
    additional: ['subscriptions'],
  });
  print('by email', found?.id, found?.subscriptions?.email?.consent);
  print('by phone', (await klaviyo.profiles.getByPhone('+4915112345678'))?.id);
  print('by the shop’s id', (await klaviyo.profiles.getByExternalId('customer-17'))?.id);
  print('by Klaviyo’s id', (await klaviyo.profiles.getById(profile.id))?.email);

  // Null clears a field; what is absent stays.
  await klaviyo.profiles.update(profile.id, { phoneNumber: null, lastName: 'Lovelace' });

  // Properties that are lists, and properties that are to go.
  await klaviyo.profiles.append(profile.id, { Interests: 'mathematics' });
  await klaviyo.profiles.unappend(profile.id, { Interests: 'tea' });
  const changed = await klaviyo.profiles.unset(profile.id, ['Favourite Tea']);
  print('properties', changed.properties);

  // All of them, a hundred with one request and one page in memory.
  for await (const { id, email } of klaviyo.profiles.iterate({
    filter: ({ greaterThan }) => greaterThan('updatedAt', Date.now() - 3_600_000),
    sort: '-updatedAt',
    fields: ['email'],
  })) {
    print('changed within the hour', id, email);
  }
}
