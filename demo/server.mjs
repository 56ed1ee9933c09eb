import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { createSandbox } from 'klaviyo-storefront/sandbox';
import { openDesk } from './orders/desk.mjs';
import { createRoutes } from './orders/routes.mjs';
import { products } from './products.mjs';
import * as pages from './render.mjs';

const HOST = '127.0.0.1';
const COMPANY_ID = 'AbC123';
const PORTS_TO_TRY = 20;
const ASSET_PATH = /^\/assets\/((?:images\/)?[\w-]+\.(?:css|js|svg))$/;
const THANKS_PATH = /^\/thanks\/([\w-]{36})$/;
const DIST_PATH = /^\/dist\/((?:script|snippet|index)\.js(?:\.map)?)$/;
const CONSENT_COOKIE = /(?:^|; )saltmarsh_consent=(granted|pending|denied)(?:;|$)/;
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.map': 'application/json',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const fileOf = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Calls `attempt` with port, port + 1, ... until one of them is free. */
async function onFreePort(port, attempt) {
  for (let offset = 0; ; offset++) {
    try {
      return await attempt(port + offset);
    } catch (error) {
      if (error?.code !== 'EADDRINUSE' || port === 0 || offset >= PORTS_TO_TRY) throw error;
    }
  }
}

function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve(server.address().port);
    });
  });
}

/** The SPA page, bundled from the npm entry as a shop's own build would do it. */
async function bundleApp() {
  const { outputFiles } = await build({
    entryPoints: [fileOf('./app/main.ts')],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0].text;
}

/** No inline script or style, nothing from elsewhere; the only other origin is the sandbox. */
const contentSecurityPolicy = (sandboxUrl) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${sandboxUrl}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

function renderPage(path, shop, desk) {
  const page = { '/': pages.catalogue, '/cart': pages.cart, '/checkout': pages.checkout };
  if (Object.hasOwn(page, path)) return page[path](shop);
  const order = desk.order(THANKS_PATH.exec(path)?.[1]);
  if (order) return pages.thanks(shop, order);
  if (path === '/app') return pages.app(shop);
  const product = products.find(({ url }) => url === path);
  return product && pages.product(shop, product);
}

const isMissing = (error) => error?.code === 'ENOENT';

/**
 * Starts the shop, the local Klaviyo behind it, and the order endpoint between the two. A port that is taken
 * moves on to the next free one.
 *
 * @param {{ port?: number, sandboxPort?: number, ordersPort?: number, folder?: string,
 *   log?: (text: string) => void }} [options]
 *   `folder` is where orders are kept; without one they are gone when the demo ends
 */
export async function startDemo({
  port = 4173,
  sandboxPort = 4273,
  ordersPort = 4373,
  folder,
  log = () => {},
} = {}) {
  const appScript = await bundleApp();
  const shop = {
    companyId: COMPANY_ID,
    // The inspector forgets what it tracked before: the sandbox starts empty, too.
    runId: randomUUID(),
    sandboxUrl: '',
    appIntegrity: `sha384-${createHash('sha384').update(appScript).digest('base64')}`,
  };
  let url;
  let desk;
  let routes;

  async function respond(request, path) {
    if (routes.isOf(request.method, path)) {
      const [status, value] = await routes.answer(request, path);
      return [status, TYPES['.json'], JSON.stringify(value)];
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return [405, 'text/plain', 'Only GET, HEAD and POST here.'];
    }
    if (path === '/assets/app.js') return [200, TYPES['.js'], appScript];
    const asset = ASSET_PATH.exec(path)?.[1];
    const dist = DIST_PATH.exec(path)?.[1];
    if (asset ?? dist) {
      const file = asset ? `./public/${asset}` : `../dist/${dist}`;
      return [200, TYPES[extname(path)], await readFile(fileOf(file))];
    }
    // Read again for each page, so that a rebuild while the demo runs needs no restart.
    const integrity = JSON.parse(await readFile(fileOf('../dist/integrity.json'), 'utf8'));
    // The shop remembers the visitor's answer, the tracker is told on every page.
    const consent = CONSENT_COOKIE.exec(request.headers.cookie ?? '')?.[1] ?? 'granted';
    const visit = { ...shop, integrity, consent };
    const html = renderPage(path, visit, desk);
    return html ? [200, TYPES['.html'], html] : [404, TYPES['.html'], pages.notFound(visit)];
  }

  const server = createServer(async (request, response) => {
    const send = (status, type, body) =>
      response
        .writeHead(status, {
          'content-type': type,
          'content-security-policy': contentSecurityPolicy(shop.sandboxUrl),
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'same-origin',
          'cache-control': 'no-cache',
        })
        .end(request.method === 'HEAD' ? undefined : body);
    try {
      const { pathname } = new URL(request.url, `http://${HOST}`);
      send(...(await respond(request, pathname)));
    } catch (error) {
      if (isMissing(error)) send(404, 'text/plain', 'No such file. Has the package been built?');
      else {
        log(`demo: ${error?.stack ?? error}`);
        send(500, 'text/plain', 'The demo server failed; its log says why.');
      }
    }
  });

  const privateKey = `pk_${randomBytes(17).toString('hex')}`;
  const sandbox = await onFreePort(sandboxPort, (candidate) =>
    createSandbox({
      ...{ port: candidate, host: HOST, companies: [COMPANY_ID] },
      privateKeys: { [privateKey]: COMPANY_ID },
    }),
  );
  shop.sandboxUrl = new URL(sandbox.url).origin;
  const ordersFolder = folder ?? mkdtempSync(join(tmpdir(), 'klaviyo-storefront-demo-'));
  const removeFolder = () => {
    if (!folder) rmSync(ordersFolder, { recursive: true, force: true });
  };
  // Ctrl-C twice ends the demo in the middle of closing; npm makes two of every one.
  process.once('exit', removeFolder);

  async function close() {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    // The sandbox first: what hangs there is not worth waiting for.
    await Promise.all([closed, sandbox.close(), desk?.close()]);
    process.off('exit', removeFolder);
    removeFolder();
  }

  try {
    desk = await openDesk({
      ...{ folder: ordersFolder, isTemporary: !folder, sandbox, privateKey, onFreePort, log },
      ...{ publicKey: COMPANY_ID, port: ordersPort, origin: () => url },
    });
    routes = createRoutes(desk);
    url = `http://${HOST}:${await onFreePort(port, (candidate) => listen(server, candidate))}`;
  } catch (error) {
    await close();
    throw error;
  }
  return { url, sandboxUrl: shop.sandboxUrl, ordersUrl: desk.endpoint().url, desk, close };
}
