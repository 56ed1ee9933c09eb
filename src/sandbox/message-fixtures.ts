// Campaigns and flows, which the sandbox does not send: given with what became of their messages.
import { assertFields, type Given } from './given.js';
import type { ResolvedOptions } from './options.js';
import { isCounted } from './reports/statistics.js';
import { type Campaign, campaignStatuses, channels } from './store/campaigns.js';
import { type Statistics, triggerTypes } from './store/flows.js';
import type { Ledger } from './store/ledger.js';

type Json = Record<string, unknown>;

/** A message of a campaign. */
export interface CampaignMessageFixture {
  id?: string;
  /** Default: the campaign's name. */
  label?: string;
  /** As Klaviyo writes it: subject and so on. Default: nothing in it. */
  content?: Json;
  /**
   * What was counted, by the names of the reports (`recipients`, `delivered`, `opens_unique`,
   * `conversion_value`, ...). Rates follow from it.
   */
  statistics?: Statistics;
}

/** A campaign that is there already. Times are epoch milliseconds. */
export interface CampaignFixture extends Given {
  name: string;
  channel: (typeof channels)[number];
  /** Default `Sent` with a `sendTime`, else `Draft`. */
  status?: (typeof campaignStatuses)[number];
  /** Default false. */
  archived?: boolean;
  /** Ids of lists and segments. Default: none. */
  audiences?: { included: string[]; excluded?: string[] };
  /** Default: `immediate`. */
  sendStrategy?: Json;
  /** Default: now. */
  createdAt?: number;
  /** Default: `createdAt`. */
  updatedAt?: number;
  scheduledAt?: number;
  /** When it was sent: the time its reports count for. */
  sendTime?: number;
  /** Default: one. */
  messages?: CampaignMessageFixture[];
}

/** A flow that is there already. Times are epoch milliseconds. */
export interface FlowFixture extends Given {
  name: string;
  /** Default `live`. */
  status?: 'draft' | 'manual' | 'live';
  /** Default false. */
  archived?: boolean;
  /** Default `Metric`. */
  triggerType?: (typeof triggerTypes)[number];
  /** As Klaviyo writes it: `triggers`, `actions` and so on. Default: not known. */
  definition?: Json;
  /** Default: now. */
  createdAt?: number;
  /** Default: `createdAt`. */
  updatedAt?: number;
  /** Its messages, and for each what was counted when. */
  messages?: {
    id?: string;
    name: string;
    /** Default `email`. */
    channel?: 'email' | 'sms' | 'push-notification' | 'whatsapp';
    results?: { at: number; statistics: Statistics }[];
  }[];
}

function assertStatistics(statistics: Statistics = {}): void {
  for (const [name, value] of Object.entries(statistics)) {
    if (!isCounted(name)) throw new TypeError(`'${name}' is not counted in reports.`);
    if (!Number.isFinite(value)) throw new TypeError(`'${name}' must be a number.`);
  }
}

function assertOneOf(what: string, value: string | undefined, allowed: readonly string[]): void {
  if (value === undefined || allowed.includes(value)) return;
  throw new TypeError(`'${what}' must be one of ${allowed.join(', ')}.`);
}

export function createMessageFixtures(
  ownerOf: (given: Given) => string,
  options: () => ResolvedOptions,
  ledger: Ledger,
) {
  const longId = (kind: string, number: number, part = 0) =>
    `01${kind}${String(number).padStart(12, '0')}${String(part).padStart(4, '0')}`;

  function campaignOf(fixture: CampaignFixture, number: number): Omit<Campaign, 'seq'> {
    const { name, channel, sendTime, scheduledAt, audiences, messages = [{}] } = fixture;
    const { createdAt = options().now(), archived = false } = fixture;
    const definition = (content: Json) =>
      channel === 'mobile_push'
        ? { channel, notification_type: 'standard', content }
        : { channel, content };
    return {
      id: fixture.id ?? longId('CAMPAIGN', number),
      ...{ name, channel, archived, createdAt, sendTime, scheduledAt },
      status: fixture.status ?? (sendTime === undefined ? 'Draft' : 'Sent'),
      audiences: { included: audiences?.included ?? [], excluded: audiences?.excluded ?? [] },
      sendOptions: { use_smart_sending: true },
      trackingOptions: null,
      sendStrategy: fixture.sendStrategy ?? { method: 'immediate' },
      updatedAt: fixture.updatedAt ?? createdAt,
      messages: messages.map((message, index) => ({
        id: message.id ?? longId('MESSAGES', number, index),
        label: message.label ?? name,
        definition: definition(message.content ?? {}),
        statistics: message.statistics ?? {},
      })),
    };
  }

  return {
    /** Adds a campaign and returns its id. Throws a TypeError for a field or value none has. */
    addCampaign(fixture: CampaignFixture): string {
      const optional = ['status', 'archived', 'audiences', 'sendStrategy', 'createdAt'];
      const times = ['updatedAt', 'scheduledAt', 'sendTime', 'messages'];
      assertFields('campaign', fixture, ['name', 'channel'], [...optional, ...times]);
      assertOneOf('channel', fixture.channel, channels);
      assertOneOf('status', fixture.status, campaignStatuses);
      for (const message of fixture.messages ?? []) {
        assertFields('message', message, [], ['label', 'content', 'statistics']);
        assertStatistics(message.statistics);
      }
      const make = (number: number) => campaignOf(fixture, number);
      return ledger.campaigns.create(ownerOf(fixture), make).id;
    },
    /** Adds a flow and returns its id. Throws a TypeError for a field or value none has. */
    addFlow(fixture: FlowFixture): string {
      const optional = ['status', 'archived', 'triggerType', 'definition', 'createdAt'];
      assertFields('flow', fixture, ['name'], [...optional, 'updatedAt', 'messages']);
      assertOneOf('status', fixture.status, ['draft', 'manual', 'live']);
      assertOneOf('triggerType', fixture.triggerType, triggerTypes);
      for (const message of fixture.messages ?? []) {
        assertFields('message', message, ['name'], ['channel', 'results']);
        for (const { statistics } of message.results ?? []) assertStatistics(statistics);
      }
      const { name, status = 'live', archived = false, triggerType = 'Metric' } = fixture;
      const { definition = null, createdAt = options().now(), messages = [] } = fixture;
      const flow = ledger.flows.create(ownerOf(fixture), {
        ...{ name, status, archived, triggerType, definition, createdAt },
        ...(fixture.id !== undefined && { id: fixture.id }),
        updatedAt: fixture.updatedAt ?? createdAt,
        messages: messages.map((message, index) => ({
          id: message.id ?? `${name}-${index + 1}`,
          name: message.name,
          channel: message.channel ?? 'email',
          results: message.results ?? [],
        })),
      });
      return flow.id;
    },
  };
}
