// The cart as DOM nodes: the cart page's rows, and the short list beside the checkout.
import { money } from './cart.js';

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

const total = (cart) =>
  el('p', { class: 'total' }, el('span', {}, 'Total'), el('span', {}, money(cart.total)));

function row(item) {
  const label = `Quantity of ${item.name}`;
  return el(
    'li',
    {},
    el(
      'a',
      { class: 'tile', href: item.url, tabindex: '-1', 'aria-hidden': 'true' },
      el('img', { src: item.imageUrl, alt: '', width: 400, height: 400 }),
    ),
    el(
      'div',
      {},
      el('a', { href: item.url }, item.name),
      el('br'),
      el('button', { type: 'button', class: 'link', 'data-remove': item.id }, 'Remove'),
    ),
    el(
      'div',
      { class: 'amount' },
      el('input', {
        type: 'number',
        min: 1,
        max: 99,
        value: item.quantity,
        'data-id': item.id,
        'aria-label': label,
      }),
      el('span', { class: 'price' }, money(item.price * item.quantity)),
    ),
  );
}

export function cartView(cart) {
  if (cart.items.length === 0) {
    return el(
      'div',
      { class: 'prose' },
      el('p', { class: 'lead' }, 'Nothing in it yet.'),
      el('p', {}, el('a', { class: 'button', href: '/' }, 'See the pieces')),
    );
  }
  return el(
    'div',
    { class: 'split' },
    el('ul', { class: 'rows' }, ...cart.items.map(row)),
    el(
      'aside',
      { class: 'summary', 'aria-label': 'Total' },
      el('h2', {}, 'Together'),
      el('p', { class: 'hint' }, 'Wrapping and posting are on us: it is a demo.'),
      total(cart),
      el('a', { class: 'button', href: '/checkout' }, 'To the checkout'),
    ),
  );
}

export function summaryView(cart) {
  if (cart.items.length === 0) {
    return el('p', {}, 'The cart is empty. ', el('a', { href: '/' }, 'See the pieces'));
  }
  const lines = cart.items.map(({ name, quantity, price }) =>
    el('li', {}, `${quantity} × ${name}`, el('span', { class: 'price' }, money(price * quantity))),
  );
  return el('div', {}, el('ul', { class: 'plain' }, ...lines), total(cart));
}
