import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/index.js';
import { call, errorsOf, listOf, oneOf, refusal, startSandbox } from '../requests.js';

const at = (text: string) => Date.parse(text);
const find = (sandbox: Sandbox, filter: string, query: Record<string, string> = {}) =>
  call(sandbox, 'GET api/campaigns', { query: { filter, ...query } });
const namesBy = async (sandbox: Sandbox, filter: string, query: Record<string, string> = {}) =>
  (await listOf(await find(sandbox, filter, query))).data.map(({ attributes }) => attributes.name);

async function start() {
  const sandbox = await startSandbox();
  const june = at('2026-06-01T08:00:00Z');
  const ids = [
    sandbox.addCampaign({
      ...{ name: 'Summer sale', channel: 'email', createdAt: june, sendTime: june + 1000 },
      messages: [{ label: 'A', content: { subject: 'Cups!' } }],
      audiences: { included: ['L00001'] },
    }),
    sandbox.addCampaign({ name: 'Autumn', channel: 'email', createdAt: june + 5000 }),
    sandbox.addCampaign({
      ...{ name: 'Summer text', channel: 'sms', createdAt: june },
      ...{ status: 'Scheduled', scheduledAt: june + 9000, archived: true },
    }),
  ];
  return { sandbox, ids };
}

describe('GET /api/campaigns', () => {
  it('needs a channel', async () => {
    const { sandbox } = await start();
    const without = await call(sandbox, 'GET api/campaigns');
    expect(await refusal(without)).toEqual([400, 'filter']);
    const other = await find(sandbox, 'equals(status,"Sent")');
    expect(await errorsOf(other)).toMatchObject([
      { detail: expect.stringContaining('channel filter is required') },
    ]);
    expect(await refusal(await find(sandbox, 'equals(messages.channel,"fax")'))).toEqual([
      400,
      'filter',
    ]);
  });

  it('finds by channel, with status, name, archive and time', async () => {
    const { sandbox, ids } = await start();
    const email = 'equals(messages.channel,"email")';
    expect(await namesBy(sandbox, email)).toEqual(['Summer sale', 'Autumn']);
    expect(await namesBy(sandbox, `and(${email},equals(status,"Sent"))`)).toEqual(['Summer sale']);
    expect(await namesBy(sandbox, `${email},any(status,["Draft","Sent"])`)).toHaveLength(2);
    expect(await namesBy(sandbox, `${email},contains(name,"sale")`)).toEqual(['Summer sale']);
    expect(await namesBy(sandbox, `${email},any(id,["${ids[1]}"])`)).toEqual(['Autumn']);
    const late = 'greater-than(created_at,2026-06-01T08:00:00Z)';
    expect(await namesBy(sandbox, `${email},${late}`)).toEqual(['Autumn']);
    const sms = 'equals(messages.channel,"sms")';
    expect(await namesBy(sandbox, `${sms},equals(archived,true)`)).toEqual(['Summer text']);
    expect(await namesBy(sandbox, email, { sort: 'name' })).toEqual(['Autumn', 'Summer sale']);
  });

  it('says which operators a field has, in the words Klaviyo has for it', async () => {
    const { sandbox } = await start();
    const filter = 'equals(messages.channel,"email"),equals(name,"Autumn")';
    expect(await errorsOf(await find(sandbox, filter))).toMatchObject([
      {
        code: 'invalid',
        detail:
          "'equals' is not an allowed filter operator for name.  Allowed operators are contains",
        source: { parameter: 'filter' },
      },
    ]);
  });
});

describe('GET /api/campaigns/{id}', () => {
  it('shows one, with its messages on demand', async () => {
    const { sandbox, ids } = await start();
    const query = { include: 'campaign-messages' };
    const answer = await call(sandbox, 'GET api/campaigns/{id}', { id: ids[0] ?? '', query });
    const { data, included } = await oneOf(answer);
    expect(data.attributes).toMatchObject({
      name: 'Summer sale',
      status: 'Sent',
      audiences: { included: ['L00001'], excluded: [] },
      send_time: '2026-06-01T08:00:01+00:00',
    });
    expect(included).toMatchObject([
      {
        type: 'campaign-message',
        attributes: { definition: { channel: 'email', content: { subject: 'Cups!' } } },
      },
    ]);
    expect(data.relationships['campaign-messages']?.data).toEqual([
      { type: 'campaign-message', id: included?.[0]?.id },
    ]);
    expect((await call(sandbox, 'GET api/campaigns/{id}', { id: 'nothing' })).status).toBe(404);
  });
});

it.each([
  [{ name: 'A' }, /needs 'channel'/],
  [{ name: 'A', channel: 'fax' }, /'channel' must be one of email/],
  [{ name: 'A', channel: 'email', status: 'sent' }, /'status' must be one of/],
  [{ name: 'A', channel: 'email', sendTime: 'today' }, /'sendTime' of a campaign must be epoch/],
  [
    { name: 'A', channel: 'email', messages: [{ statistics: { open_rate: 1 } }] },
    /'open_rate' is not counted/,
  ],
])('a campaign is not taken as %o', async (fixture, message) => {
  const sandbox = await startSandbox();
  expect(() => sandbox.addCampaign(fixture as never)).toThrow(message);
});
