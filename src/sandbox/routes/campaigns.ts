import { refuse } from '../api-error.js';
import type { FilterRules } from '../query/filter.js';
import {
  campaignFields,
  campaignMessageFields,
  renderCampaign,
  renderMessages,
} from '../resources/campaign.js';
import { tagFields } from '../resources/field-names.js';
import type { Rendering } from '../resources/resource.js';
import { type Campaign, campaignStatuses, channels } from '../store/campaigns.js';
import { answerOne, answerPage, notFound, renderingOf } from './answers.js';
import { type Call, type Rows, row, type World } from './row.js';

export type CampaignEndpoint = 'GET api/campaigns' | 'GET api/campaigns/{id}';

const taken = {
  fields: { 'campaign-message': campaignMessageFields, campaign: campaignFields, tag: tagFields },
  include: ['campaign-messages', 'tags'],
};

const moment = {
  type: 'datetime',
  operators: ['greater-or-equal', 'greater-than', 'less-or-equal', 'less-than'],
} as const;

const filters: FilterRules<Campaign> = {
  id: { type: 'string', operators: ['any'], read: ({ id }) => id },
  'messages.channel': {
    type: 'string',
    operators: ['equals'],
    values: channels,
    read: ({ channel }) => channel,
  },
  name: { type: 'string', operators: ['contains'], read: ({ name }) => name },
  status: {
    type: 'string',
    operators: ['any', 'equals'],
    lists: true,
    values: campaignStatuses,
    read: ({ status }) => status,
  },
  archived: { type: 'boolean', operators: ['equals'], read: ({ archived }) => archived },
  created_at: { ...moment, read: ({ createdAt }) => createdAt },
  scheduled_at: { ...moment, read: ({ scheduledAt }) => scheduledAt },
  updated_at: { ...moment, read: ({ updatedAt }) => updatedAt },
};

/** Campaigns, as they were given to the sandbox. */
export function campaignRoutes({ ledger }: World): Rows<CampaignEndpoint> {
  const { campaigns } = ledger;
  const includedWith = ({ query }: Call<Campaign>, campaign: Campaign, rendering: Rendering) =>
    query.include.includes('campaign-messages') ? renderMessages(campaign, rendering) : [];

  return {
    'GET api/campaigns': row<Campaign>({
      query: () => ({
        ...taken,
        filter: filters,
        isFilterRequired: true,
        sort: ['created_at', 'id', 'name', 'scheduled_at', 'updated_at'],
        page: { size: 100, maxSize: 100 },
      }),
      handle(call) {
        const { companyId, query } = call;
        if (!query.filter?.conditions.some(({ field }) => field === 'messages.channel')) {
          const detail =
            "A channel filter is required to list campaigns, such as equals(messages.channel,'email').";
          return refuse(400, [{ detail, source: { parameter: 'filter' } }]);
        }
        return answerPage(
          call,
          campaigns.of(companyId).ordered(query.sort?.by ?? 'created_at'),
          (campaign, rendering) => renderCampaign(campaign, rendering, query.include),
          (campaign, rendering) => includedWith(call, campaign, rendering),
        );
      },
    }),
    'GET api/campaigns/{id}': row<Campaign>({
      query: () => taken,
      handle(call) {
        const campaign = campaigns.of(call.companyId).get(call.id);
        if (!campaign) return notFound(`A campaign with id '${call.id}' does not exist.`);
        const rendering = renderingOf(call);
        const resource = renderCampaign(campaign, rendering, call.query.include);
        return answerOne(call, 200, resource, includedWith(call, campaign, rendering));
      },
    }),
  };
}
