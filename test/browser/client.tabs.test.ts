// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { createOrigin } from '../helpers/fake-env.js';
import { start, startKnown, startOn } from '../helpers/start-client.js';

const HOUR_MS = 3_600_000;
const names = (count: number) => Array.from({ length: count }, (_, index) => `Event ${index}`);
const sorted = (ids: unknown[]) => [...ids].sort();

describe.each([true, false])('with several tabs (Web Locks: %s)', (locks) => {
  it('delivers the events of all of them once, each in its order', async () => {
    const origin = createOrigin({ locks });
    await startKnown(origin);
    const tabs = [start(origin), start(origin), start(origin), start(origin)];
    const ids = await Promise.all(
      tabs.flatMap(({ client }, tab) => names(10).map((name) => client.track(`${tab} ${name}`))),
    );
    await origin.advance(HOUR_MS);
    expect(sorted(origin.klaviyo.uniqueIds())).toEqual(sorted(ids));
    expect(origin.klaviyo.duplicates).toEqual([]);
    for (const tab of [0, 1, 2, 3]) {
      const of = origin.klaviyo.metrics().filter((metric) => metric.startsWith(`${tab}`));
      expect(of).toEqual(names(10).map((name) => `${tab} ${name}`));
    }
  });

  it('has one of them flush at a time', async () => {
    const origin = createOrigin({ locks });
    await startKnown(origin);
    origin.klaviyo.options.latencyMs = 300;
    const tabs = [start(origin), start(origin), start(origin)];
    for (const { client } of tabs) for (const name of names(10)) void client.track(name);
    let most = 0;
    for (let ms = 0; ms < 10_000; ms += 50) {
      await origin.advance(50);
      const flushing = tabs.filter(({ tab }) => tab.unfinished() > 0).length;
      most = Math.max(most, flushing);
    }
    await origin.advance(HOUR_MS);
    expect(most).toBe(1);
    expect(origin.klaviyo.events.length).toBe(30);
  });

  it('delivers what a killed tab held, with no further event', async () => {
    const origin = createOrigin({ locks });
    const { client, tab } = await startKnown(origin);
    origin.klaviyo.answer({ lost: 'hang', times: 1 });
    const id = await client.track('Held');
    await origin.advance(1500);
    tab.kill();
    start(origin);
    await origin.advance(180_000);
    expect(origin.klaviyo.uniqueIds()).toEqual([id]);
  });

  it('delivers what a page kept that was left offline, with no further event', async () => {
    const origin = createOrigin({ locks });
    const { client, tab } = await startKnown(origin);
    origin.goOffline();
    const id = await client.track('Held');
    const next = tab.navigate();
    origin.goOnline();
    startOn(next);
    await origin.advance(180_000);
    expect(origin.klaviyo.uniqueIds()).toEqual([id]);
  });
});

it('flushes without Web Locks for longer than a lease, alone', async () => {
  const origin = createOrigin({ locks: false });
  const tabs = [await startKnown(origin), start(origin), start(origin)];
  origin.klaviyo.options.latencyMs = 10_000;
  for (const [tab, { client }] of tabs.entries()) {
    for (let i = 0; i < 40; i++) void client.track('Own id', {}, { uniqueId: `${tab} ${i}` });
  }
  let most = 0;
  for (let second = 0; second < 400; second++) {
    await origin.advance(1000);
    most = Math.max(most, tabs.filter(({ tab }) => tab.unfinished() > 0).length);
  }
  expect(most).toBe(1);
  expect(origin.klaviyo.events.length).toBe(120);
});

it('survives refused Web Locks without a rejection, and keeps everything', async () => {
  const origin = createOrigin({ locks: 'refused' });
  const { client, tab } = start(origin, { anonymous: 'send' });
  const id = await client.track('Viewed Product');
  await client.flush();
  await origin.advance(60_000);
  tab.hide();
  await origin.advance(60_000);
  expect(origin.klaviyo.uniqueIds()).toEqual([id]);
  expect(origin.errors).toEqual([]);
});
