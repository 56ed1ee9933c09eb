// Segments: groups that Klaviyo makes by a definition, here a property of the shop's own.
import { createKlaviyo } from 'klaviyo-storefront/server';
import type { Example } from './example.js';

export default async function segments({ options, sandbox, print }: Example): Promise<void> {
  const klaviyo = createKlaviyo(options);
  const { profile } = await klaviyo.profiles.upsert({
    email: 'ada@lovelace.shop',
    properties: { Tier: 'gold' },
  });
  // Made in Klaviyo; the sandbox is told who is in it.
  sandbox.addSegment({ name: 'Gold', profileIds: [profile.id] });

  for await (const segment of klaviyo.segments.list({
    filter: ({ equals }) => equals('name', 'Gold'),
  })) {
    for await (const { email } of klaviyo.segments.members(segment.id, { fields: ['email'] })) {
      print(segment.name, email);
    }
  }
}
