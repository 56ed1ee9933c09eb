// A tiny shop: pages that load the built tracker the ways a shop does, under the strictest CSP it can have.
import { readFileSync } from 'node:fs';
import {
  createServer,
  request as forward,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { ClientOptions } from 'klaviyo-storefront';

/** What a page of the shop is to be like. Carried in its address, so that every page of a visit is alike. */
export interface Visit {
  /** Path of the page. Default `/product`. */
  path?: string;
  /** How the tracker comes in. Default `script`. */
  by?: 'script' | 'npm' | 'both' | 'nothing';
  /** Options of the client beside `apiHost`; a flush follows 20 ms after the last event by default. */
  options?: Partial<ClientOptions>;
  /** Further attributes of the script tag. */
  attributes?: Record<string, string>;
  /** Whether snippet.js is pasted into the page. */
  stub?: boolean;
  /** Parameters of the address, such as `_kx`. */
  query?: Record<string, string>;
}

/** A request that went through the shop's own path `/k`. */
export interface Forwarded {
  /** The page it came from. */
  from: string;
  startAt: number;
  endAt: number;
}

export interface Shop {
  /** Without a slash at the end. */
  origin: string;
  url(apiHost: string, visit?: Visit): string;
  /** A page of another site, without a tracker. */
  elsewhere: string;
  /** `apiHost` of a first-party path that leads to `apiHost`; what went through is in `forwarded`. */
  firstParty(apiHost: string): { apiHost: string; forwarded: Forwarded[] };
  close(): Promise<void>;
}

/** Read once, so that a build in between cannot give a page the hash of another script. */
function readDist() {
  const read = (name: string): string =>
    readFileSync(fileURLToPath(new URL(`../../dist/${name}`, import.meta.url)), 'utf8');
  const integrity: Record<string, string> = JSON.parse(read('integrity.json'));
  return { script: read('script.js'), snippet: read('snippet.js'), integrity };
}
type Dist = ReturnType<typeof readDist>;

const quoted = (text: string): string => text.replace(/&/g, '&amp;').replace(/"/g, '&quot;');
const kebab = (name: string): string => name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);

const npmPage = `
  import { addedToCart, createClient, startedCheckout, viewedProduct } from 'klaviyo-storefront';
  const options = JSON.parse(document.querySelector('meta[name=options]').content);
  Object.assign(window, { store: { addedToCart, createClient, startedCheckout, viewedProduct, options } });
  window.npmClient = createClient(options);
`;

const elsewherePage = '<!doctype html><title>Elsewhere</title><link rel="icon" href="data:,">';

/** What a shop with a bundler ships: the package by its own name, through its exports. */
async function bundleNpmPage(): Promise<string> {
  const resolveDir = fileURLToPath(new URL('.', import.meta.url));
  const { outputFiles } = await build({
    stdin: { contents: npmPage, resolveDir },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
  });
  return outputFiles[0]?.text ?? '';
}

function renderPage(dist: Dist, visit: Visit, apiHost: string): { html: string; csp: string } {
  const { by = 'script', stub = false, attributes = {} } = visit;
  const options: ClientOptions & { apiHost: string } = {
    companyId: 'AbC123',
    apiHost,
    flushIntervalMs: 20,
    ...visit.options,
  };
  const data = Object.entries(options).map(([name, value]): [string, string] => [
    `data-${kebab(name)}`,
    `${value}`,
  ]);
  const tag = [...data, ...Object.entries(attributes)]
    .map(([name, value]) => ` ${name}="${quoted(value)}"`)
    .join('');
  const api = options.apiHost.startsWith('/') ? "'self'" : new URL(options.apiHost).origin;
  const script = `<script async src="/script.js" integrity="${dist.integrity['script.js']}" crossorigin="anonymous"${tag}></script>`;
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
<link rel="icon" href="data:,">
<meta name="options" content="${quoted(JSON.stringify(options))}">
${stub ? `<script>${dist.snippet}</script>` : ''}
${by === 'script' || by === 'both' ? script : ''}
${by === 'npm' || by === 'both' ? '<script type="module" src="/npm.js"></script>' : ''}
</head><body><h1>${quoted(visit.path ?? '/product')}</h1>
<a href="/elsewhere">Leave</a>
<form action="/elsewhere" method="post"><button>Buy</button></form></body></html>`;
  const csp = [
    "default-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    'img-src data:',
    // The pasted stub is allowed by the hash that the build writes; nothing else inline is.
    `script-src 'self'${stub ? ` '${dist.integrity['snippet.js']}'` : ''}`,
    `connect-src ${api}`,
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  return { html, csp };
}

export async function createShop(): Promise<Shop> {
  const dist = readDist();
  const bundled = await bundleNpmPage();
  const targets = new Map<string, { apiHost: string; forwarded: Forwarded[] }>();

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', 'http://shop');
    const reply = (type: string, body: string, headers: Record<string, string> = {}): void => {
      response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache', ...headers });
      response.end(body);
    };
    const [, first = '', key = ''] = url.pathname.split('/');
    const target = first === 'k' ? targets.get(key) : undefined;
    if (target) {
      relay(
        request,
        response,
        target.apiHost + request.url?.slice(`/k/${key}`.length),
        target.forwarded,
      );
    } else if (first === 'script.js') reply('text/javascript', dist.script);
    else if (first === 'npm.js') reply('text/javascript', bundled);
    else if (first === 'elsewhere') reply('text/html', elsewherePage);
    else if (!url.searchParams.has('api')) response.writeHead(404).end();
    else {
      const visit: Visit = JSON.parse(url.searchParams.get('visit') ?? '{}');
      const { html, csp } = renderPage(dist, visit, url.searchParams.get('api') ?? '');
      reply('text/html', html, { 'content-security-policy': csp });
    }
  };

  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;

  return {
    origin,
    url: (apiHost, visit = {}) => {
      const { path = '/product', query = {} } = visit;
      const search = new URLSearchParams({ ...query, api: apiHost, visit: JSON.stringify(visit) });
      return `${origin}${path}?${search}`;
    },
    elsewhere: `http://localhost:${port}/elsewhere`,
    firstParty: (apiHost) => {
      const key = `${targets.size}`;
      const forwarded: Forwarded[] = [];
      targets.set(key, { apiHost, forwarded });
      return { apiHost: `/k/${key}`, forwarded };
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Hands a request on and notes from when to when it was under way. */
function relay(
  request: IncomingMessage,
  response: ServerResponse,
  url: string,
  forwarded: Forwarded[],
): void {
  const from = new URL(request.headers.referer ?? 'http://shop/').pathname;
  const entry: Forwarded = { from, startAt: performance.now(), endAt: Number.POSITIVE_INFINITY };
  forwarded.push(entry);
  const { host: _, connection: __, ...headers } = request.headers;
  const onward = forward(url, { method: request.method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
    answer.on('end', () => {
      entry.endAt = performance.now();
    });
  });
  onward.on('error', () => response.destroy());
  request.pipe(onward);
}
