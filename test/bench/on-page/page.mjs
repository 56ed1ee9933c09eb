// A product page like the demo's, served with and without the tracker.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { brotliCompressSync } from 'node:zlib';

const read = (path) => readFileSync(new URL(`../../../${path}`, import.meta.url));
const assets = {
  '/script.js': ['text/javascript', read('dist/script.js')],
  '/snippet.js': ['text/javascript', read('dist/snippet.js')],
  '/shop.css': ['text/css', read('demo/public/shop.css')],
  '/teapot.svg': ['image/svg+xml', read('demo/public/images/estuary-teapot.svg')],
};

const tag = (apiHost) => `<script src="/snippet.js"></script>
<script async src="/script.js?company_id=AbC123" data-api-host="${apiHost}"></script>`;

/** What a theme does; without the tracker there is nothing to call. */
const theme = `
const product = {
  ProductName: 'Estuary teapot', ProductID: 'teapot', SKU: 'ET-1', Categories: ['Kitchen', 'Tea'],
  ImageURL: location.origin + '/teapot.svg', URL: location.href, Brand: 'Samphire', Price: 48,
};
window.klaviyo?.identify({ $email: 'ada@lovelace.shop' });
window.klaviyo?.track('Viewed Product', product);
const lines = [];
document.querySelector('form').addEventListener('submit', (event) => {
  event.preventDefault();
  lines.push({ ...product, Quantity: 1 });
  sessionStorage.setItem('cart', JSON.stringify(lines));
  document.querySelector('[data-cart]').textContent = lines.length;
  document.querySelector('ul').append(
    Object.assign(document.createElement('li'), { textContent: product.ProductName }),
  );
  window.klaviyo?.track('Added to Cart', {
    $value: 48 * lines.length, AddedItemProductName: product.ProductName, AddedItemPrice: 48,
    ItemNames: lines.map((line) => line.ProductName), Items: lines,
  });
});`;

const html = (head) => `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Estuary teapot</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/shop.css">${head}
<div class="page"><header class="top"><a href="#">Cart <span data-cart>0</span></a></header><main>
<h1>Estuary teapot</h1><img src="/teapot.svg" alt="" width="480" height="480"><p>48 €</p>
<form><button class="primary">Add to cart</button></form><ul></ul>
${'<section><h2>Also from this kiln</h2><p>Stoneware, glazed by hand, for daily use.</p></section>'.repeat(40)}
</main></div><script>${theme}</script></html>`;

/** @param {string} apiHost @returns the address of the page without a tracker, and with one */
export async function startProductPage(apiHost) {
  const pages = { '/without': html(''), '/with': html(tag(apiHost)) };
  const server = createServer(({ url }, response) => {
    const { pathname } = new URL(url, 'http://shop');
    const [type, body] = assets[pathname] ?? ['text/html', Buffer.from(pages[pathname] ?? '')];
    response.writeHead(200, { 'content-type': type, 'content-encoding': 'br' });
    response.end(brotliCompressSync(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
