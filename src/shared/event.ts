/**
 * The metrics whose properties are known by type. A shop adds its own, or fields of its own, by
 * declaration merging:
 *
 * ```ts
 * declare module 'klaviyo-storefront' {
 *   interface EventMap { 'Tasted Sample': { Flavour: string } }
 *   interface ViewedProductProperties { Market?: string }
 * }
 * ```
 *
 * Property names are those of Klaviyo's guide "Integrate a platform without a pre-built integration".
 * They must stay interfaces: a type alias cannot be merged into.
 */
export interface EventMap {
  'Active on Site': ActiveOnSiteProperties;
  'Viewed Product': ViewedProductProperties;
  'Added to Cart': AddedToCartProperties;
  'Started Checkout': StartedCheckoutProperties;
}

/** Properties of "Active on Site". */
export interface ActiveOnSiteProperties {
  /** URL of the page. */
  page?: string;
  /** Host the visitor came from. */
  referrer?: string;
}

/** Properties of "Viewed Product". */
export interface ViewedProductProperties {
  ProductName: string;
  ProductID: string;
  SKU?: string;
  Categories?: string[];
  ImageURL?: string;
  URL?: string;
  Brand?: string;
  Price?: number;
  CompareAtPrice?: number;
}

/** One line of a cart, as events from the browser carry it. */
export interface ItemProperties {
  ProductID: string;
  SKU?: string;
  ProductName: string;
  Quantity: number;
  ItemPrice?: number;
  RowTotal?: number;
  ProductURL?: string;
  ImageURL?: string;
  ProductCategories?: string[];
}

/** Properties of "Added to Cart": what was added, and the cart as it is afterwards. */
export interface AddedToCartProperties {
  AddedItemProductName: string;
  AddedItemProductID: string;
  AddedItemSKU?: string;
  AddedItemCategories?: string[];
  AddedItemImageURL?: string;
  AddedItemURL?: string;
  AddedItemPrice?: number;
  AddedItemQuantity?: number;
  ItemNames?: string[];
  CheckoutURL?: string;
  Items?: ItemProperties[];
  /** The added item again, under the plain names that existing flows filter on. */
  ProductID?: string;
  ProductName?: string;
  Price?: number;
  Quantity?: number;
  CartTotal?: number;
}

/** Properties of "Started Checkout". */
export interface StartedCheckoutProperties {
  ItemNames?: string[];
  CheckoutURL?: string;
  Categories?: string[];
  Items?: ItemProperties[];
}

/** A metric's name: one of `EventMap`, or any other. */
export type EventName = keyof EventMap | (string & Record<never, never>);

/** What the metric `Name` may carry: checked for those of `EventMap`, anything for others. */
export type PropertiesOf<Name extends string> = Name extends keyof EventMap
  ? EventMap[Name]
  : Record<string, unknown>;

/** What an event has beside its name and properties. */
export interface TrackOptions {
  /** What it was worth, in `valueCurrency`. Has to be a finite number. */
  value?: number;
  /** ISO 4217, for example `EUR`. Default: the account's currency. */
  valueCurrency?: string;
  /**
   * Under this id Klaviyo records the event once for a profile and metric, however often it is sent.
   * Default: a new UUID. At most 255 characters.
   */
  uniqueId?: string;
  /** When it happened: a Date, or epoch ms. Default: now. */
  time?: Date | number;
}

/** An event ready to be tracked, for example from `viewedProduct`. */
export interface TrackedEvent extends TrackOptions {
  name: string;
  properties: Record<string, unknown>;
}

/** How a client's `track` is called. */
export interface Track {
  /**
   * Keeps an event and sends it when it can.
   * @returns its uniqueId once it is durable, `undefined` when it was dropped. Never rejects.
   */
  (event: TrackedEvent): Promise<string | undefined>;
  <Name extends EventName>(
    name: Name,
    properties?: PropertiesOf<Name>,
    options?: TrackOptions,
  ): Promise<string | undefined>;
}
