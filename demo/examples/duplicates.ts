// A profile whose identifiers are two people's, and what an error has to say.
import { createKlaviyo, KlaviyoApiError } from 'klaviyo-storefront/server';
import type { Example } from './example.js';

export default async function duplicates({ options, print }: Example): Promise<void> {
  const klaviyo = createKlaviyo(options);
  await klaviyo.profiles.upsert({ email: 'ada@lovelace.shop' });
  await klaviyo.profiles.upsert({ phoneNumber: '+4915112345678' });
  const both = { email: 'ada@lovelace.shop', phoneNumber: '+4915112345678', firstName: 'Ada' };

  try {
    await klaviyo.profiles.upsert(both);
  } catch (error) {
    if (!(error instanceof KlaviyoApiError)) throw error;
    // Safe to log: there is no address and no key in it.
    print(error.message);
    print(error.status, error.codes, error.pointers, error.duplicateProfileId);
  }

  const { profile, isDuplicate } = await klaviyo.profiles.upsert(both, { onDuplicate: 'update' });
  print(isDuplicate, profile.id, profile.firstName);
}
