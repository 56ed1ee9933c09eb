import { describe, expect, it } from 'vitest';
import {
  addedToCart,
  type Cart,
  type Item,
  startedCheckout,
  viewedProduct,
} from '../../src/shared/commerce.js';

const MUG: Item = {
  id: '1111',
  name: 'Tide Mug',
  sku: 'TIDE-MUG',
  price: 19.99,
  compareAtPrice: 24,
  currency: 'EUR',
  brand: 'Estuary',
  url: 'https://shop.test/tide-mug',
  imageUrl: 'https://shop.test/tide-mug.png',
  categories: ['Mugs', 'Sale'],
  quantity: 3,
};
const BOWL: Item = { id: '2222', name: 'Reed Bowl', categories: ['Bowls', 'Sale'], quantity: 1 };
const CART: Cart = {
  id: 'cart-7',
  items: [MUG, BOWL],
  total: 89.97,
  checkoutUrl: 'https://shop.test/checkout/cart-7',
};
const ITEMS = [
  {
    ProductID: '1111',
    SKU: 'TIDE-MUG',
    ProductName: 'Tide Mug',
    Quantity: 3,
    ItemPrice: 19.99,
    RowTotal: 59.97,
    ProductURL: 'https://shop.test/tide-mug',
    ImageURL: 'https://shop.test/tide-mug.png',
    ProductCategories: ['Mugs', 'Sale'],
  },
  {
    ProductID: '2222',
    ProductName: 'Reed Bowl',
    Quantity: 1,
    ProductCategories: ['Bowls', 'Sale'],
  },
];

describe('viewedProduct', () => {
  it("carries the guide's property names, the price as value", () => {
    expect(viewedProduct(MUG)).toStrictEqual({
      name: 'Viewed Product',
      properties: {
        ProductName: 'Tide Mug',
        ProductID: '1111',
        SKU: 'TIDE-MUG',
        Categories: ['Mugs', 'Sale'],
        ImageURL: 'https://shop.test/tide-mug.png',
        URL: 'https://shop.test/tide-mug',
        Brand: 'Estuary',
        Price: 19.99,
        CompareAtPrice: 24,
      },
      value: 19.99,
      valueCurrency: 'EUR',
    });
  });

  it('leaves out what the product does not have, the currency of nothing too', () => {
    const bare = { id: '1', name: 'Thing', currency: 'EUR', sku: undefined, brand: null };
    expect(viewedProduct(bare as never)).toStrictEqual({
      name: 'Viewed Product',
      properties: { ProductName: 'Thing', ProductID: '1' },
    });
  });

  it('keeps a price of 0', () => {
    expect(viewedProduct({ id: '1', name: 'Gift', price: 0 })).toMatchObject({
      properties: { Price: 0 },
      value: 0,
    });
  });
});

describe('addedToCart', () => {
  it('is worth the cart, and names the added item both ways', () => {
    expect(addedToCart({ ...MUG, quantity: 2 }, CART)).toStrictEqual({
      name: 'Added to Cart',
      properties: {
        AddedItemProductName: 'Tide Mug',
        AddedItemProductID: '1111',
        AddedItemSKU: 'TIDE-MUG',
        AddedItemCategories: ['Mugs', 'Sale'],
        AddedItemImageURL: 'https://shop.test/tide-mug.png',
        AddedItemURL: 'https://shop.test/tide-mug',
        AddedItemPrice: 19.99,
        AddedItemQuantity: 2,
        ItemNames: ['Tide Mug', 'Reed Bowl'],
        CheckoutURL: 'https://shop.test/checkout/cart-7',
        Items: ITEMS,
        ProductID: '1111',
        ProductName: 'Tide Mug',
        Price: 19.99,
        Quantity: 2,
        CartTotal: 89.97,
      },
      value: 89.97,
      valueCurrency: 'EUR',
    });
  });

  it("prefers the cart's currency, and falls back to the added item's", () => {
    expect(addedToCart(MUG, { ...CART, currency: 'USD' }).valueCurrency).toBe('USD');
    expect(addedToCart(MUG, { items: [BOWL], total: 5 }).valueCurrency).toBe('EUR');
    expect(addedToCart(BOWL, { items: [BOWL], total: 5 })).not.toHaveProperty('valueCurrency');
  });

  it('multiplies without the noise of binary fractions', () => {
    const row = (price: number, quantity: number) =>
      addedToCart(BOWL, { items: [{ ...BOWL, price, quantity }], total: 1 }).properties.Items;
    expect(row(0.1, 3)).toMatchObject([{ RowTotal: 0.3 }]);
    // Kuwait's dinar has three decimals.
    expect(row(1.235, 3)).toMatchObject([{ RowTotal: 3.705 }]);
  });
});

describe('startedCheckout', () => {
  it('carries the cart, each category once, under the id of cart and second', () => {
    expect(startedCheckout(CART, 1_795_348_800_999)).toStrictEqual({
      name: 'Started Checkout',
      properties: {
        ItemNames: ['Tide Mug', 'Reed Bowl'],
        CheckoutURL: 'https://shop.test/checkout/cart-7',
        Items: ITEMS,
        Categories: ['Mugs', 'Sale', 'Bowls'],
      },
      value: 89.97,
      valueCurrency: 'EUR',
      uniqueId: 'cart-7_1795348800',
    });
  });

  it('takes the present second by default', () => {
    const before = Math.floor(Date.now() / 1000);
    const [, second] = startedCheckout(CART).uniqueId!.split('_');
    expect(Number(second)).toBeGreaterThanOrEqual(before);
    expect(Number(second)).toBeLessThanOrEqual(Math.floor(Date.now() / 1000));
  });

  it('leaves the id to the client when the cart has none, and categories when there are none', () => {
    const event = startedCheckout({ items: [{ id: '1', name: 'Thing', quantity: 1 }], total: 5 });
    expect(event).not.toHaveProperty('uniqueId');
    expect(event.properties).not.toHaveProperty('Categories');
  });

  it('does not change the cart', () => {
    const frozen = Object.freeze({ ...CART, items: Object.freeze([Object.freeze(MUG)]) });
    expect(() => startedCheckout(frozen as unknown as Cart)).not.toThrow();
  });
});
