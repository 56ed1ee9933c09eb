import type { Campaign } from '../store/campaigns.js';
import { type Rendering, type Resource, renderResource, toIso, toIsoOrNull } from './resource.js';

export const campaignFields = [
  ...['archived', 'audiences', 'audiences.excluded', 'audiences.included', 'created_at', 'id'],
  ...['name', 'scheduled_at', 'send_options', 'send_options.use_smart_sending', 'send_strategy'],
  ...['send_strategy.date', 'send_strategy.datetime', 'send_strategy.method'],
  ...['send_strategy.options', 'send_strategy.options.is_local'],
  ...['send_strategy.options.send_past_recipients_immediately'],
  ...['send_strategy.throttle_percentage', 'send_time', 'status', 'tracking_options'],
  ...['tracking_options.add_tracking_params', 'tracking_options.custom_tracking_params'],
  ...['tracking_options.is_tracking_clicks', 'tracking_options.is_tracking_opens', 'updated_at'],
];
export const campaignMessageFields = [
  ...['created_at', 'definition', 'definition.*', 'id', 'send_times', 'updated_at'],
];

/** @param include what is included with it */
export const renderCampaign = (
  campaign: Campaign,
  rendering: Rendering,
  include: readonly string[],
): Resource =>
  renderResource(
    {
      type: 'campaign',
      id: campaign.id,
      attributes: {
        name: campaign.name,
        status: campaign.status,
        archived: campaign.archived,
        audiences: campaign.audiences,
        send_options: campaign.sendOptions,
        tracking_options: campaign.trackingOptions,
        send_strategy: campaign.sendStrategy,
        created_at: toIso(campaign.createdAt),
        scheduled_at: toIsoOrNull(campaign.scheduledAt),
        updated_at: toIso(campaign.updatedAt),
        send_time: toIsoOrNull(campaign.sendTime),
      },
      relationships: {
        // As seen: always there, not only where they are included.
        'campaign-messages': campaign.messages.map(({ id }) => ({ type: 'campaign-message', id })),
        tags: include.includes('tags') ? [] : undefined,
      },
    },
    rendering,
  );

export const renderMessages = (campaign: Campaign, rendering: Rendering): Resource[] =>
  campaign.messages.map(({ id, definition }) =>
    renderResource(
      {
        type: 'campaign-message',
        id,
        attributes: {
          definition,
          send_times:
            campaign.sendTime === undefined
              ? []
              : [{ datetime: toIso(campaign.sendTime), is_local: false }],
          created_at: toIso(campaign.createdAt),
          updated_at: toIso(campaign.updatedAt),
        },
        relationships: {
          campaign: { type: 'campaign', id: campaign.id },
          template: undefined,
          image: undefined,
        },
      },
      rendering,
    ),
  );
