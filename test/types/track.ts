/** Right and wrong calls of `track`. Nothing here runs: `tsc` is the test. */
import {
  addedToCart,
  type Cart,
  type Client,
  createClient,
  type EventName,
  type Item,
  type ItemProperties,
  type Product,
  type PropertiesOf,
  startedCheckout,
  type TrackedEvent,
  type TrackOptions,
  viewedProduct,
} from 'klaviyo-storefront';

declare const client: Client;
declare const product: Product;
declare const item: Item;
declare const cart: Cart;
declare const name: string;
declare const line: ItemProperties;

export const results: Promise<string | undefined>[] = [
  client.track('Viewed Product', { ProductName: 'Tide Mug', ProductID: '1111' }),
  client.track('Viewed Product', { ProductName: 'Tide Mug', ProductID: '1111' }, { value: 12 }),
  client.track('Added to Cart', {
    AddedItemProductName: 'Tide Mug',
    AddedItemProductID: '1111',
    Items: [{ ProductID: '1111', ProductName: 'Tide Mug', Quantity: 1, ItemPrice: 12 }],
    CartTotal: 12,
  }),
  client.track('Started Checkout', { ItemNames: ['Tide Mug'], CheckoutURL: 'https://shop.test/c' }),
  client.track('Active on Site'),
  client.track('Tasted Sample', { Flavour: 'Plum', Nested: { Anything: [1, null] } }),
  client.track(name, { Anything: 1 }),
  client.track('Tasted Sample'),
  client.track('Tasted Sample', undefined, { time: new Date(), uniqueId: 'tasting-1' }),
  client.track('Tasted Sample', {}, { time: 0, value: 1, valueCurrency: 'EUR' }),
  client.track(viewedProduct(product)),
  client.track(addedToCart(item, cart)),
  client.track(startedCheckout(cart)),
  client.track({ name: 'Tasted Sample', properties: {} }),
];

export const wrong = [
  // @ts-expect-error a property the metric does not have
  client.track('Viewed Product', { ProductName: 'Tide Mug', ProductID: '1111', Prise: 12 }),
  // @ts-expect-error a required property is missing
  client.track('Viewed Product', { ProductName: 'Tide Mug' }),
  // @ts-expect-error a price is a number, so that flows can compare it
  client.track('Viewed Product', { ProductName: 'Tide Mug', ProductID: '1111', Price: '12 EUR' }),
  // @ts-expect-error all of its properties are optional, and this is none of them
  client.track('Started Checkout', { CheckoutUrl: 'https://shop.test/c' }),
  // @ts-expect-error a line of the cart without a quantity
  client.track('Started Checkout', { Items: [{ ProductID: '1111', ProductName: 'Tide Mug' }] }),
  // @ts-expect-error a line of the cart with a wrong name
  client.track('Started Checkout', { Items: [{ ...line, Colour: 'blue' }] }),
  // @ts-expect-error properties are an object
  client.track('Tasted Sample', 'Plum'),
  // @ts-expect-error no such option
  client.track('Tasted Sample', {}, { currency: 'EUR' }),
  // @ts-expect-error a value is a number
  client.track('Tasted Sample', {}, { value: '12' }),
  // @ts-expect-error an event has a name
  client.track({ properties: {} }),
  // @ts-expect-error an event has its options in itself
  client.track({ name: 'Tasted Sample', properties: {}, currency: 'EUR' }),
  // @ts-expect-error an item in a cart has a quantity
  addedToCart(product, cart),
  // @ts-expect-error a product has an id
  viewedProduct({ name: 'Tide Mug' }),
  // @ts-expect-error the company id is required
  createClient({}),
];

// The helper types.
export const viewed: PropertiesOf<'Viewed Product'> = {
  ProductName: 'Tide Mug',
  ProductID: '1111',
};
export const other: PropertiesOf<'Tasted Sample'> = { Anything: true };
export const names: EventName[] = ['Viewed Product', 'Tasted Sample', name];
export const options: TrackOptions = { value: 1, time: Date.UTC(2026, 10, 22) };
export const event: TrackedEvent = { name: 'Tasted Sample', properties: {}, ...options };
