import { expect, it } from 'vitest';
import { createClock, eventBody, post, profileData, startSandbox } from '../requests.js';

it('records what was sent', async () => {
  const clock = createClock();
  const sandbox = await startSandbox({ now: clock.now });
  const sent = {
    properties: { ProductName: 'Tide Mug', Categories: ['Mugs'], Stock: 0 },
    time: '2026-11-22T11:59:59.999+02:00',
    value: 24.5,
    value_currency: 'EUR',
    unique_id: 'one',
    backfill: true,
  };
  await post(sandbox, 'events', eventBody(sent, 'Viewed Product'));
  const [profile] = sandbox.profiles();
  expect(sandbox.events()).toEqual([
    {
      id: 'event-1',
      companyId: 'AbC123',
      metric: 'Viewed Product',
      uniqueId: 'one',
      time: '2026-11-22T09:59:59.000Z',
      value: 24.5,
      valueCurrency: 'EUR',
      backfill: true,
      properties: sent.properties,
      profileId: profile?.id,
      endpoint: 'events',
      receivedAt: clock.now(),
      duplicates: 0,
    },
  ]);
});

it('records an event once for each (profile, metric, unique_id) and counts the copies', async () => {
  const sandbox = await startSandbox();
  const ada = profileData({ email: 'ada@shop.test-mail.net' });
  const grace = profileData({ email: 'grace@shop.test-mail.net' });
  for (const profile of [ada, grace, ada]) {
    for (const metric of ['Viewed Product', 'Added to Cart']) {
      const response = await post(
        sandbox,
        'events',
        eventBody({ unique_id: 'x' }, metric, profile),
      );
      expect(response.status).toBe(202);
    }
  }
  expect(sandbox.events().map((event) => [event.metric, event.duplicates])).toEqual([
    ['Viewed Product', 1],
    ['Added to Cart', 1],
    ['Viewed Product', 0],
    ['Added to Cart', 0],
  ]);
});

it('keeps the first of two events with one unique_id', async () => {
  const sandbox = await startSandbox();
  await post(sandbox, 'events', eventBody({ unique_id: 'x', value: 1 }));
  await post(sandbox, 'events', eventBody({ unique_id: 'x', value: 2 }));
  expect(sandbox.events().map((event) => event.value)).toEqual([1]);
  expect(sandbox.requests()[1]?.error).toBe('discarded: 1 recorded before');
});

it('uses the time to the second when there is no unique_id', async () => {
  const sandbox = await startSandbox();
  for (const time of ['10:00:00.000Z', '10:00:00.900Z', '10:00:01.000Z']) {
    await post(sandbox, 'events', eventBody({ time: `2026-11-20T${time}` }));
  }
  expect(sandbox.events().map((event) => [event.time, event.duplicates])).toEqual([
    ['2026-11-20T10:00:00.000Z', 1],
    ['2026-11-20T10:00:01.000Z', 0],
  ]);
});

it('uses the time of receipt when there is neither unique_id nor time', async () => {
  const clock = createClock();
  const sandbox = await startSandbox({ now: clock.now });
  await post(sandbox, 'events', eventBody({ time: null, unique_id: null }));
  clock.advance(700);
  await post(sandbox, 'events', eventBody());
  clock.advance(100);
  await post(sandbox, 'events', eventBody());
  expect(sandbox.events().map((event) => [event.time, event.duplicates])).toEqual([
    ['2026-11-22T10:00:00.000Z', 1],
    ['2026-11-22T10:00:01.000Z', 0],
  ]);
});

it('treats null in an optional field as left out', async () => {
  const sandbox = await startSandbox();
  const nothing = { value: null, value_currency: null, unique_id: null, backfill: null };
  expect((await post(sandbox, 'events', eventBody(nothing))).status).toBe(202);
  const [event] = sandbox.events();
  expect(event).not.toHaveProperty('value');
  expect(event).not.toHaveProperty('valueCurrency');
  expect(event).not.toHaveProperty('uniqueId');
  expect(event?.backfill).toBe(false);
});
