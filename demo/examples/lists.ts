// Lists: who is in them. Being in one gives no consent, see consent.
import { createKlaviyo } from 'klaviyo-storefront/server';
import type { Example } from './example.js';

export default async function lists({ options, print }: Example): Promise<void> {
  const klaviyo = createKlaviyo(options);
  const { profile } = await klaviyo.profiles.upsert({ email: 'ada@lovelace.shop' });
  await klaviyo.profiles.upsert({ email: 'bo@lovelace.shop' });

  const { id: listId } = await klaviyo.lists.create({ name: 'Wholesale' });
  const { count, unknownEmails } = await klaviyo.lists.add(listId, {
    ids: [profile.id],
    emails: ['bo@lovelace.shop', 'nobody@lovelace.shop'],
  });
  print(count, 'added; without a profile:', unknownEmails);

  await klaviyo.lists.remove(listId, { emails: ['bo@lovelace.shop'] });
  for await (const { email, joinedAt } of klaviyo.lists.members(listId, {
    sort: '-joinedAt',
    fields: ['email', 'joinedAt'],
  })) {
    print(email, typeof joinedAt);
  }
  for await (const { id, name } of klaviyo.lists.list({ sort: 'name' })) print(id, name);
}
