import { type Collection, createCollection, type Kept, perAccount } from './collection.js';
import type { Statistics } from './flows.js';

/** What campaigns can be sent over, by the filter's names. */
export const channels = ['email', 'sms', 'mobile_push'] as const;

/** Where a campaign can stand. */
export const campaignStatuses = [
  ...(['Draft', 'Scheduled', 'Preparing to schedule', 'Preparing to send'] as const),
  ...(['Adding Recipients', 'Sending', 'Sending Segments', 'Variations Sent', 'Sent'] as const),
  ...(['Queued without Recipients', 'Unknown', 'Cancelled'] as const),
  ...(['Cancelled: Account Disabled', 'Cancelled: Billing Limit'] as const),
  ...(['Cancelled: Internal Error', 'Cancelled: Misconfigured'] as const),
  ...(['Cancelled: No Recipients', 'Cancelled: Smart Sending'] as const),
];

export interface CampaignMessage {
  id: string;
  label: string;
  /** As Klaviyo writes it: `channel`, `content` and so on. */
  definition: Record<string, unknown>;
  statistics: Statistics;
}

export interface Campaign extends Kept {
  name: string;
  channel: string;
  status: string;
  archived: boolean;
  audiences: { included: readonly string[]; excluded: readonly string[] };
  sendOptions: Record<string, unknown>;
  trackingOptions: Record<string, unknown> | null;
  sendStrategy: Record<string, unknown>;
  createdAt: number;
  updatedAt: number;
  scheduledAt: number | undefined;
  sendTime: number | undefined;
  messages: readonly CampaignMessage[];
}

/** The campaigns of all companies. */
export function createCampaigns() {
  const accounts = perAccount<Collection<Campaign>>(() =>
    createCollection({
      id: ({ id }) => id,
      name: ({ name }) => name,
      created_at: ({ createdAt }) => createdAt,
      scheduled_at: ({ scheduledAt }) => scheduledAt ?? null,
      updated_at: ({ updatedAt }) => updatedAt,
    }),
  );
  let created = 0;

  return {
    of: (companyId: string): Collection<Campaign> => accounts.of(companyId),
    /** @param make is given the campaign's number, for ids of its own */
    create(companyId: string, make: (number: number) => Omit<Campaign, 'seq'>): Campaign {
      created += 1;
      const campaign = { ...make(created), seq: created };
      accounts.of(companyId).add(campaign);
      return campaign;
    },
    clear() {
      accounts.clear();
      created = 0;
    },
  };
}
