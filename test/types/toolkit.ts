/** Right and wrong uses of the toolkit's types. Nothing here runs: `tsc` is the test. */
import {
  type Campaign,
  createKlaviyo,
  createWebhookHandler,
  type Klaviyo,
  type KlaviyoWithOutbox,
  type Member,
  type Order,
  type Outbox,
  orderedProducts,
  placedOrder,
  type StoredEvent,
  type StoredProfile,
  viewedProduct,
  type Walk,
} from 'klaviyo-storefront/server';

declare const klaviyo: Klaviyo;
declare const outbox: Outbox;
declare const order: Order;
declare const name: string;
declare const size: number;

const { profiles, events, lists, segments, campaigns, flows, metrics, subscriptions, webhooks } =
  klaviyo;
const ada = { email: 'ada@lovelace.shop' };

// Filters: fields, operators and values that the endpoint has.
profiles.iterate({ filter: (f) => f.equals('email', 'ada@lovelace.shop') });
profiles.iterate({
  filter: ({ and, any, greaterThan }) =>
    and(any('id', ['1', '2']), greaterThan('updatedAt', new Date())),
});
profiles.iterate({ filter: ({ lessOrEqual }) => lessOrEqual('suppressedAt', Date.now()) });
events.iterate({ filter: ({ has }) => has('profile') });
flows.list({ filter: ({ contains }) => contains('name', 'Welcome') });
segments.list({ filter: ({ any }) => any('isActive', [true]) });
campaigns.list({ channel: 'sms', filter: ({ equals }) => equals('isArchived', false) });
lists.members('L1', { filter: ({ greaterOrEqual }) => greaterOrEqual('joinedAt', 0) });
// @ts-expect-error a property of the shop's own can't be filtered on
profiles.iterate({ filter: (f) => f.equals('Favourite Tea', 'Assam') });
// @ts-expect-error an address has no part that could be looked for
profiles.iterate({ filter: (f) => f.contains('email', 'lovelace') });
// @ts-expect-error a moment of a profile has no "or equal"
profiles.iterate({ filter: (f) => f.greaterOrEqual('createdAt', 0) });
// @ts-expect-error a moment is a Date or a number
profiles.iterate({ filter: (f) => f.greaterThan('createdAt', '2026-01-01') });
// @ts-expect-error any takes a list
profiles.iterate({ filter: (f) => f.any('email', 'ada@lovelace.shop') });
// @ts-expect-error equals takes one value
profiles.iterate({ filter: (f) => f.equals('email', ['ada@lovelace.shop']) });
// @ts-expect-error nothing is compared in has
events.iterate({ filter: (f) => f.has('metricId') });
// @ts-expect-error a flag is true or false
flows.list({ filter: (f) => f.equals('isArchived', 'no') });
// @ts-expect-error a campaign's status is one of Klaviyo's
campaigns.list({ channel: 'email', filter: (f) => f.equals('status', 'Send') });
// @ts-expect-error a filter is one of its own endpoint's
profiles.iterate({ filter: (f) => flows.list({ filter: () => f.equals('email', 'a') }) });
// @ts-expect-error lists have no filter for their members' addresses
lists.list({ filter: (f) => f.equals('email', 'ada@lovelace.shop') });

// Sorting, page sizes and sparse fieldsets.
profiles.iterate({ sort: '-suppressedAt', pageSize: 100, fields: ['email', 'createdAt'] });
events.iterate({ sort: 'at', pageSize: 1000, include: ['metric'] });
lists.list({ pageSize: 10 });
flows.list({ pageSize: 50, sort: 'triggerType' });
// @ts-expect-error profiles can't be sorted by their names
profiles.iterate({ sort: 'firstName' });
// @ts-expect-error a page of profiles has 100 at the most
profiles.iterate({ pageSize: 101 });
// @ts-expect-error a page of lists has 10
lists.list({ pageSize: 20 });
// @ts-expect-error a page of flows has 50
flows.list({ pageSize: 51 });
// @ts-expect-error a page of events has 1000
events.iterate({ pageSize: 1001 });
// @ts-expect-error a page has one at the least
events.iterate({ pageSize: 0 });
// @ts-expect-error the page size of metrics is Klaviyo's
metrics.list({ pageSize: 10 });
// @ts-expect-error any number may be too large
profiles.iterate({ pageSize: size });
// @ts-expect-error a profile has no age
profiles.iterate({ fields: ['age'] });
// @ts-expect-error events come with their profile or metric, and nothing else
events.iterate({ include: ['attributions'] });

