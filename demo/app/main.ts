// The shop once more as a single-page app, with the npm import instead of the script tag. It shares
// the queue and the visitor with the other pages: same origin, same company.
import {
  addedToCart,
  type Consent,
  createClient,
  type Product,
  startedCheckout,
  viewedProduct,
} from 'klaviyo-storefront';
import { connectAccount } from '../public/account.js';
import { addToCart, money, readCart, say, showCount } from '../public/cart.js';
import { el, summaryView } from '../public/cart-view.js';
import { connectCheckout } from '../public/checkout.js';

type Piece = Product & { slug: string; price: number; url: string; imageUrl: string; text: string };

const { companyId = '', sandbox = '', consent } = document.documentElement.dataset;
const client = createClient({ companyId, apiHost: sandbox, consent: consent as Consent });

const pieces: Piece[] = JSON.parse(
  document.querySelector('#catalogue-data')?.textContent ?? '[]',
).map((piece: Piece) => ({
  ...piece,
  url: new URL(piece.url, location.href).href,
  imageUrl: new URL(piece.imageUrl, location.href).href,
}));

const picture = (piece: Piece) =>
  el(
    'span',
    { class: `tile tone-${piece.slug}` },
    el('img', { src: piece.imageUrl, alt: '', width: 400, height: 400 }),
  );

const card = (piece: Piece) =>
  el(
    'li',
    { class: 'card' },
    el(
      'a',
      { href: `#/${piece.slug}` },
      picture(piece),
      el(
        'span',
        { class: 'card-text' },
        el('b', {}, piece.name),
        el('span', { class: 'price' }, money(piece.price)),
      ),
    ),
  );

const button = (label: string, onClick: () => void, className = '') => {
  const node = el('button', { type: 'button', class: className }, label);
  node.addEventListener('click', onClick);
  return node;
};

function listView(): Node[] {
  return [
    el('h1', {}, 'The pieces, as an app'),
    el(
      'p',
      { class: 'lead' },
      'One page, no reloads: this one imports createClient and the typed event builders from npm.',
    ),
    el('ul', { class: 'grid' }, ...pieces.map(card)),
    el('p', { class: 'buttons' }, el('a', { class: 'button', href: '#/checkout' }, 'Checkout')),
  ];
}

function pieceView(piece: Piece): Node[] {
  void client.track(viewedProduct(piece));
  const add = () => {
    const cart = addToCart(piece, 1);
    void client.track(addedToCart({ ...piece, quantity: 1 }, cart));
    say(`${piece.name} is in your cart`);
  };
  const text = el(
    'div',
    {},
    el('h1', {}, piece.name),
    el('p', { class: 'price' }, money(piece.price)),
    el('p', { class: 'lead' }, piece.text),
    el(
      'p',
      { class: 'buttons' },
      button('Add to cart', add, 'primary'),
      el('a', { class: 'button quiet', href: '#/checkout' }, 'Checkout'),
    ),
  );
  return [
    el('p', { class: 'crumbs' }, el('a', { href: '#/' }, 'All pieces')),
    el('article', { class: 'product' }, picture(piece), text),
  ];
}

const field = (
  name: string,
  label: string,
  autocomplete: string,
  { class: className = 'field', type = 'text' } = {},
) =>
  el(
    'p',
    { class: className },
    el('label', { for: name }, label),
    el('input', { id: name, name, type, autocomplete, required: '' }),
  );

function checkoutView(): Node[] {
  const cart = readCart();
  const back = el('p', { class: 'crumbs' }, el('a', { href: '#/' }, 'All pieces'));
  if (cart.items.length === 0) return [back, el('h1', {}, 'Checkout'), summaryView(cart)];
  void client.track(startedCheckout(cart));

  const form = el(
    'form',
    { class: 'fields' },
    field('email', 'Email', 'email', { class: 'field wide', type: 'email' }),
    field('firstName', 'First name', 'given-name'),
    field('lastName', 'Last name', 'family-name'),
    field('address', 'Street and number', 'street-address', { class: 'field wide' }),
    field('zip', 'Postal code', 'postal-code'),
    field('city', 'Town', 'address-level2'),
    el('p', { class: 'problem wide', role: 'alert', 'data-problem': '', hidden: '' }),
    el('p', { class: 'buttons wide' }, el('button', { class: 'primary' }, 'Place the order')),
  ) as HTMLFormElement;
  connectCheckout(form, {
    identify: ({ email = '', firstName = '', lastName = '', address = '', zip = '', city = '' }) =>
      void client.identify({
        email,
        firstName,
        lastName,
        location: { address1: address, zip, city },
      }),
    visitor: () => client.visitor(),
  });
  const summary = el('div', { class: 'summary' }, el('h2', {}, 'Your order'), summaryView(cart));
  return [back, el('h1', {}, 'Checkout'), el('div', { class: 'split' }, form, summary)];
}

const root = document.querySelector('#app');

function show(): void {
  const route = location.hash.slice(2);
  const piece = pieces.find(({ slug }) => slug === route);
  root?.replaceChildren(
    ...(piece ? pieceView(piece) : route === 'checkout' ? checkoutView() : listView()),
  );
}

showCount();
connectAccount({
  identify: (email) => void client.identify({ email }),
  reset: () => void client.reset(),
});
addEventListener('hashchange', () => {
  show();
  scrollTo(0, 0);
  document.querySelector('main')?.focus();
});
show();
