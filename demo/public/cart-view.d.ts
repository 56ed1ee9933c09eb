import type { ShopCart } from './cart.js';

export function el(
  tag: string,
  attributes?: Record<string, string | number | false | undefined>,
  ...children: (Node | string)[]
): HTMLElement;
export function summaryView(cart: ShopCart): HTMLElement;
