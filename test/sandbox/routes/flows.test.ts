import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/index.js';
import { call, follow, listOf, oneOf, startSandbox } from '../requests.js';

const namesBy = async (sandbox: Sandbox, query: Record<string, string>) =>
  (await listOf(await call(sandbox, 'GET api/flows', { query }))).data.map(
    ({ attributes }) => attributes.name,
  );

describe('flows', () => {
  it('are found by name, status, trigger and time', async () => {
    const sandbox = await startSandbox({ rateLimits: false });
    const createdAt = Date.parse('2026-06-01T00:00:00Z');
    const id = sandbox.addFlow({ name: 'Welcome', triggerType: 'Added to List', createdAt });
    sandbox.addFlow({ name: 'Abandoned cart', status: 'draft', archived: true });
    const by = (filter: string) => namesBy(sandbox, { filter });
    expect(await by('starts-with(name,"Wel")')).toEqual(['Welcome']);
    expect(await by('ends-with(name,"cart")')).toEqual(['Abandoned cart']);
    expect(await by('equals(status,"draft")')).toEqual(['Abandoned cart']);
    expect(await by('equals(archived,false)')).toEqual(['Welcome']);
    expect(await by('equals(trigger_type,"Added to List")')).toEqual(['Welcome']);
    expect(await by('equals(created,2026-06-01T00:00:00Z)')).toEqual(['Welcome']);
    expect(await by(`any(id,["${id}"])`)).toEqual(['Welcome']);
    expect(await namesBy(sandbox, { sort: 'name' })).toEqual(['Abandoned cart', 'Welcome']);
  });

  it('come in pages of 50', async () => {
    const sandbox = await startSandbox({ rateLimits: false });
    for (let index = 0; index < 51; index += 1) sandbox.addFlow({ name: `Flow ${index}` });
    const first = await listOf(await call(sandbox, 'GET api/flows'));
    expect(first.data).toHaveLength(50);
    const second = await listOf(await follow(first.links.next));
    expect(second.data.map(({ attributes }) => attributes.name)).toEqual(['Flow 50']);
  });

  it('show definition and actions on demand', async () => {
    const sandbox = await startSandbox({ rateLimits: false });
    const metric = sandbox.addMetric({ name: 'Added to Cart' });
    const definition = {
      triggers: [{ type: 'metric', id: metric }],
      actions: [{ id: '7', type: 'send-email' }],
      entry_action_id: '7',
    };
    const id = sandbox.addFlow({ name: 'Abandoned cart', definition });
    const show = async (query: Record<string, string>) =>
      oneOf(await call(sandbox, 'GET api/flows/{id}', { id, query }));
    expect((await show({})).data.attributes).not.toHaveProperty('definition');
    const full = await show({ 'additional-fields[flow]': 'definition', include: 'flow-actions' });
    expect(full.data.attributes.definition).toEqual(definition);
    expect(full.included).toMatchObject([
      { type: 'flow-action', id: '7', attributes: { definition: { type: 'send-email' } } },
    ]);
    const query = { include: 'flow-triggers', 'fields[flow]': 'name' };
    const trigger = await oneOf(await call(sandbox, 'GET api/metrics/{id}', { id: metric, query }));
    expect(trigger.included).toMatchObject([{ id, attributes: { name: 'Abandoned cart' } }]);
    expect((await call(sandbox, 'GET api/flows/{id}', { id: 'nothing' })).status).toBe(404);
  });
});

it.each([
  [{}, /needs 'name'/],
  [{ name: 'A', status: 'on' }, /'status' must be one of draft, manual, live/],
  [{ name: 'A', triggerType: 'Email' }, /'triggerType' must be one of/],
  [{ name: 'A', messages: [{ channel: 'email' }] }, /A message needs 'name'/],
  [{ name: 5 }, /'name' of a flow must be text/],
])('a flow is not taken as %o', async (fixture, message) => {
  const sandbox = await startSandbox({ rateLimits: false });
  expect(() => sandbox.addFlow(fixture as never)).toThrow(message);
});
