// What a shop's theme would call, in the words of klaviyo.js. All of it works before the tracker has
// arrived: until then `klaviyo` is the stub of snippet.js, which keeps the calls.
import { connectAccount } from './account.js';
import { addToCart, readCart, say, setQuantity, showCount } from './cart.js';
import { cartView, summaryView } from './cart-view.js';
import { connectCheckout } from './checkout.js';

const { klaviyo } = window;
const page = document.querySelector('main').dataset.page;
const absolute = (path) => new URL(path, location.href).href;

const itemOf = (item) => ({
  ProductID: item.id,
  SKU: item.sku,
  ProductName: item.name,
  Quantity: item.quantity,
  ItemPrice: item.price,
  RowTotal: item.price * item.quantity,
  ProductURL: absolute(item.url),
  ImageURL: absolute(item.imageUrl),
  ProductCategories: item.categories,
});

function viewedProduct(product) {
  klaviyo.track('Viewed Product', {
    ProductName: product.name,
    ProductID: product.id,
    SKU: product.sku,
    Categories: product.categories,
    ImageURL: absolute(product.imageUrl),
    URL: absolute(product.url),
    Brand: product.brand,
    Price: product.price,
    ...(product.compareAtPrice && { CompareAtPrice: product.compareAtPrice }),
    $value: product.price,
  });
  klaviyo.trackViewedItem({
    Title: product.name,
    ItemId: product.id,
    Categories: product.categories,
    ImageUrl: absolute(product.imageUrl),
    Url: absolute(product.url),
    Metadata: { Brand: product.brand, Price: product.price },
  });
}

function addedToCart(product, quantity, cart) {
  // The push form, as older themes write it.
  klaviyo.push([
    'track',
    'Added to Cart',
    {
      $value: cart.total,
      AddedItemProductName: product.name,
      AddedItemProductID: product.id,
      AddedItemSKU: product.sku,
      AddedItemCategories: product.categories,
      AddedItemImageURL: absolute(product.imageUrl),
      AddedItemURL: absolute(product.url),
      AddedItemPrice: product.price,
      AddedItemQuantity: quantity,
      ItemNames: cart.items.map(({ name }) => name),
      CheckoutURL: cart.checkoutUrl,
      Items: cart.items.map(itemOf),
    },
  ]);
}

function startedCheckout(cart) {
  klaviyo.track('Started Checkout', {
    $event_id: `${cart.id}_${Math.floor(Date.now() / 1000)}`,
    $value: cart.total,
    ItemNames: cart.items.map(({ name }) => name),
    CheckoutURL: cart.checkoutUrl,
    Categories: [...new Set(cart.items.flatMap(({ categories }) => categories))],
    Items: cart.items.map(itemOf),
  });
}

function productPage() {
  const product = JSON.parse(document.querySelector('#product-data').textContent);
  viewedProduct(product);
  document.querySelector('#add-to-cart').addEventListener('submit', (event) => {
    event.preventDefault();
    const quantity = Number(event.target.elements.quantity.value);
    addedToCart(product, quantity, addToCart(product, quantity));
    if (event.submitter?.value === 'leave') location.assign('/cart');
    else say(`${product.name} is in your cart`);
  });
}

function cartPage() {
  const root = document.querySelector('[data-cart]');
  const show = (cart) => root.replaceChildren(cartView(cart));
  root.addEventListener('change', ({ target }) => {
    if (!target.checkValidity()) return;
    show(setQuantity(target.dataset.id, Number(target.value)));
    root.querySelector(`input[data-id="${target.dataset.id}"]`)?.focus();
  });
  root.addEventListener('click', ({ target }) => {
    const { remove } = target.dataset;
    if (!remove) return;
    show(setQuantity(remove, 0));
    say('Removed');
    document.querySelector('main').focus();
  });
  show(readCart());
}

function checkoutPage() {
  const cart = readCart();
  const form = document.querySelector('#checkout');
  document.querySelector('[data-summary]').replaceChildren(summaryView(cart));
  if (cart.items.length === 0) form.querySelector('.primary').disabled = true;
  else startedCheckout(cart);

  form.elements.email.addEventListener('change', ({ target }) => {
    if (target.value && target.checkValidity()) klaviyo.identify({ email: target.value.trim() });
  });
  connectCheckout(form, {
    identify: ({ email, firstName, lastName, address, zip, city }) =>
      klaviyo.identify({
        ...{ email, first_name: firstName, last_name: lastName },
        ...{ address1: address, zip, city },
      }),
    // There once the script is; an order does not wait for it.
    visitor: () => window.klaviyo.client.visitor?.(),
  });
}

showCount();
connectAccount({
  identify: (email) => klaviyo.identify({ $email: email }),
  // Signing out is ours, not klaviyo.js's: it is there once the script is.
  reset: () => window.klaviyo.client.reset?.(),
});
if (page.startsWith('/products/')) productPage();
else if (page === '/cart') cartPage();
else if (page === '/checkout') checkoutPage();
