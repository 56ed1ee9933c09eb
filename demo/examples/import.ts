// Any number of profiles, from wherever they come one by one.
import { createKlaviyo } from 'klaviyo-storefront/server';
import type { Example } from './example.js';

/** A file or a database in a shop. The last customer has two other people's identifiers. */
async function* customers() {
  for (let n = 0; n < 2500; n += 1) {
    yield { email: `customer-${n}@lovelace.shop`, externalId: `${n}` };
  }
  yield { email: 'customer-1@lovelace.shop', externalId: '2' };
}

export default async function importProfiles({ options, print }: Example): Promise<void> {
  const klaviyo = createKlaviyo(options);
  const { id: listId } = await klaviyo.lists.create({ name: 'Customers' });

  const { imports, rejected } = await klaviyo.profiles.upsertAll(customers(), { listId });
  for (const { index, error } of rejected) print('not imported:', index, error.message);

  for (const { id } of imports) {
    const { status, completedCount, failedCount } = await klaviyo.profiles.getImport(id);
    print(id, status, completedCount, 'done', failedCount, 'failed');
    // Its detail is Klaviyo's own words, and may quote the profile.
    for await (const { code, title } of klaviyo.profiles.importErrors(id)) print(code, title);
  }
}
