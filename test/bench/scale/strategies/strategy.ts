/** How a shop gets its events to Klaviyo: what runs on each of its pages. */
import type { Device, Page } from '../device.js';

/** Who tells what became of an event, by its number; recorded ones are seen at Klaviyo. */
export interface Teller {
  drop: (number: number, reason: string) => void;
  /** Given up without a word. */
  lose: (number: number) => void;
}

export interface Tracker {
  identify: (email: string) => void;
  track: (metric: string, number: number) => void;
}

export interface Strategy {
  name: string;
  title: string;
  /** Starts on a page of a device. */
  open: (page: Page, device: Device, teller: Teller) => Tracker;
  /** Numbers of the events that a device still holds. */
  stored: (device: Device) => number[];
}

/** What an event of a shop's weighs: a product's name, addresses and prices, 250 bytes or so. */
export const propertiesOf = (number: number): Record<string, unknown> => ({
  n: number,
  ProductName: 'Storm jar, stoneware, 1.2 l',
  ProductID: '8413',
  Categories: ['Jars', 'Kitchen'],
  ImageURL: 'https://shop.example/images/storm-jar-800.webp',
  URL: 'https://shop.example/products/storm-jar',
  Brand: 'Estuary',
  Price: 48,
});
