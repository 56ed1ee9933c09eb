import type { Item, Product } from 'klaviyo-storefront';

export interface ShopCart {
  id: string;
  items: (Item & { price: number })[];
  total: number;
  currency: string;
  checkoutUrl: string;
}

export function money(amount: number): string;
export function readCart(): ShopCart;
export function addToCart(product: Product, quantity: number): ShopCart;
export function setQuantity(id: string, quantity: number): ShopCart;
export function emptyCart(): void;
export function renewCart(): void;
export function showCount(): void;
export function say(text: string): void;
