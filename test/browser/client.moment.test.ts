// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { createOrigin } from '../helpers/fake-env.js';
import { start, startKnown } from '../helpers/start-client.js';

describe('the moment of a flush', () => {
  it('is a second after the last event', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    void client.track('One');
    await origin.advance(900);
    void client.track('Two');
    await origin.advance(999);
    expect(origin.klaviyo.events).toEqual([]);
    await origin.advance(1);
    expect(origin.klaviyo.events.length).toBe(2);
  });

  it('is at once with the twentieth event', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    for (let i = 0; i < 19; i++) void client.track('One');
    await origin.advance(0);
    expect(origin.klaviyo.events).toEqual([]);
    void client.track('One');
    await origin.advance(0);
    expect(origin.klaviyo.events.length).toBe(20);
  });

  it('is spread at random after a page load', async () => {
    const moments = new Set<number>();
    for (const random of [0.1, 0.9]) {
      const origin = createOrigin();
      const { client, tab } = await startKnown(origin);
      origin.page.random = random;
      await client.track('One');
      tab.kill();
      const now = origin.now();
      start(origin);
      await origin.advance(1000);
      moments.add(origin.klaviyo.events[0]!.at - now);
    }
    expect([...moments]).toEqual([100, 900]);
  });

  it('can be had at once with flush(), which resolves when it is over', async () => {
    const origin = createOrigin();
    const { client } = await startKnown(origin);
    void client.track('One');
    await client.flush();
    expect(origin.klaviyo.metrics()).toEqual(['One']);
  });

  it('keeps at most five single requests under way', async () => {
    const origin = createOrigin();
    origin.klaviyo.options.latencyMs = 1000;
    const { client, tab } = await startKnown(origin);
    for (let i = 0; i < 15; i++) void client.track(`Event ${i}`);
    let most = 0;
    for (let i = 0; i < 60; i++) {
      await origin.advance(100);
      most = Math.max(most, tab.unfinished());
    }
    expect(most).toBe(5);
    expect(origin.klaviyo.events.length).toBe(15);
  });
});
