/** What a shop writes to have its own metrics, and its own properties of ours, checked. */
import type { Client, PropertiesOf } from 'klaviyo-storefront';

declare module 'klaviyo-storefront' {
  interface EventMap {
    'Booked Tasting': { Seats: number; Cellar?: string };
  }
  interface ViewedProductProperties {
    Vintage?: number;
  }
}

declare const client: Client;

export const right = [
  client.track('Booked Tasting', { Seats: 2 }),
  client.track('Viewed Product', { ProductName: 'Riesling', ProductID: '7', Vintage: 2019 }),
];

export const wrong = [
  // @ts-expect-error a wrong name
  client.track('Booked Tasting', { Seats: 2, Celar: 'North' }),
  // @ts-expect-error a wrong type
  client.track('Booked Tasting', { Seats: 'two' }),
  // @ts-expect-error the merged property has a type
  client.track('Viewed Product', { ProductName: 'Riesling', ProductID: '7', Vintage: 'old' }),
];

export const booking: PropertiesOf<'Booked Tasting'> = { Seats: 2, Cellar: 'North' };
