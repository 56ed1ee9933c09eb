// The shop all of them work in: one page each, which loads its script and says who the visitor is.
import { once } from 'node:events';
import { createServer } from 'node:http';

/** What a product page tracks; `n` tells the events apart. */
const inPage = `
window.product = (n) => ({
  n, ProductName: 'Estuary teapot', ProductID: 'teapot', SKU: 'ET-1', Categories: ['Kitchen', 'Tea'],
  ImageURL: 'https://shop.example/images/estuary-teapot.jpg',
  URL: 'https://shop.example/products/estuary-teapot', Brand: 'Samphire', Price: 48, CompareAtPrice: 60,
});
window.trackAll = (names) => {
  for (const n of names) tracker.track('Viewed Product', product(n));
};`;

const page = (id, isModules) => `<!doctype html><meta charset="utf-8"><title>Shop</title>
<link rel="icon" href="data:,"><h1>Estuary teapot</h1><script>${inPage}</script>
${isModules ? `<script type="module" src="/modules/${id}/stdin.js">` : `<script src="/scripts/${id}.js">`}</script>`;

/**
 * @param {Map<string, string>} files what else there is, by path: [`/scripts/ours.js`, text]
 */
export async function startShop(files) {
  /** Paths of scripts that were asked for. */
  const asked = [];
  const server = createServer(({ url }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://shop');
    const text = files.get(pathname);
    if (text !== undefined) asked.push(pathname);
    const isScript = pathname.endsWith('.js');
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.writeHead(isScript && text === undefined ? 404 : 200);
    response.end(text ?? page(searchParams.get('of'), searchParams.has('modules')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  return {
    asked,
    origin: `http://127.0.0.1:${port}`,
    urlOf: (id, collector, more = '') =>
      `http://127.0.0.1:${port}/products/teapot?of=${id}&to=${encodeURIComponent(collector.url)}${more}`,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}
