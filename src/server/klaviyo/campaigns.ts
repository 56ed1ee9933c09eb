import type { CallEndpoint } from './call.js';
import { ENDPOINTS } from './endpoints.js';
import { needFields } from './input-error.js';
import { type Walk, walk } from './pages.js';
import {
  type Performance,
  type PerformanceOptions,
  report,
  type Statistic,
} from './performance.js';
import { type Filter, type FilterBuilder, type ListOptions, listQuery } from './query.js';
import { CAMPAIGNS } from './query-rules.js';
import { type Resource, readResource } from './wire.js';

type CampaignFilters = typeof CAMPAIGNS.filter;

export type CampaignChannel = CampaignFilters['channel']['values'][number];
export type CampaignStatus = CampaignFilters['status']['values'][number];
export type CampaignField = keyof typeof CAMPAIGNS.fields;

export interface Campaign {
  id: string;
  name: string;
  status: CampaignStatus;
  isArchived: boolean;
  /** Ids of lists and segments. */
  audiences: { included: string[]; excluded?: string[] | null };
  /** Epoch ms, as the other moments are. */
  createdAt?: number;
  updatedAt?: number;
  scheduledAt?: number;
  /** When it was or will be sent. */
  sendAt?: number;
}

export interface ListCampaigns<Field extends CampaignField> extends ListOptions<typeof CAMPAIGNS> {
  /** Klaviyo lists the campaigns of one channel at a time. */
  channel: CampaignChannel;
  /** One status, or any of several. Default: all. */
  status?: CampaignStatus | readonly CampaignStatus[];
  fields?: readonly Field[];
}

export interface CampaignPerformanceOptions<S extends Statistic> extends PerformanceOptions<S> {
  /** Up to 100. Default: all. */
  campaignIds?: readonly string[];
}

export interface CampaignPerformance<S extends Statistic> extends Performance<S> {
  campaignId: string;
}

export interface Campaigns {
  /**
   * Walks the campaigns of a channel, 100 with one request.
   *
   * @klaviyo GET /api/campaigns (2026-07-15) · campaigns:read · 10/s, 150/min
   */
  list<Field extends CampaignField = CampaignField>(
    options: ListCampaigns<Field>,
  ): Walk<Pick<Campaign, Field | 'id'>>;
  /**
   * What campaigns have achieved: a row for each message. Ask for all of them at once: two requests a minute and 225 a
   * day are all there is.
   *
   * @klaviyo POST /api/campaign-values-reports (2026-07-15) · campaigns:read · 1/s, 2/min, 225/day
   */
  performance<const S extends Statistic>(
    options: CampaignPerformanceOptions<S>,
  ): Promise<CampaignPerformance<S>[]>;
}

const readCampaign = (resource: Resource): Campaign => readResource(resource, CAMPAIGNS.fields);

type Build = (builder: FilterBuilder<CampaignFilters>) => Filter<CampaignFilters>;

const filterOf =
  ({ channel, status, filter }: ListCampaigns<CampaignField>): Build =>
  (builder) => {
    const { equals, any, and } = builder;
    const statuses = status === undefined ? [] : [status].flat();
    return and(
      equals('channel', channel),
      ...(statuses.length > 0 ? [any('status', statuses)] : []),
      ...(filter ? [filter(builder)] : []),
    );
  };

export const createCampaigns = (call: CallEndpoint): Campaigns => ({
  list: (options) => {
    needFields(options, 'What campaigns are listed by');
    const { fields = [], cursor, signal, sort, pageSize } = options;
    const asked = {
      filter: filterOf(options),
      ...(sort !== undefined && { sort }),
      ...(pageSize !== undefined && { pageSize }),
    };
    return walk({
      ...{ call, cursor, signal, read: readCampaign },
      endpoint: ENDPOINTS.getCampaigns,
      query: listQuery(CAMPAIGNS, asked, { fields }),
    });
  },
  async performance(wanted) {
    needFields(wanted, 'What a report is asked for');
    const { campaignIds: ids, ...options } = wanted;
    const endpoint = ENDPOINTS.reportCampaigns;
    const type = 'campaign-values-report';
    const rows = await report({ call, endpoint, type, of: 'campaign_id', ids }, options);
    return rows.map(({ id: campaignId, ...row }) => ({ campaignId, ...row }));
  },
});
