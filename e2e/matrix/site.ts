// The shop of one scenario: pages with the built tracker, and the line on which they report.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ClientOptions, Reports } from 'klaviyo-storefront';
import { answerAgent, readAll } from './agent.js';
import { type PageSettings, putHooks } from './on-page.js';

/** What a page is to be like. Carried in its address. */
export interface Visit extends PageSettings {
  path?: string;
  /** Script tags of the tracker. Default 1. */
  scripts?: number;
  /** Whether snippet.js is pasted in. */
  stub?: boolean;
  /** Where script.js is; an address where nothing is stands for one that is blocked. */
  scriptUrl?: string;
  /** Options of the client; a flush follows 20 ms after the last event by default. */
  options?: Partial<ClientOptions>;
  /** Runs in the page's head before the tracker. */
  inline?: string;
}

export interface Site {
  url(visit?: Visit): string;
  /** Another origin of the same shop: to a browser a visitor who has never been here. */
  freshOrigin(): Promise<string>;
  /** A page of another site, without a tracker. */
  elsewhere(origin?: string): string;
  /** How many pages of other sites have been loaded. */
  left(): number;
  dropped: Reports['dropped'][];
  errors: string[];
  warnings: string[];
  close(): Promise<void>;
}

const fromRoot = (path: string): string =>
  readFileSync(join(process.env.MATRIX_ROOT ?? '.', path), 'utf8');
const quoted = (text: string): string => text.replace(/&/g, '&amp;').replace(/"/g, '&quot;');
const kebab = (name: string): string => name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);

/** Says when it has loaded: until then the page before it is being left. */
const elsewherePage = `<!doctype html><title>Elsewhere</title><link rel="icon" href="data:,">
<script>addEventListener('load', () => fetch('/left', { method: 'POST' }))</script>`;

function pageOf(visit: Visit, apiHost: string, snippet: string): string {
  const { scripts = 1, scriptUrl = '/script.js', broken, clock } = visit;
  // Says all that it ever says, and nothing personal may be in it.
  const usual = { companyId: 'AbC123', apiHost, flushIntervalMs: 20, debug: true };
  const options = { ...usual, ...visit.options };
  const data = Object.entries(options)
    .map(([name, value]) => ` data-${kebab(name)}="${quoted(`${value}`)}"`)
    .join('');
  const settings: PageSettings = { ...(broken && { broken }), ...(clock && { clock }) };
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
<link rel="icon" href="data:,">
<script>(${putHooks})(${JSON.stringify(settings)})</script>
${visit.stub ? `<script>${snippet}</script>` : ''}
${visit.inline ? `<script>${visit.inline}</script>` : ''}
${`<script async src="${scriptUrl}"${data}></script>`.repeat(scripts)}
</head><body><h1>Shop</h1><form action="/elsewhere" method="post"><button>Buy</button></form></body></html>`;
}

export async function createSite(apiHost: string): Promise<Site> {
  const script = fromRoot('dist/script.js');
  const snippet = fromRoot('dist/snippet.js');
  const servers: Server[] = [];
  let left = 0;

  const site: Site = {
    dropped: [],
    errors: [],
    warnings: [],
    left: () => left,
    url: (visit = {}) => `${origin}${pathOf(visit)}`,
    elsewhere: (from = origin) => `${from.replace('127.0.0.1', 'localhost')}/elsewhere`,
    freshOrigin: () => listen(),
    close: async () => {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise<void>((resolve) => server.close(() => resolve()));
      }
    },
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://shop');
    const body = request.method === 'POST' ? await readAll(request) : '';
    const reply = (type: string, text: string): void => {
      response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' });
      response.end(text);
    };
    if (pathname === '/report') {
      for (const { kind, content } of JSON.parse(body)) {
        if (kind === 'dropped') site.dropped.push(content);
        else site[kind === 'error' ? 'errors' : 'warnings'].push(content);
      }
      response.writeHead(204).end();
    } else if (pathname.startsWith('/agent/')) answerAgent(pathname, body, response);
    else if (pathname === '/script.js') reply('text/javascript', script);
    else if (pathname === '/elsewhere') reply('text/html', elsewherePage);
    else if (pathname === '/left') {
      left += 1;
      response.writeHead(204).end();
    } else if (!searchParams.has('visit')) response.writeHead(404).end();
    else reply('text/html', pageOf(JSON.parse(searchParams.get('visit') ?? ''), apiHost, snippet));
  };

  async function listen(): Promise<string> {
    const server = createServer((request, response) => {
      answer(request, response).catch(() => response.destroy());
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const origin = await listen();
  return site;
}

/** The page's address within its origin. */
export const pathOf = ({ path = '/product', ...visit }: Visit): string =>
  `${path}?visit=${encodeURIComponent(JSON.stringify(visit))}`;
