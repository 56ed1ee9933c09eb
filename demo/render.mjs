import { readFileSync } from 'node:fs';
import { money, products } from './products.mjs';

const inspector = readFileSync(new URL('./inspector.html', import.meta.url), 'utf8');

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text) => String(text).replace(/[&<>"']/g, (character) => ENTITIES[character]);
const dataBlock = (id, value) =>
  `<script type="application/json" id="${id}">${JSON.stringify(value).replace(/</g, '\\u003c')}</script>`;

/** The three lines a shop adds to its pages: the stub, the tracker, and nothing inline. */
const tracker = ({ companyId, sandboxUrl, consent, integrity }) => `
  <script src="/dist/snippet.js" integrity="${integrity['snippet.js']}" crossorigin="anonymous"></script>
  <script async src="/dist/script.js?company_id=${companyId}" data-api-host="${sandboxUrl}" data-consent="${consent}" integrity="${integrity['script.js']}" crossorigin="anonymous"></script>
  <script type="module" src="/assets/shop.js"></script>`;

const appBundle = ({ appIntegrity }) => `
  <script type="module" src="/assets/app.js" integrity="${appIntegrity}" crossorigin="anonymous"></script>`;

function layout(shop, { title, page, content, data = '', scripts = tracker }) {
  const link = (href, label) =>
    `<a href="${href}"${href === page ? ' aria-current="page"' : ''}>${label}</a>`;
  return `<!doctype html>
<html lang="en" data-run="${shop.runId}" data-company-id="${shop.companyId}" data-sandbox="${shop.sandboxUrl}" data-consent="${shop.consent}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${escapeHtml(title)} · Saltmarsh</title>
  <link rel="icon" href="/assets/images/mark.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/assets/shop.css">
  <link rel="stylesheet" href="/assets/shop-forms.css">
  <link rel="stylesheet" href="/assets/shop-parts.css">
  <link rel="stylesheet" href="/assets/inspector.css">
  <link rel="stylesheet" href="/assets/inspector-parts.css">
  <link rel="stylesheet" href="/assets/inspector-orders.css">
  <script src="/assets/inspector-boot.js"></script>${scripts(shop)}
  <script type="module" src="/assets/inspector.js"></script>
</head>
<body>
  <div class="page">
  <a class="skip" href="#main">Skip to content</a>
  <p class="notice">A demo: no event leaves this computer.</p>
  <header class="top">
    <a class="mark" href="/"><img src="/assets/images/mark.svg" alt="" width="30" height="30"> Saltmarsh</a>
    <nav aria-label="Shop">
      ${link('/', 'Pieces')}
      ${link('/app', 'App')}
      <a href="/cart"${page === '/cart' ? ' aria-current="page"' : ''}>Cart <span class="count" data-cart-count hidden></span></a>
      <button type="button" class="account" data-account aria-haspopup="dialog">Sign in</button>
    </nav>
  </header>
  <main id="main" tabindex="-1" data-page="${page}">${content}</main>
  <footer><p>Saltmarsh is a made-up pottery. The tracker on this page is <code>klaviyo-storefront</code>.</p></footer>
  </div>
  <p class="toast" role="status" data-toast></p>
  <dialog id="sign-in" aria-labelledby="sign-in-title">
    <form method="dialog">
      <h2 id="sign-in-title">Sign in</h2>
      <p>No password: the demo only needs to know who is here. Signing in identifies the visitor and releases what was held.</p>
      <label for="sign-in-email">Email</label>
      <input id="sign-in-email" name="email" type="email" autocomplete="email" placeholder="ada@lovelace.shop" required>
      <p class="buttons"><button class="primary" value="ok">Sign in</button>
      <button type="submit" value="cancel" formnovalidate>Cancel</button></p>
    </form>
  </dialog>
  ${data}
  ${inspector}
</body>
</html>
`;
}

const picture = (piece, className, loading = 'lazy') =>
  `<span class="tile ${className}"><img src="${piece.imageUrl}" alt="" width="400" height="400" loading="${loading}"></span>`;

const price = ({ price, compareAtPrice }) =>
  `${compareAtPrice ? `<s><span class="unseen">was </span>${money(compareAtPrice)}</s> ` : ''}<span>${money(price)}</span>`;

const card = (piece) => `
  <li class="card"><a href="${piece.url}">${picture(piece, `tone-${piece.slug}`)}
    <span class="card-text"><b>${escapeHtml(piece.name)}</b><span class="price">${price(piece)}</span>
    <small>${escapeHtml(piece.glaze)}</small></span></a></li>`;

const hero = `
  <section class="hero">
    <div>
      <h1>Stoneware for the&nbsp;table by&nbsp;the&nbsp;window.</h1>
      <p>Eight pieces, thrown in small numbers and fired once a month. Made to be used every day and to outlast a few tables.</p>
      <p><a class="button" href="/products/tide-mug">See the Tide mug</a></p>
    </div>
    <div class="shelf" aria-hidden="true">
      <img src="/assets/images/heron-vase.svg" alt="" width="400" height="400">
      <img src="/assets/images/reed-bowl.svg" alt="" width="400" height="400">
      <img src="/assets/images/tide-mug.svg" alt="" width="400" height="400">
    </div>
  </section>`;

export const catalogue = (shop) =>
  layout(shop, {
    title: 'Stoneware',
    page: '/',
    content: `${hero}
  <section aria-labelledby="pieces"><h2 id="pieces">The pieces</h2>
  <ul class="grid">${products.map(card).join('')}</ul></section>`,
  });

export function product(shop, piece) {
  const others = products.filter(({ slug }) => slug !== piece.slug).slice(0, 4);
  return layout(shop, {
    title: piece.name,
    page: piece.url,
    data: dataBlock('product-data', piece),
    content: `
  <p class="crumbs"><a href="/">Pieces</a> <span aria-hidden="true">/</span> ${escapeHtml(piece.categories[0])}</p>
  <article class="product">
    ${picture(piece, `tone-${piece.slug}`, 'eager')}
    <div>
      <h1>${escapeHtml(piece.name)}</h1>
      <p class="price">${price(piece)}</p>
      <p class="lead">${escapeHtml(piece.text)}</p>
      <form id="add-to-cart" class="add">
        <p class="field"><label for="quantity">Quantity</label>
        <input id="quantity" name="quantity" type="number" min="1" max="9" value="1" required></p>
        <button class="primary" name="then" value="stay">Add to cart</button>
        <button name="then" value="leave">Buy now</button>
      </form>
      <p class="hint">“Buy now” adds the piece and leaves for the cart in the same breath. The event is kept all the same.</p>
      <dl class="facts">
        <div><dt>Glaze</dt><dd>${escapeHtml(piece.glaze)}</dd></div>
        <div><dt>Size</dt><dd>${escapeHtml(piece.size)}</dd></div>
        <div><dt>Care</dt><dd>Dishwasher and oven, not the hob</dd></div>
        <div><dt>Number</dt><dd>${piece.sku}</dd></div>
      </dl>
    </div>
  </article>
  <section aria-labelledby="more"><h2 id="more">Stands well beside</h2><ul class="grid">${others.map(card).join('')}</ul></section>`,
  });
}

export const cart = (shop) =>
  layout(shop, {
    title: 'Cart',
    page: '/cart',
    content: `
  <h1>Your cart</h1>
  <div data-cart></div>`,
  });

const field = (
  name,
  label,
  { type = 'text', auto = '', hint = '', wide = false, place = '' } = {},
) => `
      <p class="field${wide ? ' wide' : ''}"><label for="${name}">${label}</label>
      <input id="${name}" name="${name}" type="${type}" autocomplete="${auto}"${place ? ` placeholder="${place}"` : ''}${hint ? ` aria-describedby="${name}-hint"` : ''} required>${hint ? `<small id="${name}-hint">${hint}</small>` : ''}</p>`;

export const checkout = (shop) =>
  layout(shop, {
    title: 'Checkout',
    page: '/checkout',
    content: `
  <h1>Checkout</h1>
  <div class="split">
    <form id="checkout" class="fields">
      ${field('email', 'Email', { type: 'email', auto: 'email', wide: true, place: 'ada@lovelace.shop', hint: 'Leaving this field tells the tracker who you are: held events are released.' })}
      ${field('firstName', 'First name', { auto: 'given-name' })}
      ${field('lastName', 'Last name', { auto: 'family-name' })}
      ${field('address', 'Street and number', { auto: 'street-address', wide: true })}
      ${field('zip', 'Postal code', { auto: 'postal-code' })}
      ${field('city', 'Town', { auto: 'address-level2' })}
      <p class="problem wide" role="alert" data-problem hidden></p>
      <p class="buttons wide"><button class="primary">Place the order</button> <a href="/cart">Back to the cart</a></p>
    </form>
    <aside class="summary" aria-label="Order"><h2>Your order</h2><div data-summary></div></aside>
  </div>`,
  });

const orderLine = ({ name, quantity, price }) =>
  `<li>${quantity} × ${escapeHtml(name)}<span class="price">${money(price * quantity)}</span></li>`;

/** The confirmation: of what the shop's backend has taken, whatever became of it since. */
export function thanks(shop, { id, customer, items, total, shippingAddress: to }) {
  return layout(shop, {
    title: 'Thank you',
    page: '/thanks',
    content: `
  <h1>Thank you, ${escapeHtml(customer.firstName)}.</h1>
  <p class="lead">Order ${id} is yours: it would now be wrapped in last week’s newspaper.</p>
  <div class="split is-swapped">
    <aside class="summary" aria-label="Order ${id}"><h2>Order ${id}</h2>
      <ul class="plain">${items.map(orderLine).join('')}</ul>
      <p class="total"><span>Total</span><span>${money(total)}</span></p>
      <address>${[`${to.firstName} ${to.lastName}`, to.address1, `${to.zip} ${to.city}`].map(escapeHtml).join('<br>')}</address>
    </aside>
    <div>
      <div class="aside"><h2>What has just happened</h2>
      <ol class="steps">
        <li>The shop’s backend priced the cart from its own catalogue and wrote the order down. That is all this page has waited for.</li>
        <li>It signs the order and posts it to the <b>order endpoint</b>, again and again until it has a receipt.</li>
        <li>The endpoint keeps it on disk and tells Klaviyo: <b>Placed Order</b>, and <b>Ordered Product</b> for each line. Both join what this browser has tracked.</li>
      </ol>
      <p class="hint">Kill the endpoint in the inspector, order once more, start it again: nothing is lost, and nothing counts twice.</p></div>
      <p class="buttons"><a class="button" href="/">Back to the pieces</a></p>
    </div>
  </div>`,
  });
}

export const app = (shop) =>
  layout(shop, {
    title: 'App',
    page: '/app',
    scripts: appBundle,
    data: dataBlock('catalogue-data', products),
    content: `<div id="app"><h1>Loading the app</h1></div>`,
  });

export const notFound = (shop) =>
  layout(shop, {
    title: 'Not found',
    page: '/404',
    content: `<div class="prose"><h1>Nothing on this shelf.</h1>
    <p class="lead">The page you asked for does not exist.</p><p><a class="button" href="/">Back to the pieces</a></p></div>`,
  });
