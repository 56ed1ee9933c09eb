import { type Collection, createCollection, type Kept, perAccount } from './collection.js';

export interface Webhook extends Kept {
  name: string;
  description: string | null;
  endpointUrl: string;
  secretKey: string;
  enabled: boolean;
  topicIds: readonly string[];
  createdAt: number;
  updatedAt: number;
}

/** The webhooks of all companies. */
export function createWebhooks() {
  const accounts = perAccount<Collection<Webhook>>(() => createCollection());
  let created = 0;
  return {
    of: (companyId: string): Collection<Webhook> => accounts.of(companyId),
    create(companyId: string, given: Omit<Webhook, 'id' | 'seq'>): Webhook {
      created += 1;
      const id = `01WEBHOOK${String(created).padStart(17, '0')}`;
      const webhook = { ...given, id, seq: created };
      accounts.of(companyId).add(webhook);
      return webhook;
    },
    clear() {
      accounts.clear();
      created = 0;
    },
  };
}
