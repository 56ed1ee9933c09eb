// The shop's own cart, in localStorage under the shop's own key. Nothing here knows of Klaviyo.
const KEY = 'saltmarsh.cart';

const newCart = () => ({ id: crypto.randomUUID(), items: [] });

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? newCart();
  } catch {
    return newCart(); // Unreadable, or storage is forbidden: the shop goes on with an empty cart.
  }
}

function write(cart) {
  try {
    localStorage.setItem(KEY, JSON.stringify(cart));
  } catch {
    // Storage is forbidden or full: the cart lasts as long as the page.
  }
  showCount();
}

export const money = (amount) =>
  new Intl.NumberFormat('en-IE', {
    style: 'currency',
    currency: 'EUR',
    minimumFractionDigits: 0,
  }).format(amount);

export function readCart() {
  const { id, items } = read();
  const total = items.reduce((sum, { price, quantity }) => sum + price * quantity, 0);
  return { id, items, total, currency: 'EUR', checkoutUrl: `${location.origin}/checkout` };
}

export function addToCart(product, quantity) {
  const cart = read();
  const known = cart.items.find(({ id }) => id === product.id);
  if (known) known.quantity += quantity;
  else cart.items.push({ ...product, quantity });
  write(cart);
  return readCart();
}

/** Zero removes the item. */
export function setQuantity(id, quantity) {
  const cart = read();
  for (const item of cart.items) if (item.id === id) item.quantity = quantity;
  cart.items = cart.items.filter((item) => item.quantity > 0);
  write(cart);
  return readCart();
}

export const emptyCart = () => write(newCart());

/** The same pieces as a cart of their own: what was ordered under the old id is another order. */
export const renewCart = () => write({ ...read(), id: newCart().id });

export function showCount() {
  const count = read().items.reduce((sum, { quantity }) => sum + quantity, 0);
  const badge = document.querySelector('[data-cart-count]');
  badge.textContent = count;
  badge.hidden = count === 0;
  badge.setAttribute('aria-label', `${count} ${count === 1 ? 'piece' : 'pieces'}`);
}

let toastTimer;
/** Says something in the page's status line, for eyes and screen readers alike. */
export function say(text) {
  const toast = document.querySelector('[data-toast]');
  toast.textContent = text;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => {
    toast.textContent = '';
  }, 3500);
}
