import { describe, expect, it } from 'vitest';
import {
  call,
  createClock,
  eventBody,
  follow,
  listOf,
  oneOf,
  post,
  startSandbox,
} from '../requests.js';

const klaviyo = { key: 'klaviyo', name: 'Klaviyo', category: 'Internal' };

describe('metrics', () => {
  it('are made by the first event of their name', async () => {
    const clock = createClock(Date.parse('2026-11-22T10:00:00Z'));
    const sandbox = await startSandbox({ now: clock.now });
    for (const name of ['Viewed Product', 'Added to Cart', 'Viewed Product']) {
      await post(sandbox, 'events', eventBody({}, name));
      clock.advance(1000);
    }
    const { data } = await listOf(await call(sandbox, 'GET api/metrics'));
    expect(data.map(({ attributes }) => attributes)).toMatchObject([
      { name: 'Viewed Product', created: '2026-11-22T10:00:00+00:00', integration: { key: 'api' } },
      { name: 'Added to Cart', created: '2026-11-22T10:00:01+00:00', integration: { name: 'API' } },
    ]);
    const id = data[0]?.id ?? '';
    const one = await oneOf(await call(sandbox, 'GET api/metrics/{id}', { id }));
    expect(one.data).toMatchObject({ type: 'metric', id, attributes: { name: 'Viewed Product' } });
    expect((await call(sandbox, 'GET api/metrics/{id}', { id: 'nothing' })).status).toBe(404);
  });

  it('can be given, and events of that name then belong to them', async () => {
    const sandbox = await startSandbox();
    const id = sandbox.addMetric({ name: 'Placed Order' });
    sandbox.addMetric({ name: 'Received Email', integration: klaviyo });
    await post(sandbox, 'api/events', eventBody({}, 'Placed Order'));
    const events = await listOf(await call(sandbox, 'GET api/events'));
    expect(events.data[0]?.relationships.metric?.data).toEqual({ type: 'metric', id });
    const names = async (filter: string) =>
      (await listOf(await call(sandbox, 'GET api/metrics', { query: { filter } }))).data.map(
        ({ attributes }) => attributes.name,
      );
    expect(await names('equals(integration.name,"API")')).toEqual(['Placed Order']);
    expect(await names('equals(integration.category,"Internal")')).toEqual(['Received Email']);
  });

  it('come in pages of 200', async () => {
    const sandbox = await startSandbox();
    for (let index = 0; index < 201; index += 1) sandbox.addMetric({ name: `Metric ${index}` });
    const first = await listOf(await call(sandbox, 'GET api/metrics'));
    expect(first.data).toHaveLength(200);
    const second = await listOf(await follow(first.links.next));
    expect(second.data.map(({ attributes }) => attributes.name)).toEqual(['Metric 200']);
  });

  it('are not taken with a field that none has', async () => {
    const sandbox = await startSandbox();
    expect(() => sandbox.addMetric({ title: 'Placed Order' } as never)).toThrow(/no field 'title'/);
    expect(() => sandbox.addMetric({} as never)).toThrow(/needs 'name'/);
  });
});
