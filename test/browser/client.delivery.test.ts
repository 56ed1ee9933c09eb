// @vitest-environment node
import { expect, it } from 'vitest';
import { createOrigin } from '../helpers/fake-env.js';
import { start, startKnown } from '../helpers/start-client.js';

it('delivers an event of a known visitor once', async () => {
  const origin = createOrigin();
  const { client, reports } = await startKnown(origin);
  const id = client.track('Viewed Product', { ProductID: '1' });
  await origin.advance(1000);
  expect(origin.klaviyo.uniqueIds()).toEqual([await id]);
  expect(reports.delivered.map(({ uniqueId }) => uniqueId)).toContain(await id);
});

it('delivers after a kill what was durable before it', async () => {
  const origin = createOrigin();
  const { client, tab } = await startKnown(origin);
  const id = await client.track('Viewed Product');
  tab.kill();
  start(origin);
  await origin.advance(3000);
  expect(origin.klaviyo.uniqueIds()).toEqual([id]);
});
