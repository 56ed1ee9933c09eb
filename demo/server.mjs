import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { createSandbox } from 'klaviyo-storefront/sandbox';
import { products } from './products.mjs';
import * as pages from './render.mjs';

const HOST = '127.0.0.1';
const COMPANY_ID = 'AbC123';
const PORTS_TO_TRY = 20;
const ASSET_PATH = /^\/assets\/((?:images\/)?[\w-]+\.(?:css|js|svg))$/;
const DIST_PATH = /^\/dist\/((?:script|snippet|index)\.js(?:\.map)?)$/;
const CONSENT_COOKIE = /(?:^|; )saltmarsh_consent=(granted|pending|denied)(?:;|$)/;
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.map': 'application/json',
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
    `connect-src ${sandboxUrl}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

function renderPage(path, shop) {
  const page = { '/': pages.catalogue, '/cart': pages.cart, '/checkout': pages.checkout };
  if (Object.hasOwn(page, path)) return page[path](shop);
  if (path === '/thanks') return pages.thanks(shop);
  if (path === '/app') return pages.app(shop);
  const product = products.find(({ url }) => url === path);
  return product && pages.product(shop, product);
}

const isMissing = (error) => error?.code === 'ENOENT';

/**
 * Starts the shop and the local Klaviyo behind it. A port that is taken moves on to the next free one.
 */
export async function startDemo({ port = 4173, sandboxPort = 4174, log = () => {} } = {}) {
  const appScript = await bundleApp();
  const shop = {
    companyId: COMPANY_ID,
    // The inspector forgets what it tracked before: the sandbox starts empty, too.
    runId: randomUUID(),
    sandboxUrl: '',
    appIntegrity: `sha384-${createHash('sha384').update(appScript).digest('base64')}`,
  };

  async function respond(path, cookies) {
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
    const consent = CONSENT_COOKIE.exec(cookies)?.[1] ?? 'granted';
    const visit = { ...shop, integrity, consent };
    const html = renderPage(path, visit);
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
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        send(405, 'text/plain', 'Only GET and HEAD here.');
        return;
      }
      const { pathname } = new URL(request.url, `http://${HOST}`);
      send(...(await respond(pathname, request.headers.cookie ?? '')));
    } catch (error) {
      if (isMissing(error)) send(404, 'text/plain', 'No such file. Has the package been built?');
      else {
        log(`demo: ${error?.stack ?? error}`);
        send(500, 'text/plain', 'The demo server failed; its log says why.');
      }
    }
  });

  const shopPort = await onFreePort(port, (candidate) => listen(server, candidate));
  const sandbox = await onFreePort(sandboxPort, (candidate) =>
    createSandbox({ port: candidate, host: HOST, companies: [COMPANY_ID] }),
  ).catch((error) => {
    server.close();
    throw error;
  });
  shop.sandboxUrl = new URL(sandbox.url).origin;

  return {
    url: `http://${HOST}:${shopPort}`,
    sandboxUrl: shop.sandboxUrl,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await Promise.all([closed, sandbox.close()]);
    },
  };
}
