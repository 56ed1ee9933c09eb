import { describe, expect, it } from 'vitest';
import {
  canceledOrder,
  fulfilledOrder,
  orderedProducts,
  placedOrder,
  refundedOrder,
} from '../../../src/server/order-metrics.js';
import { addedToCart, startedCheckout, viewedProduct } from '../../../src/shared/commerce.js';
import { scriptKlaviyo } from '../../helpers/scripted-klaviyo.js';
import { allOf, startToolkit } from '../../helpers/start-toolkit.js';
import { orderOf } from '../orders.js';

const ada = { email: 'ada@lovelace.shop' };
const at = Date.parse('2026-06-01T10:00:00Z');

describe('track', () => {
  it('records an event, and what is said of the profile with it', async () => {
    const { klaviyo, sandbox } = await startToolkit();
    const uniqueId = await klaviyo.events.track(
      { ...ada, firstName: 'Ada', properties: { Tier: 'gold' } },
      {
        ...{ name: 'Tasted Sample', properties: { Flavour: 'Plum', Notes: ['sweet'] } },
        ...{ value: 4.5, valueCurrency: 'EUR', time: new Date(at) },
      },
    );
    expect(sandbox.events()).toMatchObject([
      {
        ...{ metric: 'Tasted Sample', uniqueId, time: new Date(at).toISOString() },
        ...{ properties: { Flavour: 'Plum', Notes: ['sweet'] }, value: 4.5, valueCurrency: 'EUR' },
      },
    ]);
    const profile = await klaviyo.profiles.getByEmail(ada.email);
    expect(profile).toMatchObject({ firstName: 'Ada', properties: { Tier: 'gold' } });
  });

  it('records one under its unique id once', async () => {
    const { klaviyo, sandbox } = await startToolkit();
    const event = { name: 'Tasted Sample', uniqueId: 'tasting-1', time: at };
    expect(await klaviyo.events.track(ada, event)).toBe('tasting-1');
    await klaviyo.events.track(ada, event);
    expect(sandbox.events()).toHaveLength(1);
  });

  it('marks what starts no flow', async () => {
    const { klaviyo, sent } = await startToolkit();
    await klaviyo.events.track(ada, { name: 'Tasted Sample', backfill: true });
    expect(sent[0]?.body).toMatchObject({ data: { attributes: { backfill: true } } });
  });

  it('joins the visitor of the browser', async () => {
    const { klaviyo, sandbox } = await startToolkit();
    await klaviyo.events.track({ ...ada, anonymousId: 'browser-1', kx: 'x.AbC123' }, { name: 'A' });
    expect(sandbox.profiles()[0]?.anonymousIds).toEqual(['browser-1']);
  });

  it('takes the commerce metrics, of the browser’s builders and of the order endpoint’s', async () => {
    const { klaviyo, sandbox } = await startToolkit();
    const cup = { id: '17', name: 'Cup', price: 24, currency: 'EUR', quantity: 1 };
    const cart = { id: 'c1', items: [cup], total: 24 };
    const order = orderOf('1001');
    for (const event of [
      ...[viewedProduct(cup), addedToCart(cup, cart), startedCheckout(cart, at)],
      ...[placedOrder(order), ...orderedProducts(order), fulfilledOrder(order)],
      ...[canceledOrder(order), refundedOrder({ ...order, refund: { id: 'r1', amount: 5 } })],
    ]) {
      await klaviyo.events.track(ada, event);
    }
    const recorded = sandbox
      .events()
      .map(({ metric, uniqueId, value }) => [metric, uniqueId, value]);
    expect(recorded.slice(2)).toEqual([
      ['Started Checkout', `c1_${at / 1000}`, 24],
      ['Placed Order', '1001', 43.5],
      ['Ordered Product', '1001_1', 39.98],
      ['Ordered Product', '1001_2', 3.52],
      ['Fulfilled Order', '1001', 43.5],
      ['Canceled Order', '1001', 43.5],
      ['Refunded Order', '1001_r1', 5],
    ]);
    expect(sandbox.events()[3]?.time).toBe('2026-11-22T09:00:00.000Z');
  });

  it('is repeated, unless the profile appends something', async () => {
    const world = scriptKlaviyo((_, index) => (index === 0 ? 'lost' : { status: 202 }));
    const tracked = world.klaviyo.events.track(ada, { name: 'A' });
    await world.clock.advance(10_000);
    await tracked;
    expect(world.requests).toHaveLength(2);
    const other = scriptKlaviyo(() => 'lost');
    const appending = other.klaviyo.events.track({ ...ada, append: { Tags: 'a' } }, { name: 'A' });
    await expect(appending).rejects.toMatchObject({ isOutcomeUnknown: true });
  });

  it('refuses a time that is none', async () => {
    const { klaviyo } = scriptKlaviyo();
    const tracked = klaviyo.events.track(ada, { name: 'A', time: new Date('never') });
    await expect(tracked).rejects.toThrow(/The time of A must be a moment/);
  });
});

describe('iterate', () => {
  async function withEvents() {
    const world = await startToolkit();
    const { events } = world.klaviyo;
    for (let n = 0; n < 6; n += 1) {
      const name = n % 2 ? 'Tasted Sample' : 'Booked Tasting';
      await events.track(n < 4 ? ada : { email: 'bo@lovelace.shop' }, {
        ...{ name, properties: { N: n }, time: at + n * 60_000 },
      });
    }
    return world;
  }
  const numbersOf = (found: { properties: Record<string, unknown> }[]) =>
    found.map(({ properties }) => properties.N);

  it('walks events in our words, with metric and profile where they are asked for', async () => {
    const { klaviyo } = await withEvents();
    const [first, ...others] = await allOf(
      klaviyo.events.iterate({ sort: 'at', include: ['metric', 'profile'], pageSize: 4 }),
    );
    expect(others).toHaveLength(5);
    expect(first).toMatchObject({
      ...{ at, properties: { N: 0 }, metric: { name: 'Booked Tasting' }, profile: ada },
      ...{ metricId: first?.metric?.id, profileId: first?.profile?.id },
    });
    const [plain] = await allOf(klaviyo.events.iterate({ sort: 'at', pageSize: 1 }));
    expect(plain).not.toHaveProperty('metric');
    expect(plain).not.toHaveProperty('profile');
  });

  it('filters by metric, profile and time', async () => {
    const { klaviyo } = await withEvents();
    const metrics = await allOf(klaviyo.metrics.list());
    const tasted = metrics.find(({ name }) => name === 'Tasted Sample');
    const bo = await klaviyo.profiles.getByEmail('bo@lovelace.shop');
    const { iterate } = klaviyo.events;
    const ofMetric = iterate({ sort: 'at', filter: (f) => f.equals('metricId', `${tasted?.id}`) });
    expect(numbersOf(await allOf(ofMetric))).toEqual([1, 3, 5]);
    const ofBo = iterate({ sort: 'at', filter: (f) => f.equals('profileId', `${bo?.id}`) });
    expect(numbersOf(await allOf(ofBo))).toEqual([4, 5]);
    const between = iterate({
      sort: '-at',
      filter: ({ and, greaterOrEqual, lessThan }) =>
        and(greaterOrEqual('at', at + 60_000), lessThan('at', new Date(at + 180_000))),
    });
    expect(numbersOf(await allOf(between))).toEqual([2, 1]);
  });

  it('gives only the fields that are asked for', async () => {
    const { klaviyo } = await withEvents();
    const [event] = await allOf(klaviyo.events.iterate({ sort: 'at', fields: ['at'] }));
    expect(event).not.toHaveProperty('properties');
    expect(event?.at).toBe(at);
  });
});
