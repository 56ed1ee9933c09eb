// Campaigns: which there are, and what they have achieved.
import { createKlaviyo } from 'klaviyo-storefront/server';
import type { Example } from './example.js';

export default async function campaigns({ options, sandbox, print }: Example): Promise<void> {
  const klaviyo = createKlaviyo(options);
  const day = 86_400_000;
  sandbox.addMetric({ name: 'Placed Order' });
  sandbox.addCampaign({ name: 'Next year', channel: 'email' });
  sandbox.addCampaign({
    ...{ name: 'Advent', channel: 'email', sendTime: Date.now() - day },
    messages: [
      { statistics: { recipients: 200, delivered: 190, opens_unique: 95, conversion_value: 480 } },
    ],
  });

  for await (const { id, name, sendAt } of klaviyo.campaigns.list({
    channel: 'email',
    status: ['Sent', 'Sending'],
    sort: '-createdAt',
  })) {
    print(id, name, typeof sendAt);
  }

  // What counts as a conversion: orders.
  let placed = '';
  for await (const { id, name } of klaviyo.metrics.list()) if (name === 'Placed Order') placed = id;
  // All campaigns at once: there are two requests a minute.
  const rows = await klaviyo.campaigns.performance({
    statistics: ['recipients', 'openRate', 'conversionValue'],
    timeframe: 'last_30_days',
    conversionMetricId: placed,
  });
  for (const { campaignId, channel, statistics } of rows) print(campaignId, channel, statistics);
}
