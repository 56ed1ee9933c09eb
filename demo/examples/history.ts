// Events of the past, in bulk: they start no flow, and beginning again after a crash doubles nothing.
import { createKlaviyo } from 'klaviyo-storefront/server';
import type { Example } from './example.js';

/** A file or a database in a shop. */
async function* tastings() {
  for (let n = 0; n < 2500; n += 1) {
    yield {
      profile: { email: `customer-${n % 100}@lovelace.shop` },
      name: 'Tasted Sample',
      properties: { Flavour: n % 2 ? 'Plum' : 'Pear' },
      uniqueId: `tasting-${n}`,
      time: new Date('2026-01-01').getTime() + n * 60_000,
      backfill: true,
    };
  }
}

export default async function history({ options, print }: Example): Promise<void> {
  const klaviyo = createKlaviyo(options);
  const { accepted, rejected } = await klaviyo.events.trackAll(tastings());
  print(accepted, 'accepted');
  for (const { index, error } of rejected) print('not recorded:', index, error.message);
}
