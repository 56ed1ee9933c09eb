// Any other endpoint of the private API: paced, repeated and with the same errors.
import { createKlaviyo } from 'klaviyo-storefront/server';
import type { Example } from './example.js';

interface ListDocument {
  data: { id: string; attributes: { name: string } };
}

export default async function request({ options, print }: Example): Promise<void> {
  const klaviyo = createKlaviyo(options);
  const { id } = await klaviyo.lists.create({ name: 'Wholesale' });

  const { status, body } = await klaviyo.request<ListDocument>('GET', `/api/lists/${id}`, {
    query: { 'fields[list]': ['name'] },
    rate: { burst: 75, steady: 750 },
  });
  print(status, body.data.attributes.name);
}
