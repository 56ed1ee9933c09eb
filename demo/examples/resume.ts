// A long walk that can be stopped, and gone on with later.
import { createKlaviyo } from 'klaviyo-storefront/server';
import type { Example } from './example.js';

export default async function resume({ options, print }: Example): Promise<void> {
  const klaviyo = createKlaviyo(options);
  for (let n = 0; n < 25; n += 1) await klaviyo.profiles.upsert({ email: `p${n}@lovelace.shop` });

  // Stopped after the first page, with the place kept: in a shop on the disk.
  let kept: string | undefined;
  for await (const { items, nextCursor } of klaviyo.profiles
    .iterate({ sort: 'createdAt', pageSize: 10 })
    .pages()) {
    print(items.length, 'profiles');
    kept = nextCursor;
    break;
  }

  // Gone on with, for a minute at the most.
  const walk = klaviyo.profiles.iterate({
    sort: 'createdAt',
    pageSize: 10,
    cursor: kept,
    signal: AbortSignal.timeout(60_000),
  });
  let rest = 0;
  for await (const { id } of walk) if (id) rest += 1;
  print(rest, 'more');
}
