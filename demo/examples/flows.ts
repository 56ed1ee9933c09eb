// Flows: which there are, and what they have achieved.
import { createKlaviyo } from 'klaviyo-storefront/server';
import type { Example } from './example.js';

export default async function flows({ options, sandbox, print }: Example): Promise<void> {
  const klaviyo = createKlaviyo(options);
  const conversionMetricId = sandbox.addMetric({ name: 'Placed Order' });
  const welcome = sandbox.addFlow({
    name: 'Welcome',
    messages: [
      {
        name: 'First mail',
        results: [
          {
            at: Date.now() - 86_400_000,
            statistics: { recipients: 40, delivered: 40, clicks: 12 },
          },
        ],
      },
    ],
  });

  for await (const { id, name } of klaviyo.flows.list({
    filter: ({ and, equals, startsWith }) =>
      and(equals('status', 'live'), startsWith('name', 'Wel')),
  })) {
    print(id, name);
  }
  const flow = await klaviyo.flows.get(welcome);
  print(flow?.name, flow?.status, flow?.triggerType);

  const rows = await klaviyo.flows.performance({
    statistics: ['recipients', 'clicks'],
    timeframe: 'last_7_days',
    conversionMetricId,
    flowIds: [welcome],
  });
  for (const { flowId, messageId, statistics } of rows) print(flowId, messageId, statistics);
}