// What was asked for is what comes.
export const whole: Walk<StoredProfile> = profiles.iterate();
export const some: Walk<Pick<StoredProfile, 'id' | 'email'>> = profiles.iterate({
  fields: ['email'],
});
export const members: Walk<Member> = lists.members('L1');
export const happened: Walk<StoredEvent> = events.iterate();
export const sent: Walk<Campaign> = campaigns.list({
  channel: 'email',
  status: ['Sent', 'Sending'],
});
export async function read(): Promise<void> {
  for await (const profile of profiles.iterate({ fields: ['email'] })) {
    profile.email satisfies string | undefined;
    // @ts-expect-error it was not asked for
    profile.firstName;
  }
  const rows = await campaigns.performance({
    ...{ statistics: ['openRate', 'conversionValue'], timeframe: 'last_30_days' },
    conversionMetricId: 'M1',
  });
  rows[0]?.statistics.openRate satisfies number | undefined;
  // @ts-expect-error it was not asked for
  rows[0]?.statistics.clicks;
}

// Calls.
campaigns.list({ channel: 'mobile_push' });
// @ts-expect-error Klaviyo lists the campaigns of one channel
campaigns.list({});
// @ts-expect-error there is no such channel
campaigns.list({ channel: 'fax' });
// @ts-expect-error a report needs a conversion metric
campaigns.performance({ statistics: ['opens'], timeframe: 'today' });
// @ts-expect-error a report needs a statistic
campaigns.performance({ statistics: [], timeframe: 'today', conversionMetricId: 'M1' });
// @ts-expect-error there is no such statistic
flows.performance({ statistics: ['likes'], timeframe: 'today', conversionMetricId: 'M1' });
// @ts-expect-error there is no such timeframe
flows.performance({ statistics: ['opens'], timeframe: 'last_2_days', conversionMetricId: 'M1' });

profiles.upsert({ ...ada, properties: { Anything: [1] }, append: { Tags: 'a' } });
profiles.update('P1', { firstName: null, location: { city: null }, properties: null });
// @ts-expect-error an anonymous id goes with events
profiles.upsert({ anonymousId: 'browser-1' });
// @ts-expect-error null would clear nothing at an upsert
profiles.upsert({ ...ada, firstName: null });
// @ts-expect-error what is removed is named in a list
profiles.unset('P1', 'Tags');

events.track(ada, viewedProduct({ id: '17', name: 'Cup' }));
events.track(ada, placedOrder(order));
events.track(ada, { name: 'Viewed Product', properties: { ProductName: 'Cup', ProductID: '17' } });
events.track(ada, { name: 'Tasted Sample', properties: { Anything: 1 }, backfill: true });
events.track({ anonymousId: 'browser-1' }, { name });
events.trackAll(orderedProducts(order).map((event) => ({ profile: ada, ...event })));
// @ts-expect-error a property the metric does not have
events.track(ada, { name: 'Viewed Product', properties: { ProductName: 'Cup', ProductId: '17' } });
// @ts-expect-error a value is a number
events.track(ada, { name: 'Tasted Sample', value: '12' });
// @ts-expect-error an event is somebody's
events.trackAll([{ name: 'Tasted Sample' }]);

subscriptions.subscribe([{ ...ada, channels: ['email', 'smsTransactional'] }], { listId: 'L1' });
subscriptions.unsubscribe([{ ...ada, channels: ['email'] }], { from: { listId: 'L1' } });
subscriptions.unsubscribe([{ ...ada, channels: ['sms'] }], { from: 'everything' });
// @ts-expect-error to what has to be said
subscriptions.subscribe([{ ...ada, channels: [] }]);
// @ts-expect-error from what has to be said
subscriptions.unsubscribe([{ ...ada, channels: ['email'] }]);
// @ts-expect-error from what has to be said in full
subscriptions.unsubscribe([{ ...ada, channels: ['email'] }], {});
// @ts-expect-error a webhook is about something
webhooks.create({ name: 'W', endpointUrl: 'https://shop.test/', secret: 's', topics: [] });

klaviyo.request<{ data: { id: string } }>('GET', '/api/tags/1').then(({ body }) => body.data.id);
// @ts-expect-error a path of the private API
klaviyo.request('GET', '/client/events');

const options = { privateKey: 'pk_1' };
export const durable: KlaviyoWithOutbox = createKlaviyo({ ...options, outbox });
durable.syncOrder('placed', order);
durable.syncOrder('refunded', { id: '1', total: 5, currency: 'EUR' });
// @ts-expect-error without an outbox nothing is kept
createKlaviyo(options).syncOrder('placed', order);
// @ts-expect-error an order has lines
durable.syncOrder('placed', { id: '1', total: 5, currency: 'EUR' });
// @ts-expect-error the key is required
createKlaviyo({});

createWebhookHandler({
  secret: 's',
  store: new Set(),
  on: { 'event:klaviyo.opened_email': ({ event, payload }) => [event?.at, payload] },
});
// @ts-expect-error without a secret everybody could sign
createWebhookHandler({ on: {} });
