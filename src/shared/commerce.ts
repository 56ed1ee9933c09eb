import type { EventMap, ItemProperties, TrackedEvent, TrackOptions } from './event.js';

/** A product as the shop knows it. What is absent is left out of the event. */
export interface Product {
  /** The id the product has in the catalogue that Klaviyo syncs, so that flows find it there. */
  id: string;
  name: string;
  sku?: string;
  /** Of one piece, in `currency`. */
  price?: number;
  /** Price before the discount. */
  compareAtPrice?: number;
  /** ISO 4217, for example `EUR`. */
  currency?: string;
  brand?: string;
  /** Absolute: it ends up as a link in mails. */
  url?: string;
  /** Absolute. */
  imageUrl?: string;
  categories?: string[];
}

/** A product in a cart. */
export interface Item extends Product {
  quantity: number;
}

/** A cart, as it is after the change. */
export interface Cart {
  /** Makes "Started Checkout" recognisable as one of this cart. */
  id?: string;
  items: Item[];
  total: number;
  /** ISO 4217. Default: that of the items. */
  currency?: string;
  /** Where the cart can be resumed, absolute. */
  checkoutUrl?: string;
}

/** Optional fields may be `undefined` here; required ones stay required. */
type Loose<T> = {
  [K in keyof T]: Record<never, never> extends Pick<T, K> ? T[K] | undefined : T[K];
};

/** Without the fields that have no value: to Klaviyo a null is "never set", and it costs bytes. */
const present = <T = Record<string, unknown>>(fields: object): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as T;

const event = <Name extends keyof EventMap>(
  name: Name,
  properties: Loose<EventMap[Name]>,
  options: Loose<TrackOptions>,
): TrackedEvent => ({ name, properties: present(properties), ...present<TrackOptions>(options) });

/** A value has a currency only if there is a value. */
const worth = (value: number | undefined, currency: string | undefined) => ({
  value,
  valueCurrency: value == null ? undefined : currency,
});

/** Four decimals: finer than any currency, coarser than what 3 * 19.99 leaves behind. */
const rowTotal = (item: Item): number | undefined =>
  item.price == null ? undefined : Number((item.price * item.quantity).toFixed(4));

const itemProperties = (item: Item): ItemProperties =>
  present<ItemProperties>({
    ProductID: item.id,
    SKU: item.sku,
    ProductName: item.name,
    Quantity: item.quantity,
    ItemPrice: item.price,
    RowTotal: rowTotal(item),
    ProductURL: item.url,
    ImageURL: item.imageUrl,
    ProductCategories: item.categories,
  } satisfies Loose<ItemProperties>);

const cartProperties = (cart: Cart) => ({
  ItemNames: cart.items.map((item) => item.name),
  CheckoutURL: cart.checkoutUrl,
  Items: cart.items.map(itemProperties),
});

const currencyOf = (cart: Cart): string | undefined =>
  cart.currency ?? cart.items.find((item) => item.currency)?.currency;

/** "Viewed Product", worth the product's price. */
export const viewedProduct = (product: Product): TrackedEvent =>
  event(
    'Viewed Product',
    {
      ProductName: product.name,
      ProductID: product.id,
      SKU: product.sku,
      Categories: product.categories,
      ImageURL: product.imageUrl,
      URL: product.url,
      Brand: product.brand,
      Price: product.price,
      CompareAtPrice: product.compareAtPrice,
    },
    worth(product.price, product.currency),
  );

/**
 * "Added to Cart", worth the whole cart.
 * @param item what was added; its quantity is the number added, not the number in the cart.
 * @param cart the cart with the item in it.
 */
export const addedToCart = (item: Item, cart: Cart): TrackedEvent =>
  event(
    'Added to Cart',
    {
      AddedItemProductName: item.name,
      AddedItemProductID: item.id,
      AddedItemSKU: item.sku,
      AddedItemCategories: item.categories,
      AddedItemImageURL: item.imageUrl,
      AddedItemURL: item.url,
      AddedItemPrice: item.price,
      AddedItemQuantity: item.quantity,
      ...cartProperties(cart),
      ProductID: item.id,
      ProductName: item.name,
      Price: item.price,
      Quantity: item.quantity,
      CartTotal: cart.total,
    },
    worth(cart.total, currencyOf(cart) ?? item.currency),
  );

/**
 * "Started Checkout", worth the whole cart. A cart with an id gives a uniqueId of that id and the second,
 * as Klaviyo's guide asks for: a double click counts once, another visit to the checkout counts again.
 * @param at epoch ms of the start. Default: now.
 */
export const startedCheckout = (cart: Cart, at: number = Date.now()): TrackedEvent => {
  const categories = [...new Set(cart.items.flatMap((item) => item.categories ?? []))];
  return event(
    'Started Checkout',
    { ...cartProperties(cart), Categories: categories.length ? categories : undefined },
    {
      ...worth(cart.total, currencyOf(cart)),
      uniqueId: cart.id ? `${cart.id}_${Math.floor(at / 1000)}` : undefined,
    },
  );
};
